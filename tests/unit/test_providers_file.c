#include "actors/providers_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "tests/unit/test.h"

struct read {
    enum status status;
    struct provider_list lists[PROVIDER_USE_COUNT];
    struct providers_file file;
};

static void put(char path[32], const char *text)
{
    memcpy(path, "/tmp/troupe-providers-XXXXXX", 29);
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
    close(descriptor);
}

static void read_text(const char *text, struct read *out)
{
    char path[32];
    put(path, text);
    memset(out, 0, sizeof(*out));
    out->status = providers_file_read(path, out->lists, &out->file);
    unlink(path);
}

static void reads_lists_in_their_order(void **state)
{
    struct read read;
    (void)state;
    setenv("TEST_PROVIDER_KEY", "sk-1 \n", 1);
    read_text("{\"image\":[{\"name\":\"first\",\"url\":\"https://a.example\",\"model\":\"m\","
              "\"keyEnv\":\"TEST_PROVIDER_KEY\",\"account\":\"shared\","
              "\"idempotencyHeader\":\"Idempotency-Key\",\"timeoutSeconds\":9,\"pollSeconds\":2,"
              "\"price\":0.04,"
              "\"limits\":{\"perSecond\":2,\"perMinute\":30,\"perDay\":500}},"
              "{\"name\":\"second\",\"url\":\"http://b.example\",\"model\":\"n\"}]}",
              &read);
    assert_int_equal(read.status, STATUS_OK);
    assert_int_equal(read.lists[PROVIDER_USE_CHAT].count, 0);
    const struct provider_list *list = &read.lists[PROVIDER_USE_IMAGE];
    assert_int_equal(list->count, 2);
    assert_string_equal(list->items[0].name, "first");
    assert_string_equal(list->items[0].key, "sk-1");
    assert_string_equal(list->items[0].account, "shared");
    assert_string_equal(list->items[0].idempotency_header, "Idempotency-Key");
    assert_int_equal(list->items[0].timeout_ms, 9000);
    assert_int_equal(list->items[0].poll_ms, 2000);
    assert_int_equal(list->items[0].price, 40000);
    assert_int_equal(list->items[1].price, 0);
    assert_int_equal(list->items[1].timeout_ms, 0);
    assert_int_equal(list->items[0].limit_second, 2);
    assert_int_equal(list->items[0].limit_minute, 30);
    assert_int_equal(list->items[0].limit_day, 500);
    assert_int_equal(list->items[1].limit_day, 0);
    assert_string_equal(list->items[1].key, "");
    assert_null(list->items[1].account);
    providers_file_fini(&read.file);
    unsetenv("TEST_PROVIDER_KEY");
}

static void reads_a_key_from_its_file(void **state)
{
    char path[32];
    char text[256];
    struct read read;
    (void)state;
    put(path, "sk-2\n");
    snprintf(
        text, sizeof(text),
        "{\"chat\":[{\"name\":\"a\",\"url\":\"http://a\",\"model\":\"m\",\"keyFile\":\"%s\"}]}",
        path);
    read_text(text, &read);
    assert_int_equal(read.status, STATUS_OK);
    assert_string_equal(read.lists[PROVIDER_USE_CHAT].items[0].key, "sk-2");
    providers_file_fini(&read.file);
    unlink(path);
}

#define ENTRY_OF(use, more) \
    "{\"" use "\":[{\"name\":\"a\",\"url\":\"http://a\",\"model\":\"m\"" more "}]}"
#define ENTRY(more)       ENTRY_OF("chat", more)
#define IMAGE_ENTRY(more) ENTRY_OF("image", more)

static void lets_chats_with_a_price_have_limits(void **state)
{
    struct read read;
    (void)state;
    read_text(ENTRY(",\"price\":0.000001,\"limits\":{\"perMinute\":3}"), &read);
    assert_int_equal(read.status, STATUS_OK);
    assert_int_equal(read.lists[PROVIDER_USE_CHAT].items[0].limit_minute, 3);
    providers_file_fini(&read.file);
}

