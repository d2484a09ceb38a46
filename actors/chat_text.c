#include "actors/chat_text.h"

#include <string.h>

/* What stands around thoughts. */
static const struct {
    const char *begin;
    const char *end;
} marks[] = {
    {"<think>", "</think>"},
    {"[THINK]", "[/THINK]"},
    {"<thinking>", "</thinking>"},
    {"<seed:think>", "</seed:think>"},
};

#define MARK_COUNT (sizeof(marks) / sizeof(marks[0]))

static bool is_blank(uint8_t letter)
{
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

static struct slice after(struct slice text, size_t size)
{
    return slice_make(text.data + size, text.size - size);
}

/* The size of the one of words that text begins with, 0 when it is none. */
static size_t begins_with(struct slice text, const char *const *words)
{
    for (; *words != NULL; words++) {
        size_t size = strlen(*words);
        if (size <= text.size && memcmp(text.data, *words, size) == 0) {
            return size;
        }
    }
    return 0;
}

static size_t ends_with(struct slice text, const char *const *words)
{
    for (; *words != NULL; words++) {
        size_t size = strlen(*words);
        if (size <= text.size && memcmp(text.data + text.size - size, *words, size) == 0) {
            return size;
        }
    }
    return 0;
}

static struct slice without_blanks(struct slice text)
{
    static const char *const wide[] = {"\u00a0", "\u3000", "\u200b", "\ufeff", NULL};
    size_t size = 1;
    while (text.size > 0 && size > 0) {
        size = is_blank(text.data[0]) ? 1 : begins_with(text, wide);
        text = after(text, size);
    }
    return text;
}

/* Where word is, or the size of text. */
static size_t find(struct slice text, const char *word)
{
    const uint8_t *at = text.size == 0 ? NULL : memmem(text.data, text.size, word, strlen(word));
    return at == NULL ? text.size : (size_t)(at - text.data);
}

/* What follows a word in text; nothing where it is not there. */
static struct slice behind(struct slice text, const char *word)
{
    size_t at = find(text, word);
    return at == text.size ? SLICE_EMPTY : after(text, at + strlen(word));
}

/* Of a text in harmony's form, what stands in its channel "final", whose name others may follow. */
static struct slice final_channel(struct slice text)
{
    struct slice final = behind(behind(text, "<|channel|>final"), "<|message|>");
    final.size = find(final, "<|return|>");
    final.size = find(final, "<|end|>");
    return without_blanks(final);
}

struct slice chat_text_without_thoughts(struct slice text)
{
    static const char *const channels[] = {"<|channel|>", "<|start|>", NULL};
    struct slice rest = without_blanks(text);
    if (rest.size == 0) {
        return SLICE_EMPTY;
    }
    if (begins_with(rest, channels) > 0) {
        return final_channel(rest);
    }
    for (size_t index = 0; index < MARK_COUNT; index++) {
        const char *const begin[] = {marks[index].begin, NULL};
        if (begins_with(rest, begin) > 0) {
            return without_blanks(behind(rest, marks[index].end));
        }
    }
    for (size_t index = 0; index < MARK_COUNT; index++) {
        size_t end = find(rest, marks[index].end);
        if (end < rest.size && end < find(rest, marks[index].begin)) {
            return without_blanks(behind(rest, marks[index].end));
        }
    }
    return text;
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

static bool is_end(struct slice text)
{
    static const char *const ends[] = {".", "!", "?", "\u2026", NULL};
    return ends_with(text, ends) > 0;
}

/* Those of CJK, behind which nothing need follow. */
static bool is_full_end(struct slice text)
{
    static const char *const ends[] = {"\u3002", "\uff01", "\uff1f", NULL};
    return ends_with(text, ends) > 0;
}

static struct slice without_quotes(struct slice text)
{
    static const char *const quotes[] = {"\"",     "'",      ")",      "*", "\u201d",
                                         "\u2019", "\u300d", "\u300f", NULL};
    size_t size = 1;
    while (size > 0) {
        size = ends_with(text, quotes);
        text.size -= size;
    }
    return text;
}

struct slice chat_text_sentences(struct slice text)
{
    struct slice kept = text;
    while (kept.size > 0) {
        struct slice bare = without_quotes(kept);
        bool is_followed = kept.size == text.size || is_blank(text.data[kept.size]);
        if (is_full_end(bare) || (is_followed && is_end(bare))) {
            return kept;
        }
        kept.size = bare.size == kept.size ? kept.size - 1 : bare.size;
    }
    return SLICE_EMPTY;
}
