#include "s3/list.h"

#include "base/timestamp.h"

enum {
    SIZE_DIGITS_MAX = 18,
};

/* Writes an element's text, ended by a NUL. Returns false when there is none that fits. */
static bool text_of(struct slice xml, const char *element, char *out, size_t size_max)
{
    struct buffer text;
    buffer_init(&text, size_max);
    bool is_fit = s3_xml_text(xml, element, &text) == STATUS_OK && text.size > 0 &&
                  memchr(text.data, '\0', text.size) == NULL;
    if (is_fit) {
        memcpy(out, text.data, text.size);
        out[text.size] = '\0';
    }
    buffer_fini(&text);
    return is_fit;
}

static bool time_of(struct slice item, const char *element, int64_t *out)
{
    struct slice inside;
    return s3_xml_next(&item, element, &inside) && timestamp_parse(inside, out) == STATUS_OK;
}

static uint64_t size_of(struct slice item)
{
    char text[SIZE_DIGITS_MAX + 1];
    uint64_t size = 0;
    if (text_of(item, "Size", text, sizeof(text) - 1)) {
        for (const char *digit = text; *digit >= '0' && *digit <= '9'; digit++) {
            size = size * 10 + (uint64_t)(*digit - '0');
        }
    }
    return size;
}

static bool entry_read(const struct s3_bucket *bucket, struct slice item, struct s3_listed *out)
{
    char key[S3_PREFIX_SIZE_MAX + 1 + S3_KEY_SIZE_MAX + 1];
    size_t prefix_size = strlen(bucket->prefix);
    if (!text_of(item, "Key", key, sizeof(key) - 1) ||
        strncmp(key, bucket->prefix, prefix_size) != 0) {
        return false;
    }
    size_t size = strlen(key + prefix_size);
    if (size == 0 || size > S3_KEY_SIZE_MAX) {
        return false;
    }
    memcpy(out->key, key + prefix_size, size + 1);
    return true;
}

bool s3_list_next(const struct s3_bucket *bucket, const char *element, struct slice *rest,
                  struct s3_listed *out)
{
    struct slice item;
    bool is_upload = strcmp(element, "Upload") == 0;
    while (s3_xml_next(rest, element, &item)) {
        *out = (struct s3_listed){.at_ms = 0};
        if (entry_read(bucket, item, out) &&
            time_of(item, is_upload ? "Initiated" : "LastModified", &out->at_ms) &&
            (!is_upload || text_of(item, "UploadId", out->upload_id, S3_UPLOAD_ID_SIZE_MAX))) {
            out->size = size_of(item);
            return true;
        }
    }
    return false;
}

bool s3_list_is_cut(struct slice answer, bool *is_cut)
{
    struct slice inside;
    if (!s3_xml_next(&answer, "IsTruncated", &inside)) {
        return false;
    }
    *is_cut = slice_equal(inside, SLICE_LITERAL("true"));
    return true;
}