static void takes_addresses_as_vendors_show_them(void **state)
{
    static const struct {
        const char *url;
        enum provider_api api;
        const char *base;
    } cases[] = {
        {"https://a.example", PROVIDER_API_OPENAI, "https://a.example"},
        {"https://a.example/v1", PROVIDER_API_OPENAI, "https://a.example"},
        {"https://a.example/api/v1", PROVIDER_API_OPENAI, "https://a.example/api"},
        {"https://a.example/api/v3", PROVIDER_API_OPENAI, "https://a.example/api/v3"},
        {"https://a.example/api/v3", PROVIDER_API_WAVESPEED, "https://a.example"},
        {"https://a.example/v1", PROVIDER_API_WAVESPEED, "https://a.example/v1"},
        {"https://a.example/v10", PROVIDER_API_OPENAI, "https://a.example/v10"},
        {"http://v1", PROVIDER_API_OPENAI, "http://v1"},
    };
    struct read read;
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_int_equal(provider_url_base(cases[index].url, cases[index].api),
                         strlen(cases[index].base));
    }
    read_text("{\"image\":[{\"name\":\"a\",\"url\":\"http://a/v1\",\"model\":\"m\"},"
              "{\"name\":\"b\",\"api\":\"wavespeed\",\"url\":\"http://b/api/v3\","
              "\"model\":\"m\"}]}",
              &read);
    assert_int_equal(read.status, STATUS_OK);
    assert_string_equal(read.lists[PROVIDER_USE_IMAGE].items[0].url, "http://a");
    assert_string_equal(read.lists[PROVIDER_USE_IMAGE].items[1].url, "http://b");
    providers_file_fini(&read.file);
}

static void refuses_what_is_wrong(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{",
        "{\"chat\":[],\"chat\":[]}",
        "{\"music\":[]}",
        "{\"chat\":{}}",
        "{\"chat\":[1]}",
        "{\"chat\":[{},{},{},{},{},{},{},{},{}]}",
        "{\"chat\":[{\"name\":\"a\",\"url\":\"http://a\"}]}",
        "{\"chat\":[{\"name\":\"a b\",\"url\":\"http://a\",\"model\":\"m\"}]}",
        "{\"chat\":[{\"name\":\"a\",\"url\":\"ftp://a\",\"model\":\"m\"}]}",
        "{\"chat\":[{\"name\":\"a\",\"url\":\"http://a/\",\"model\":\"m\"}]}",
        "{\"chat\":[{\"name\":\"a\",\"url\":\"http://u:p@a\",\"model\":\"m\"}]}",
        "{\"chat\":[{\"name\":\"a\",\"url\":\"http://a/x?api-version=1\",\"model\":\"m\"}]}",
        "{\"chat\":[{\"name\":\"a\",\"url\":\"http://a/v1#b\",\"model\":\"m\"}]}",
        "{\"chat\":[{\"name\":\"a\",\"url\":\"https://key@a/v1\",\"model\":\"m\"}]}",
        "{\"chat\":[{\"name\":\"a\",\"url\":\"http://a\",\"model\":\"m\"},"
        "{\"name\":\"a\",\"url\":\"http://b\",\"model\":\"m\"}]}",
        ENTRY(",\"key\":\"sk-1\""),
        ENTRY(",\"keyFile\":\"/no/such/file\""),
        ENTRY(",\"keyEnv\":\"TEST_NOT_SET\""),
        ENTRY(",\"keyEnv\":\"HOME\",\"keyFile\":\"/x\""),
        ENTRY(",\"idempotencyHeader\":\"Key\""),
        IMAGE_ENTRY(",\"idempotencyHeader\":\"Key: x\\r\\nHost\""),
        ENTRY(",\"price\":-1"),
        ENTRY(",\"price\":\"1\""),
        ENTRY(",\"price\":100.01"),
        ENTRY(",\"price\":0.0000001"),
        IMAGE_ENTRY(",\"limits\":1"),
        IMAGE_ENTRY(",\"limits\":{\"perSecond\":0}"),
        IMAGE_ENTRY(",\"limits\":{\"perMinute\":1.5}"),
        IMAGE_ENTRY(",\"limits\":{\"perDay\":0}"),
        IMAGE_ENTRY(",\"limits\":{\"perWeek\":1}"),
        ENTRY(",\"limits\":{\"perSecond\":1}"), /* its calls are not counted */
        ENTRY(",\"account\":7"),
        ENTRY(",\"colour\":\"red\""),
    };
    (void)state;
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        struct read read;
        read_text(texts[index], &read);
        if (read.status != STATUS_INVALID) {
            fail_msg("taken: %s", texts[index]);
        }
        providers_file_fini(&read.file);
    }
}

static void refuses_a_file_that_is_not_there_or_too_large(void **state)
{
    struct read read = {0};
    char *large = calloc(1, PROVIDERS_FILE_SIZE_MAX + 2);
    (void)state;
    assert_int_equal(providers_file_read("/no/such/file", read.lists, &read.file), STATUS_INVALID);
    memset(large, ' ', PROVIDERS_FILE_SIZE_MAX + 1);
    read_text(large, &read);
    assert_int_equal(read.status, STATUS_INVALID);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lists_in_their_order),
        cmocka_unit_test(reads_a_key_from_its_file),
        cmocka_unit_test(lets_chats_with_a_price_have_limits),
        cmocka_unit_test(takes_addresses_as_vendors_show_them),
        cmocka_unit_test(refuses_what_is_wrong),
        cmocka_unit_test(refuses_a_file_that_is_not_there_or_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
