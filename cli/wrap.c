#include "cli/wrap.h"

#include <stdbool.h>
#include <string.h>
#include "cli/width.h"

#define ELLIPSIS "…"

/* Bytes of a text's beginning of so many columns, or of all of it. */
static size_t bytes_of(const char *text, int columns)
{
    return width_cut(slice_from_string(text), columns);
}

static bool is_between_words(char character)
{
    return character == ' ' || character == ',';
}

/* Bytes of the word that begins a text. */
static size_t word_of(const char *text)
{
    size_t size = 0;
    while (text[size] != '\0' && !is_between_words(text[size])) {
        size++;
    }
    return size;
}

/* Whether a word is an address, or has one: of the web, or a path of the server's. */
static bool is_address(const char *word, size_t size)
{
    static const char scheme[] = "://";
    bool is_path = size > 1 && word[0] == '/' && memchr(word + 1, '/', size - 1) != NULL;
    return is_path || memmem(word, size, scheme, sizeof scheme - 1) != NULL;
}

/* How many bytes of a text that is wider than room stand in a line: as many as there is room for,
 * but an address not in part. *begins_word: where the word begins that the line would end
 * within. */
static size_t room_of(const char *text, int room, size_t *begins_word)
{
    size_t size = bytes_of(text, room);
    size_t begin = size;
    while (begin > 0 && !is_between_words(text[begin - 1])) {
        begin--;
    }
    size_t word = word_of(text + begin);
    bool fits = begin + word <= size;
    *begins_word = fits ? size : begin;
    if (fits || !is_address(text + begin, word)) {
        return size;
    }
    return begin > 0 ? begin : word + (text[word] == ',');
}

/* The same, and where that is not too early behind a word. */
static size_t line_of(const char *text, int room)
{
    size_t begins_word;
    size_t size = room_of(text, room, &begins_word);
    return begins_word > size / 2 ? begins_word : size;
}

enum status wrap_draw(const char *text, int indent, int columns, int lines_max, struct buffer *out)
{
    int room = columns - indent;
    size_t begins_word;
    enum status status = STATUS_OK;
    for (int line = 1; status == STATUS_OK; line++) {
        size_t word = word_of(text);
        bool is_last = room <= 0 || text[bytes_of(text, room)] == '\0' ||
                       (text[word] == '\0' && is_address(text, word));
        bool is_cut = !is_last && line == lines_max;
        if (is_last || is_cut) {
            size_t size = is_last ? strlen(text) : room_of(text, room - 1, &begins_word);
            return buffer_append_format(out, "%.*s%s", (int)size, text, is_cut ? ELLIPSIS : "");
        }
        size_t size = line_of(text, room);
        size_t shown = size;
        while (shown > 0 && text[shown - 1] == ' ') {
            shown--;
        }
        status = buffer_append_format(out, "%.*s\n%*s", (int)shown, text, indent, "");
        text += size;
        text += strspn(text, " ");
    }
    return status;
}
