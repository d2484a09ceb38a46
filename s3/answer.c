#include "s3/answer.h"

#include <stdio.h>

enum {
    NAME_SIZE_MAX = 40, /* bytes of an element's name with its brackets */
    ENTITY_SIZE_MAX = 8,
};

/* ---- XML ---- */

static const uint8_t *find(struct slice text, const char *what, size_t size)
{
    return text.size < size ? NULL : memmem(text.data, text.size, what, size);
}

bool s3_xml_next(struct slice *rest, const char *name, struct slice *inside)
{
    char opening[NAME_SIZE_MAX];
    char closing[NAME_SIZE_MAX];
    size_t opening_size = (size_t)snprintf(opening, sizeof(opening), "<%s>", name);
    size_t closing_size = (size_t)snprintf(closing, sizeof(closing), "</%s>", name);
    const uint8_t *begin = find(*rest, opening, opening_size);
    if (begin == NULL) {
        return false;
    }
    const uint8_t *end = rest->data + rest->size;
    begin += opening_size;
    const uint8_t *stop = find(slice_make(begin, (size_t)(end - begin)), closing, closing_size);
    if (stop == NULL) {
        return false;
    }
    *inside = slice_make(begin, (size_t)(stop - begin));
    *rest = slice_make(stop + closing_size, (size_t)(end - stop) - closing_size);
    return true;
}

static const struct {
    const char *name;
    char byte;
} entities[] = {
    {"&amp;", '&'},   {"&lt;", '<'},  {"&gt;", '>'},   {"&quot;", '"'},
    {"&apos;", '\''}, {"&#34;", '"'}, {"&#39;", '\''}, {"&#x22;", '"'},
};

/* Appends what the entity at the front of text stands for; *size is the entity's own. */
static enum status append_entity(struct slice text, size_t *size, struct buffer *out)
{
    for (size_t index = 0; index < sizeof(entities) / sizeof(entities[0]); index++) {
        *size = strlen(entities[index].name);
        if (text.size >= *size && memcmp(text.data, entities[index].name, *size) == 0) {
            return buffer_append_byte(out, (uint8_t)entities[index].byte);
        }
    }
    return STATUS_MALFORMED;
}

enum status s3_xml_text(struct slice xml, const char *name, struct buffer *out)
{
    struct slice inside;
    if (!s3_xml_next(&xml, name, &inside)) {
        return STATUS_NOT_FOUND;
    }
    enum status status = STATUS_OK;
    while (status == STATUS_OK && inside.size > 0) {
        size_t size = 1;
        status = inside.data[0] == '&' ? append_entity(inside, &size, out)
                                       : buffer_append_byte(out, inside.data[0]);
        if (status == STATUS_OK) {
            inside = slice_make(inside.data + size, inside.size - size);
        }
    }
    return status;
}

enum status s3_xml_escape(struct slice text, struct buffer *out)
{
    enum status status = STATUS_OK;
    for (size_t index = 0; status == STATUS_OK && index < text.size; index++) {
        switch (text.data[index]) {
        case '&':
            status = buffer_append_format(out, "&amp;");
            break;
        case '<':
            status = buffer_append_format(out, "&lt;");
            break;
        case '>':
            status = buffer_append_format(out, "&gt;");
            break;
        case '"':
            status = buffer_append_format(out, "&quot;");
            break;
        default:
            status = buffer_append_byte(out, text.data[index]);
            break;
        }
    }
    return status;
}

/* ---- failures ---- */

/* Copies an element's text, cut to size, without what is no plain text. */
static void copy_text(struct slice xml, const char *name, char *out, size_t size)
{
    struct slice inside = SLICE_EMPTY;
    s3_xml_next(&xml, name, &inside);
    size_t count = inside.size < size - 1 ? inside.size : size - 1;
    for (size_t index = 0; index < count; index++) {
        uint8_t byte = inside.data[index];
        out[index] = byte >= ' ' && byte <= '~' ? (char)byte : '?';
    }
    out[count] = '\0';
}

static bool is_one_of(const char *code, const char *const *codes)
{
    while (*codes != NULL && strcmp(code, *codes) != 0) {
        codes++;
    }
    return *codes != NULL;
}

static enum s3_failure_kind kind_of(long http_status, const char *code)
{
    static const char *const transient[] = {
        "SlowDown",
        "InternalError",
        "ServiceUnavailable",
        "RequestTimeout",
        "OperationAborted",
        "ThrottlingException",
        "Throttling",
        "TooManyRequests",
        "IncompleteBody",
        "BadDigest",
        "XAmzContentSHA256Mismatch",
        NULL,
    };
    static const char *const missing[] = {"NoSuchKey", "NoSuchUpload", NULL};
    if (is_one_of(code, missing) || (http_status == 404 && code[0] == '\0')) {
        return S3_FAILURE_MISSING;
    }
    if (is_one_of(code, transient) || http_status >= 500 || http_status == 429 ||
        http_status == 408) {
        return S3_FAILURE_TRANSIENT;
    }
    return S3_FAILURE_REFUSED;
}

/* What operators can do something about is said in our words. */
static const char *words_of(const char *code)
{
    static const struct {
        const char *code;
        const char *words;
    } known[] = {
        {"RequestTimeTooSkewed", "this machine's clock differs from the object store's by more "
                                 "than 15 minutes (RequestTimeTooSkewed)"},
        {"SignatureDoesNotMatch", "the object store does not accept the secret of the access key "
                                  "(SignatureDoesNotMatch)"},
        {"InvalidAccessKeyId",
         "the object store does not know the access key (InvalidAccessKeyId)"},
        {"ExpiredToken", "the session token of the object store has expired (ExpiredToken)"},
        {"NoSuchBucket", "there is no such bucket (NoSuchBucket)"},
        {"AccessDenied", "the access key may not do this in the bucket (AccessDenied)"},
        {"AuthorizationHeaderMalformed",
         "the object store wants another region (AuthorizationHeaderMalformed)"},
        {"PermanentRedirect", "the bucket is at another endpoint (PermanentRedirect)"},
    };
    for (size_t index = 0; index < sizeof(known) / sizeof(known[0]); index++) {
        if (strcmp(code, known[index].code) == 0) {
            return known[index].words;
        }
    }
    return NULL;
}

void s3_failure_of_answer(long http_status, struct slice body, struct s3_failure *out)
{
    struct slice rest = body;
    struct slice error = SLICE_EMPTY;
    bool is_error = s3_xml_next(&rest, "Error", &error);
    *out = (struct s3_failure){.kind = S3_FAILURE_NONE};
    if (http_status / 100 == 2 && !is_error) {
        return;
    }
    copy_text(error, "Code", out->code, sizeof(out->code));
    out->kind = kind_of(http_status, out->code);
    const char *words = words_of(out->code);
    if (out->code[0] == '\0') {
        snprintf(out->code, sizeof(out->code), "http_%ld", http_status);
    }
    if (words != NULL) {
        snprintf(out->message, sizeof(out->message), "%s", words);
        return;
    }
    char text[S3_MESSAGE_SIZE_MAX - S3_CODE_SIZE_MAX - 40];
    copy_text(error, "Message", text, sizeof(text));
    snprintf(out->message, sizeof(out->message), "the object store answered %ld %s%s%s",
             http_status, out->code, text[0] == '\0' ? "" : ": ", text);
}
