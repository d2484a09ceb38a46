#include "actors/chat_text.h"

#include <string.h>

static const char thoughts_begin[] = "<think>";
static const char thoughts_end[] = "</think>";

static bool is_blank(uint8_t letter)
{
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

static struct slice after(struct slice text, size_t size)
{
    return slice_make(text.data + size, text.size - size);
}

static struct slice without_blanks(struct slice text)
{
    size_t count = 0;
    while (count < text.size && is_blank(text.data[count])) {
        count++;
    }
    return after(text, count);
}

/* Where word is, or the size of text. */
static size_t find(struct slice text, const char *word)
{
    const uint8_t *at = text.size == 0 ? NULL : memmem(text.data, text.size, word, strlen(word));
    return at == NULL ? text.size : (size_t)(at - text.data);
}

struct slice chat_text_without_thoughts(struct slice text)
{
    struct slice rest = without_blanks(text);
    size_t begin = find(rest, thoughts_begin);
    size_t end = find(rest, thoughts_end);
    if (end < rest.size && (begin == 0 || begin > end)) {
        return without_blanks(after(rest, end + strlen(thoughts_end)));
    }
    return begin == 0 && rest.size > 0 ? SLICE_EMPTY : text;
}

/* Each of those that are none is gone on behind: within it there may be parts of one that is cut
 * off, and hostile text would be read again and again. */
json_t *chat_text_object(struct slice text)
{
    size_t at = find(text, "{");
    while (at < text.size) {
        json_error_t error;
        json_t *object = json_loadb((const char *)text.data + at, text.size - at,
                                    JSON_DISABLE_EOF_CHECK, &error);
        if (object != NULL) {
            return object;
        }
        /* The last letter that was read may be the next one's first. */
        size_t read = error.position > 1 ? (size_t)error.position - 1 : 1;
        at += read < text.size - at ? read : text.size - at;
        at += find(after(text, at), "{");
    }
    return NULL;
}

static bool is_end(uint8_t letter)
{
    return letter == '.' || letter == '!' || letter == '?';
}

static bool is_quote(uint8_t letter)
{
    return letter == '"' || letter == '\'' || letter == ')' || letter == '*';
}

struct slice chat_text_sentences(struct slice text)
{
    size_t size = text.size;
    while (size > 0) {
        size_t end = size;
        bool is_followed = size == text.size || is_blank(text.data[size]);
        while (end > 0 && is_quote(text.data[end - 1])) {
            end--;
        }
        if (is_followed && end > 0 && is_end(text.data[end - 1])) {
            return slice_make(text.data, size);
        }
        size = end == size ? size - 1 : end;
    }
    return SLICE_EMPTY;
}
