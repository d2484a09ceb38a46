#include "base/encoding.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void write_digits(struct slice data, uint8_t *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t index = 0; index < data.size; index++) {
        out[index * 2] = (uint8_t)digits[data.data[index] >> 4];
        out[index * 2 + 1] = (uint8_t)digits[data.data[index] & 15];
    }
}

void hex_write(struct slice data, char *out)
{
    write_digits(data, (uint8_t *)out);
    out[2 * data.size] = '\0';
}

enum status encode_hex(struct slice data, struct buffer *out)
{
    uint8_t *text;
    enum status status = buffer_reserve(out, data.size * 2, &text);
    if (status != STATUS_OK) {
        return status;
    }
    write_digits(data, text);
    buffer_commit(out, data.size * 2);
    return STATUS_OK;
}

static enum status encode(struct slice data, const char *letters, bool padded, struct buffer *out)
{
    uint8_t *text;
    size_t rest = data.size % 3;
    size_t size = data.size / 3 * 4 + (rest == 0 ? 0 : padded ? 4 : rest + 1);
    enum status status = buffer_reserve(out, size, &text);
    if (status != STATUS_OK) {
        return status;
    }
    size_t written = 0;
    for (size_t index = 0; index < data.size; index += 3) {
        size_t count = data.size - index < 3 ? data.size - index : 3;
        uint32_t bits = (uint32_t)data.data[index] << 16;
        bits |= count > 1 ? (uint32_t)data.data[index + 1] << 8 : 0;
        bits |= count > 2 ? (uint32_t)data.data[index + 2] : 0;
        for (size_t letter = 0; letter < 4; letter++) {
            if (letter <= count) {
                text[written++] = (uint8_t)letters[bits >> (18 - 6 * letter) & 63];
            } else if (padded) {
                text[written++] = '=';
            }
        }
    }
    buffer_commit(out, size);
    return STATUS_OK;
}

enum status encode_base64(struct slice data, struct buffer *out)
{
    return encode(data, alphabet, true, out);
}

enum status encode_base64url(struct slice data, struct buffer *out)
{
    return encode(data, alphabet_url, false, out);
}

static void values_of(const char *letters, int8_t values[256])
{
    memset(values, -1, 256);
    for (int index = 0; index < 64; index++) {
        values[(uint8_t)letters[index]] = (int8_t)index;
    }
}

/* The bytes that so many letters make. */
static size_t decoded_size(size_t count)
{
    return count / 4 * 3 + (count % 4 == 0 ? 0 : count % 4 - 1);
}

/* Writes the decoded_size() of those letters that have a value. Returns the bits left over. */
static uint32_t unpack(struct slice text, const int8_t values[256], uint8_t *data)
{
    uint32_t bits = 0;
    int bit_count = 0;
    for (size_t index = 0; index < text.size; index++) {
        int8_t value = values[text.data[index]];
        if (value < 0) {
            continue;
        }
        bits = bits << 6 | (uint32_t)value;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            *data++ = (uint8_t)(bits >> bit_count);
        }
    }
    return bits & ((1u << bit_count) - 1);
}

/* Decodes letters without padding; the bits left over at the end must be zero. */
static enum status decode(struct slice text, const char *letters, struct buffer *out)
{
    int8_t values[256];
    uint8_t *data;
    values_of(letters, values);
    if (text.size % 4 == 1) {
        return STATUS_MALFORMED;
    }
    for (size_t index = 0; index < text.size; index++) {
        if (values[text.data[index]] < 0) {
            return STATUS_MALFORMED;
        }
    }
    size_t size = decoded_size(text.size);
    enum status status = buffer_reserve(out, size, &data);
    if (status != STATUS_OK) {
        return status;
    }
    if (unpack(text, values, data) != 0) {
        return STATUS_MALFORMED;
    }
    buffer_commit(out, size);
    return STATUS_OK;
}

enum status decode_base64(struct slice text, struct buffer *out)
{
    size_t padding = 0;
    if (text.size % 4 != 0) {
        return STATUS_MALFORMED;
    }
    while (padding < 2 && padding < text.size && text.data[text.size - 1 - padding] == '=') {
        padding++;
    }
    return decode(slice_make(text.data, text.size - padding), alphabet, out);
}

