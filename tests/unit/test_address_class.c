/* Classes of addresses: each block's first and last address and its neighbours, written as text. */

#include "base/address_class.h"

#include <arpa/inet.h>

#include "tests/unit/test.h"

static const struct {
    const char *address;
    enum address_class class;
} table[] = {
    {"0.0.0.0", ADDRESS_CLASS_UNSPECIFIED},
    {"0.255.255.255", ADDRESS_CLASS_UNSPECIFIED},
    {"1.0.0.0", ADDRESS_CLASS_GLOBAL},
    {"8.8.8.8", ADDRESS_CLASS_GLOBAL},
    {"9.255.255.255", ADDRESS_CLASS_GLOBAL},
    {"10.0.0.0", ADDRESS_CLASS_PRIVATE},
    {"10.255.255.255", ADDRESS_CLASS_PRIVATE},
    {"11.0.0.0", ADDRESS_CLASS_GLOBAL},
    {"100.63.255.255", ADDRESS_CLASS_GLOBAL},
    {"100.64.0.0", ADDRESS_CLASS_SHARED},
    {"100.127.255.255", ADDRESS_CLASS_SHARED},
    {"100.128.0.0", ADDRESS_CLASS_GLOBAL},
    {"126.255.255.255", ADDRESS_CLASS_GLOBAL},
    {"127.0.0.1", ADDRESS_CLASS_LOOPBACK},
    {"127.255.255.255", ADDRESS_CLASS_LOOPBACK},
    {"128.0.0.0", ADDRESS_CLASS_GLOBAL},
    {"169.253.255.255", ADDRESS_CLASS_GLOBAL},
    {"169.254.169.254", ADDRESS_CLASS_LINK_LOCAL},
    {"169.255.0.0", ADDRESS_CLASS_GLOBAL},
    {"172.15.255.255", ADDRESS_CLASS_GLOBAL},
    {"172.16.0.0", ADDRESS_CLASS_PRIVATE},
    {"172.31.255.255", ADDRESS_CLASS_PRIVATE},
    {"172.32.0.0", ADDRESS_CLASS_GLOBAL},
    {"192.0.0.8", ADDRESS_CLASS_RESERVED},
    {"192.0.1.0", ADDRESS_CLASS_GLOBAL},
    {"192.0.2.1", ADDRESS_CLASS_RESERVED},
    {"192.88.99.1", ADDRESS_CLASS_RESERVED},
    {"192.167.255.255", ADDRESS_CLASS_GLOBAL},
    {"192.168.0.0", ADDRESS_CLASS_PRIVATE},
    {"192.168.255.255", ADDRESS_CLASS_PRIVATE},
    {"192.169.0.0", ADDRESS_CLASS_GLOBAL},
    {"198.17.255.255", ADDRESS_CLASS_GLOBAL},
    {"198.18.0.0", ADDRESS_CLASS_RESERVED},
    {"198.19.255.255", ADDRESS_CLASS_RESERVED},
    {"198.20.0.0", ADDRESS_CLASS_GLOBAL},
    {"198.51.100.7", ADDRESS_CLASS_RESERVED},
    {"203.0.113.7", ADDRESS_CLASS_RESERVED},
    {"223.255.255.255", ADDRESS_CLASS_GLOBAL},
    {"224.0.0.1", ADDRESS_CLASS_MULTICAST},
    {"239.255.255.255", ADDRESS_CLASS_MULTICAST},
    {"240.0.0.0", ADDRESS_CLASS_RESERVED},
    {"255.255.255.255", ADDRESS_CLASS_RESERVED},
    {"::", ADDRESS_CLASS_UNSPECIFIED},
    {"::1", ADDRESS_CLASS_LOOPBACK},
    {"::2", ADDRESS_CLASS_RESERVED},
    {"::127.0.0.1", ADDRESS_CLASS_RESERVED},
    {"::ffff:127.0.0.1", ADDRESS_CLASS_LOOPBACK},
    {"::ffff:10.1.2.3", ADDRESS_CLASS_PRIVATE},
    {"::ffff:169.254.169.254", ADDRESS_CLASS_LINK_LOCAL},
    {"::ffff:0.0.0.0", ADDRESS_CLASS_UNSPECIFIED},
    {"::ffff:8.8.8.8", ADDRESS_CLASS_GLOBAL},
    {"64:ff9b::127.0.0.1", ADDRESS_CLASS_LOOPBACK},
    {"64:ff9b::192.168.1.1", ADDRESS_CLASS_PRIVATE},
    {"64:ff9b::8.8.8.8", ADDRESS_CLASS_GLOBAL},
    {"64:ff9b:1::8.8.8.8", ADDRESS_CLASS_PRIVATE},
    {"64:ff9c::1", ADDRESS_CLASS_RESERVED},
    {"100::1", ADDRESS_CLASS_RESERVED},
    {"1fff:ffff::1", ADDRESS_CLASS_RESERVED},
    {"2000::1", ADDRESS_CLASS_GLOBAL},
    {"2001::1", ADDRESS_CLASS_RESERVED},
    {"2001:1ff::1", ADDRESS_CLASS_RESERVED},
    {"2001:200::1", ADDRESS_CLASS_GLOBAL},
    {"2001:db8::1", ADDRESS_CLASS_RESERVED},
    {"2001:db9::1", ADDRESS_CLASS_GLOBAL},
    {"2002:7f00:1::1", ADDRESS_CLASS_LOOPBACK},
    {"2002:c0a8:101::1", ADDRESS_CLASS_PRIVATE},
    {"2002:808:808::1", ADDRESS_CLASS_GLOBAL},
    {"2606:4700:4700::1111", ADDRESS_CLASS_GLOBAL},
    {"3fff:fff::1", ADDRESS_CLASS_RESERVED},
    {"3fff:1000::1", ADDRESS_CLASS_GLOBAL},
    {"4000::1", ADDRESS_CLASS_RESERVED},
    {"5f00::1", ADDRESS_CLASS_RESERVED},
    {"fbff::1", ADDRESS_CLASS_RESERVED},
    {"fc00::1", ADDRESS_CLASS_PRIVATE},
    {"fdff:ffff::1", ADDRESS_CLASS_PRIVATE},
    {"fe00::1", ADDRESS_CLASS_RESERVED},
    {"fe80::1", ADDRESS_CLASS_LINK_LOCAL},
    {"febf::1", ADDRESS_CLASS_LINK_LOCAL},
    {"fec0::1", ADDRESS_CLASS_PRIVATE},
    {"ff02::1", ADDRESS_CLASS_MULTICAST},
};

static void every_block_has_its_class(void **state)
{
    (void)state;
    for (size_t index = 0; index < sizeof(table) / sizeof(table[0]); index++) {
        struct in_addr four;
        struct in6_addr six;
        enum address_class class;
        if (inet_pton(AF_INET, table[index].address, &four) == 1) {
            class = address_class_4(ntohl(four.s_addr));
        } else {
            assert_int_equal(inet_pton(AF_INET6, table[index].address, &six), 1);
            class = address_class_6(six.s6_addr);
        }
        if (class != table[index].class) {
            fail_msg("%s is %s, should be %s", table[index].address, address_class_name(class),
                     address_class_name(table[index].class));
        }
    }
}

static void system_ports_are_closed_but_those_of_the_web(void **state)
{
    (void)state;
    assert_true(address_port_is_open(80));
    assert_true(address_port_is_open(443));
    assert_true(address_port_is_open(1024));
    assert_true(address_port_is_open(65535));
    assert_false(address_port_is_open(0));
    assert_false(address_port_is_open(22));
    assert_false(address_port_is_open(25));
    assert_false(address_port_is_open(1023));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_block_has_its_class),
        cmocka_unit_test(system_ports_are_closed_but_those_of_the_web),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
