#include "cli/refusal.h"

#include <stdlib.h>
#include "tests/unit/test.h"

static void tells_amounts_and_when_to_come_again(void **state)
{
    static const struct {
        long code;
        const char *answer; /* NULL: no body */
        int64_t retry_after_s;
        const char *told;
    } rows[] = {
        {404, "{\"message\": \"There is no such job\"}", 0, "troupe: 404 There is no such job\n"},
        {502, NULL, 0, "troupe: 502 \n"},
        {503, NULL, 1, "troupe: 503 \n  try again in 1 s\n"},
        {400,
         "{\"message\": \"No\", \"error\": {\"details\": [{\"field\": \"a\", \"problem\": \"b\"}, "
         "{}]}}",
         0, "troupe: 400 No\n  a: b\n  ?: ?\n"},
        {429, "{\"message\": \"Too many\"}", 120, "troupe: 429 Too many\n  try again in 120 s\n"},
        {429, "{\"message\": \"Too many\"}", 121, "troupe: 429 Too many\n  try again in 3 min\n"},
        {429, "{\"message\": \"Too many\"}", 7201, "troupe: 429 Too many\n  try again in 3 h\n"},
        {402,
         "{\"message\": \"Too dear\", \"data\": {\"limitUsd\": 1.5, \"spentUsd\": 1.45, "
         "\"reservedUsd\": 0, \"estimateUsd\": 0.12, \"resetsAt\": \"2026-11-29T00:00:00.000Z\"}}",
         79200,
         "troupe: 402 Too dear\n"
         "  it would cost 0.12 USD; of 1.5 USD for today 1.45 are spent, and 0 are held for jobs "
         "that live\n"
         "  try again in 22 h, at 2026-11-29T00:00:00.000Z\n"},
        {402, "{\"message\": \"Too dear\", \"data\": {\"limitUsd\": 1, \"resetsAt\": \"then\"}}", 0,
         "troupe: 402 Too dear\n"
         "  it would cost ? USD; of 1 USD for today ? are spent, and ? are held for jobs that "
         "live\n"
         "  try again at then\n"},
        {402, "{\"message\": \"\\u001b[31m\", \"data\": {\"resetsAt\": \"\\u009b2J\"}}", 0,
         "troupe: 402  [31m\n  try again at  2J\n"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        char *told = NULL;
        size_t size = 0;
        struct document *document = NULL;
        FILE *out = open_memstream(&told, &size);
        assert_non_null(out);
        if (rows[index].answer != NULL) {
            assert_int_equal(document_parse(slice_from_string(rows[index].answer), &document),
                             STATUS_OK);
        }
        refusal_print(out, rows[index].code, document, rows[index].retry_after_s);
        assert_int_equal(fclose(out), 0);
        assert_string_equal(told, rows[index].told);
        free(told);
        document_destroy(&document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_amounts_and_when_to_come_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