static bool is_blank(uint8_t letter)
{
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

/* Returns how many letters text has; false: it has others, or what stands behind the padding. */
static bool count_letters(struct slice text, const int8_t values[256], size_t *count_out)
{
    bool is_over = false;
    *count_out = 0;
    for (size_t index = 0; index < text.size; index++) {
        uint8_t letter = text.data[index];
        if (letter == '=') {
            is_over = true;
        } else if (!is_blank(letter)) {
            if (is_over || values[letter] < 0) {
                return false;
            }
            *count_out += 1;
        }
    }
    return *count_out % 4 != 1;
}

enum status decode_base64_lenient(struct slice text, struct buffer *out)
{
    int8_t values[256];
    uint8_t *data;
    size_t count = 0;
    values_of(alphabet, values);
    if (!count_letters(text, values, &count)) {
        return STATUS_MALFORMED;
    }
    size_t size = decoded_size(count);
    enum status status = buffer_reserve(out, size, &data);
    if (status != STATUS_OK) {
        return status;
    }
    unpack(text, values, data);
    buffer_commit(out, size);
    return STATUS_OK;
}

enum status decode_base64url(struct slice text, struct buffer *out)
{
    return decode(text, alphabet_url, out);
}

void sha256(struct slice data, uint8_t out[SHA256_SIZE])
{
    SHA256(data.data, data.size, out);
}

enum status hmac_sha256(struct slice key, struct slice data, uint8_t out[SHA256_SIZE])
{
    unsigned size = 0;
    const uint8_t *made =
        HMAC(EVP_sha256(), key.data, (int)key.size, data.data, data.size, out, &size);
    assert(made == NULL || size == SHA256_SIZE);
    return made == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status sha256_stream_init(struct sha256_stream *stream)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        return STATUS_NO_MEMORY;
    }
    stream->context = context;
    return STATUS_OK;
}

void sha256_stream_add(struct sha256_stream *stream, struct slice bytes)
{
    int done = EVP_DigestUpdate(stream->context, bytes.data, bytes.size);
    assert(done == 1);
}

void sha256_stream_finish(struct sha256_stream *stream, uint8_t out[SHA256_SIZE])
{
    int done = EVP_DigestFinal_ex(stream->context, out, NULL);
    assert(done == 1);
}

void sha256_stream_fini(struct sha256_stream *stream)
{
    EVP_MD_CTX_free(stream->context);
    stream->context = NULL;
}

size_t utf8_size(struct slice text)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = text.data[0];
    size_t size = first < 0x80       ? 1
                  : first >> 5 == 6  ? 2
                  : first >> 4 == 14 ? 3
                  : first >> 3 == 30 ? 4
                                     : 0;
    if (size == 0 || size > text.size) {
        return 0;
    }
    uint32_t code = size == 1 ? first : first & (0xffu >> (size + 1));
    for (size_t index = 1; index < size; index++) {
        if (text.data[index] >> 6 != 2) {
            return 0;
        }
        code = code << 6 | (text.data[index] & 63);
    }
    bool legal = code >= least[size] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return legal ? size : 0;
}

/* In UTF-8: lead is all bytes but the last. */
struct range {
    const char *lead;
    uint8_t first; /* last bytes */
    uint8_t last;
    uint32_t code; /* of the first */
};

size_t utf8_acting_size(struct slice text, uint32_t *code_out)
{
    static const struct range ranges[] = {
        {"", 0x01, 0x1f, 0x0001},         {"", 0x7f, 0x7f, 0x7f},
        {"\xc2", 0x80, 0x9f, 0x0080},     /* C1 */
        {"\xe2\x80", 0xa8, 0xae, 0x2028}, /* ends of lines and paragraphs, embeddings, overrides */
        {"\xe2\x81", 0xa6, 0xa9, 0x2066}, /* isolates */
    };
    for (size_t index = 0; index < sizeof ranges / sizeof ranges[0]; index++) {
        const struct range *range = &ranges[index];
        size_t lead = strlen(range->lead);
        if (text.size > lead && memcmp(text.data, range->lead, lead) == 0 &&
            text.data[lead] >= range->first && text.data[lead] <= range->last) {
            *code_out = range->code + text.data[lead] - range->first;
            return lead + 1;
        }
    }
    return 0;
}
