/* Bodies when memory is short: who sent a good one is not told that it is bad. */

#include "gateway/body.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"

static size_t fails_at; /* counts down to the allocation that fails; the test program's */

static void *allocate(size_t size)
{
    if (fails_at > 0) {
        fails_at--;
        if (fails_at == 0) {
            return NULL;
        }
    }
    return malloc(size);
}

static void a_body_without_memory_is_not_taken(void **state)
{
    char error[BODY_ERROR_SIZE];
    size_t nth = 0;
    size_t shorts = 0;
    enum status status;
    (void)state;
    json_set_alloc_funcs(allocate, free);
    do {
        struct body *body = NULL;
        fails_at = ++nth;
        status = body_parse(SLICE_LITERAL("{\"name\":\"Ada\",\"list\":[1,2.5,{}]}"), &body, error);
        shorts += status == STATUS_NO_MEMORY;
        assert_true((status == STATUS_OK) == (body != NULL));
        body_destroy(&body);
    } while (fails_at == 0);
    json_set_alloc_funcs(malloc, free);
    assert_int_equal(status, STATUS_OK);
    assert_true(nth > 5);
    assert_true(shorts > 0); /* of what fails inside a text jansson says that it is no text */
}

static void the_first_allocation_that_fails_is_told_as_such(void **state)
{
    char error[BODY_ERROR_SIZE];
    struct body *body = NULL;
    (void)state;
    json_set_alloc_funcs(allocate, free);
    fails_at = 1;
    enum status status = body_parse(SLICE_LITERAL("{}"), &body, error);
    json_set_alloc_funcs(malloc, free);
    assert_int_equal(status, STATUS_NO_MEMORY);
    assert_null(body);
}

static void what_is_no_json_is_malformed(void **state)
{
    static const char *const texts[] = {"", "{", "[]", "{\"a\":1,\"a\":2}", "{\"a\":\"\\u0000\"}"};
    char error[BODY_ERROR_SIZE];
    (void)state;
    for (size_t index = 0; index < sizeof texts / sizeof texts[0]; index++) {
        struct body *body = NULL;
        assert_int_equal(body_parse(slice_from_string(texts[index]), &body, error),
                         STATUS_MALFORMED);
        assert_null(body);
        assert_true(strlen(error) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_without_memory_is_not_taken),
        cmocka_unit_test(the_first_allocation_that_fails_is_told_as_such),
        cmocka_unit_test(what_is_no_json_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
