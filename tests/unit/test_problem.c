#include "cli/problem.h"

#include "tests/unit/test.h"

static void tells_what_is_wrong_and_what_is_right(void **state)
{
    static const struct {
        const char *line, *told;
    } rows[] = {
        {"{\"level\":\"error\",\"msg\":\"bad setting\",\"name\":\"TROUPE_RATE\",\"value\":\"x\","
         "\"need\":\"a whole number from 1 to 5\"}",
         "TROUPE_RATE is \"x\": it takes a whole number from 1 to 5"},
        {"{\"msg\":\"bad setting\",\"name\":\"A\",\"need\":\"no more than B\"}",
         "A must be no more than B"},
        {"{\"msg\":\"bad setting\",\"name\":\"A\",\"value\":\"tcp://x\",\"problem\":\"no port\"}",
         "A is \"tcp://x\": no port"},
        {"{\"msg\":\"bad setting\",\"name\":\"A\",\"problem\":\"is no address\"}",
         "A is no address"},
        {"{\"msg\":\"a setting is missing\",\"name\":\"A\"}", "A is missing"},
        {"{\"msg\":\"setting is missing\",\"name\":\"A\"}", "A is missing"},
        {"{\"msg\":\"setting is not path or host\",\"name\":\"A\"}", "A is not path or host"},
        {"{\"msg\":\"bad fault rules\",\"setting\":\"A\",\"problem\":\"no such step\"}",
         "A: bad fault rules: no such step"},
        {"{\"msg\":\"cannot read the secret\",\"file\":\"/f\",\"problem\":\"denied\"}",
         "/f: cannot read the secret: denied"},
        {"{\"msg\":\"providers file cannot be read\",\"name\":\"A\",\"value\":\"/p\","
         "\"problem\":\"it is too large\"}",
         "A is \"/p\": it is too large"},
        {"{\"msg\":\"the secret is too short\",\"file\":\"/f\",\"bytes_min\":32}",
         "/f: the secret is too short (bytes_min 32)"},
        {"{\"msg\":\"providers file is wrong\",\"path\":\"/p\",\"use\":\"chat\",\"entry\":0,"
         "\"member\":\"url\",\"problem\":\"is missing\"}",
         "/p is wrong: url is missing (use chat, entry 0)"},
        {"{\"msg\":\"settings of the object store cannot be used\",\"problem\":\"no key\"}",
         "settings of the object store cannot be used: no key"},
        {"{\"msg\":\"more than one socket is inherited\",\"LISTEN_FDS\":2}",
         "more than one socket is inherited"},
        {"troupe-studio: listen: want ADDRESS:PORT, not x",
         "troupe-studio: listen: want ADDRESS:PORT, not x"},
        {"{ no JSON", "{ no JSON"},
        {"", ""},
    };
    (void)state;
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        struct buffer out;
        buffer_init(&out, 4096);
        assert_int_equal(problem_write(slice_from_string(rows[index].line), &out), STATUS_OK);
        assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
        assert_string_equal((const char *)out.data, rows[index].told);
        buffer_fini(&out);
    }
}

static void says_when_there_is_no_room(void **state)
{
    static const char line[] = "{\"msg\":\"m\",\"name\":\"A\",\"value\":\"x\",\"need\":\"y\"}";
    (void)state;
    for (size_t size = 0; size < 20; size++) {
        struct buffer out;
        buffer_init(&out, size);
        enum status status = problem_write(SLICE_LITERAL(line), &out);
        assert_true(status == STATUS_OK || status == STATUS_TOO_LARGE);
        assert_true((status == STATUS_OK) == (size >= strlen("A is \"x\": it takes y")));
        buffer_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_is_wrong_and_what_is_right),
        cmocka_unit_test(says_when_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
