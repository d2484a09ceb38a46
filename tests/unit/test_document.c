#include "cli/document.h"

#include "tests/unit/test.h"

static void reads_by_path(void **state)
{
    struct document *document = NULL;
    struct buffer out;
    (void)state;
    assert_int_equal(
        document_parse(SLICE_LITERAL("{\"a\":{\"b\":[{\"c\":\"x\"},7,true]},\"n\":null}"),
                       &document),
        STATUS_OK);
    assert_string_equal(document_text(document, "a.b.0.c", "-"), "x");
    assert_int_equal(document_integer(document, "a.b.1", 0), 7);
    assert_true(document_flag(document, "a.b.2", false));
    assert_int_equal(document_count(document, "a.b"), 3);
    assert_string_equal(document_text(document, "a.missing.c", "-"), "-");
    assert_string_equal(document_text(document, "n", "-"), "-");
    buffer_init(&out, 100);
    assert_int_equal(document_write(document, "a.b.0", false, &out), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&out), SLICE_LITERAL("{\"c\":\"x\"}")));
    buffer_fini(&out);
    document_destroy(&document);
    document_destroy(&document);
}

static void reads_money_exactly(void **state)
{
    static const char text[] = "{\"a\":0.1,\"b\":3,\"c\":-1,\"d\":\"1\",\"e\":0.0000001}";
    struct document *document = NULL;
    uint64_t amount = 0;
    (void)state;
    assert_int_equal(document_parse(slice_from_string(text), &document), STATUS_OK);
    assert_true(document_money(document, "a", &amount));
    assert_int_equal(amount, 100000);
    assert_true(document_money(document, "b", &amount));
    assert_int_equal(amount, 3000000);
    assert_false(document_money(document, "c", &amount));
    assert_false(document_money(document, "d", &amount));
    assert_false(document_money(document, "e", &amount));
    assert_false(document_money(document, "none", &amount));
    document_destroy(&document);
}

static void writes_numbers_as_they_were(void **state)
{
    struct document *document = NULL;
    struct buffer out;
    (void)state;
    buffer_init(&out, 200);
    assert_int_equal(
        document_parse(SLICE_LITERAL("{\"a\":[0.801,0.7804,99999999.123456,1725]}"), &document),
        STATUS_OK);
    assert_int_equal(document_write(document, "a", false, &out), STATUS_OK);
    assert_true(
        slice_equal(buffer_slice(&out), SLICE_LITERAL("[0.801,0.7804,99999999.123456,1725]")));
    buffer_fini(&out);
    document_destroy(&document);
}

static void refuses_what_is_not_json(void **state)
{
    struct document *document = NULL;
    (void)state;
    assert_int_equal(document_parse(SLICE_LITERAL("{\"a\":"), &document), STATUS_MALFORMED);
    assert_int_equal(document_parse(SLICE_EMPTY, &document), STATUS_MALFORMED);
    assert_null(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_by_path),
        cmocka_unit_test(reads_money_exactly),
        cmocka_unit_test(writes_numbers_as_they_were),
        cmocka_unit_test(refuses_what_is_not_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
