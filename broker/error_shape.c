#include "broker/error_shape.h"

#include <assert.h>
#include "base/encoding.h"

enum {
    UUID_SIZE = 36,
    HEX_SIZE_MIN = 8,  /* of digits that are letters alone; fewer may be a word: facade */
    CODE_SIZE_MAX = 5, /* digits of a code; more are an id */
    CODE_GAP_MAX = 3,  /* bytes between a code and the word that says so */
};

_Static_assert(ERROR_SHAPE_SIZE_MAX >= 3 * ERROR_TEXT_SIZE_MAX, "a digit becomes <n>");

struct shaping {
    struct slice text;
    size_t place; /* of what is read next */
    uint8_t *out;
    size_t size;
};

/* ---- bytes ---- */

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static bool is_word(uint8_t byte)
{
    return is_digit(byte) || is_letter(byte);
}

static bool is_hex(uint8_t byte)
{
    return is_digit(byte) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f');
}

static bool is_blank(uint8_t byte)
{
    return byte <= ' ' || byte == 0x7f;
}

static bool is_quote(uint8_t byte)
{
    return byte == '"' || byte == '\'' || byte == '`';
}

/* 0 behind the end, which is part of nothing. */
static uint8_t byte_at(const struct shaping *shaping, size_t place)
{
    return place < shaping->text.size ? shaping->text.data[place] : 0;
}

/* ---- what is written ---- */

static void put(struct shaping *shaping, const void *bytes, size_t size)
{
    assert(shaping->size + size <= ERROR_SHAPE_SIZE_MAX);
    memcpy(shaping->out + shaping->size, bytes, size);
    shaping->size += size;
}

/* Writes a name for what stands before end. */
static void replace(struct shaping *shaping, const char *name, size_t end)
{
    put(shaping, name, strlen(name));
    shaping->place = end;
}

static void copy(struct shaping *shaping, size_t end)
{
    put(shaping, shaping->text.data + shaping->place, end - shaping->place);
    shaping->place = end;
}

/* ---- what is read; each returns where it ends, or 0 when it does not stand here ---- */

static size_t word_end(const struct shaping *shaping, size_t begin)
{
    size_t end = begin;
    while (is_word(byte_at(shaping, end))) {
        end++;
    }
    return end;
}

/* An address ends where a sentence would go on. */
static size_t url_end(const struct shaping *shaping, size_t word)
{
    size_t begin = word + 3;
    if (byte_at(shaping, word) != ':' || byte_at(shaping, word + 1) != '/' ||
        byte_at(shaping, word + 2) != '/') {
        return 0;
    }
    size_t end = begin;
    while (!is_blank(byte_at(shaping, end)) && strchr("\"'`<>", byte_at(shaping, end)) == NULL) {
        end++;
    }
    while (end > begin && strchr(".,;:!?)]}", byte_at(shaping, end - 1)) != NULL) {
        end--;
    }
    return end;
}

static size_t uuid_end(const struct shaping *shaping)
{
    for (size_t index = 0; index < UUID_SIZE; index++) {
        uint8_t byte = byte_at(shaping, shaping->place + index);
        bool is_dash = index == 8 || index == 13 || index == 18 || index == 23;
        if (is_dash ? byte != '-' : !is_hex(byte)) {
            return 0;
        }
    }
    size_t end = shaping->place + UUID_SIZE;
    return is_word(byte_at(shaping, end)) ? 0 : end;
}

/* A quote within a word, as in don't, begins nothing and ends nothing; nor does one that nothing
 * follows. */
static size_t quoted_end(const struct shaping *shaping)
{
    uint8_t quote = byte_at(shaping, shaping->place);
    uint8_t before = shaping->place == 0 ? ' ' : byte_at(shaping, shaping->place - 1);
    size_t end = shaping->place + 1;
    if (!is_quote(quote) || is_word(before) || before >= 0x80 || end == shaping->text.size) {
        return 0;
    }
    while (end < shaping->text.size && (byte_at(shaping, end) != quote ||
                                        (quote == '\'' && is_word(byte_at(shaping, end + 1))))) {
        end += byte_at(shaping, end) == '\\' ? 2 : 1;
    }
    return end < shaping->text.size ? end + 1 : shaping->text.size;
}

/* Of all words with a digit the same is made: of an id, chance decides how many are digits, and
 * where they stand. */
static bool varies(const struct shaping *shaping, size_t begin, size_t end)
{
    bool has_digit = false;
    bool is_all_hex = end - begin >= HEX_SIZE_MIN;
    for (size_t place = begin; place < end; place++) {
        has_digit = has_digit || is_digit(byte_at(shaping, place));
        is_all_hex = is_all_hex && is_hex(byte_at(shaping, place));
    }
    return has_digit || is_all_hex;
}

