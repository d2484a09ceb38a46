/* What an object store says: any bytes are read without harm, and a failure's words are plain. */

#include <assert.h>
#include <stdlib.h>
#include "s3/list.h"
#include "tests/fuzz/fuzz.h"

enum {
    TEXT_SIZE_MAX = 4096,
};

static void check_failure(struct slice body, long status)
{
    struct s3_failure failure;
    s3_failure_of_answer(status, body, &failure);
    assert((failure.kind == S3_FAILURE_NONE) == (failure.code[0] == '\0'));
    for (const char *byte = failure.message; *byte != '\0'; byte++) {
        assert(*byte >= ' ' && *byte <= '~');
    }
}

static void check_list(struct slice body, const char *element, const char *prefix)
{
    struct s3_bucket bucket = {.is_tls = false};
    struct s3_listed entry;
    struct slice rest = body;
    memcpy(bucket.prefix, prefix, strlen(prefix) + 1);
    while (s3_list_next(&bucket, element, &rest, &entry)) {
        assert(entry.key[0] != '\0' && strlen(entry.key) <= S3_KEY_SIZE_MAX && entry.at_ms >= 0);
        assert(strlen(entry.upload_id) <= S3_UPLOAD_ID_SIZE_MAX);
        assert((entry.upload_id[0] != '\0') == (strcmp(element, "Upload") == 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice body = slice_make(data, size);
    struct slice rest = body;
    struct slice inside;
    struct buffer text;
    static const long statuses[] = {200, 400, 404, 503};
    for (size_t index = 0; index < 4; index++) {
        check_failure(body, statuses[index]);
    }
    check_list(body, "Contents", "");
    check_list(body, "Contents", "stage/");
    check_list(body, "Upload", "");
    buffer_init(&text, TEXT_SIZE_MAX);
    while (s3_xml_next(&rest, "Contents", &inside)) {
        assert(inside.size < size);
        buffer_clear(&text);
        s3_xml_text(inside, "Key", &text);
    }
    buffer_fini(&text);
    return 0;
}