/* Behind a word that varies: what makes one of several, as in 1,024 and 0.5s and 1.2.3. */
static size_t number_end(const struct shaping *shaping, size_t end)
{
    while (byte_at(shaping, end) == '.' || byte_at(shaping, end) == ',') {
        size_t next = word_end(shaping, end + 1);
        if (!varies(shaping, end + 1, next)) {
            break;
        }
        end = next;
    }
    return end;
}

/* ---- codes ---- */

static bool word_is(const struct shaping *shaping, size_t begin, size_t end, const char *name)
{
    size_t index = 0;
    while (begin + index < end && (shaping->text.data[begin + index] | 0x20) == name[index]) {
        index++;
    }
    return begin + index == end && name[index] == '\0';
}

static size_t word_begin(const struct shaping *shaping, size_t end)
{
    while (end > 0 && is_word(shaping->text.data[end - 1])) {
        end--;
    }
    return end;
}

/* Of a version that ends there, as in HTTP/1.1: where the protocol's name ends. */
static size_t version_begin(const struct shaping *shaping, size_t end)
{
    size_t begin = end;
    while (begin > 0 &&
           (is_digit(shaping->text.data[begin - 1]) || shaping->text.data[begin - 1] == '.')) {
        begin--;
    }
    return begin < end && begin > 0 && shaping->text.data[begin - 1] == '/' ? begin - 1 : end;
}

/* Whether what stands behind is called a code: HTTP 503, HTTP/1.1 503, status=503, "code": 7. */
static bool is_called_code(const struct shaping *shaping, size_t place)
{
    static const char *const names[] = {"http", "status",    "statuscode",
                                        "code", "errorcode", "errno"};
    size_t end = place;
    while (end > 0 && place - end < CODE_GAP_MAX && !is_word(shaping->text.data[end - 1])) {
        uint8_t byte = shaping->text.data[end - 1];
        if (!is_blank(byte) && strchr("\"':=#(_-", byte) == NULL) {
            return false;
        }
        end--;
    }
    if (end == place) {
        return false;
    }
    end = version_begin(shaping, end);
    size_t begin = word_begin(shaping, end);
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        if (word_is(shaping, begin, end, names[index])) {
            return true;
        }
    }
    return false;
}

/* A code tells causes apart, however much it looks like a number. */
static bool is_code(const struct shaping *shaping, size_t begin, size_t end)
{
    for (size_t place = begin; place < end; place++) {
        if (!is_digit(byte_at(shaping, place))) {
            return false;
        }
    }
    return end - begin <= CODE_SIZE_MAX && number_end(shaping, end) == end &&
           is_called_code(shaping, begin);
}

static void shape_word(struct shaping *shaping, size_t end)
{
    if (varies(shaping, shaping->place, end) && !is_code(shaping, shaping->place, end)) {
        replace(shaping, "<n>", number_end(shaping, end));
    } else {
        copy(shaping, end);
    }
}

/* ---- the whole ---- */

static void shape_one(struct shaping *shaping)
{
    size_t word = word_end(shaping, shaping->place);
    size_t quoted = quoted_end(shaping);
    size_t uuid = uuid_end(shaping);
    size_t url = word > shaping->place ? url_end(shaping, word) : 0;
    if (is_blank(byte_at(shaping, shaping->place))) {
        shaping->place++;
        if (shaping->size > 0 && shaping->out[shaping->size - 1] != ' ') {
            put(shaping, " ", 1);
        }
    } else if (quoted > 0) {
        replace(shaping, "<text>", quoted);
    } else if (uuid > 0) {
        replace(shaping, "<id>", uuid);
    } else if (url > 0) {
        replace(shaping, "<url>", url);
    } else if (word > shaping->place) {
        shape_word(shaping, word);
    } else {
        copy(shaping, shaping->place + 1);
    }
}

size_t error_shape_write(struct slice message, uint8_t out[ERROR_SHAPE_SIZE_MAX])
{
    struct shaping shaping = {.text = message, .out = out};
    assert(message.size <= ERROR_TEXT_SIZE_MAX);
    while (shaping.place < message.size) {
        shape_one(&shaping);
    }
    bool ends_blank = shaping.size > 0 && out[shaping.size - 1] == ' ';
    return shaping.size - ends_blank;
}

struct id error_shape_group(uint8_t kind, struct slice code, struct slice shape)
{
    uint8_t bytes[2 + ERROR_CODE_SIZE_MAX + ERROR_SHAPE_SIZE_MAX] = {kind, (uint8_t)code.size};
    uint8_t hash[SHA256_SIZE];
    assert(code.size <= ERROR_CODE_SIZE_MAX && shape.size <= ERROR_SHAPE_SIZE_MAX);
    if (code.size > 0) {
        memcpy(bytes + 2, code.data, code.size);
    }
    if (shape.size > 0) {
        memcpy(bytes + 2 + code.size, shape.data, shape.size);
    }
    sha256(slice_make(bytes, 2 + code.size + shape.size), hash);
    return id_make((uint16_t)(hash[0] << 4 | hash[1] >> 4), hash);
}
