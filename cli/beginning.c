#include "cli/beginning.h"

#include <stdio.h>
#include <string.h>
#include "cli/command.h"

enum {
    MEMBER_SIZE = 96,
};

/* Whether a word may be the beginning of an id, and not all of it. */
static bool is_part(const char *word)
{
    size_t size = strlen(word);
    return size > 0 && size < ID_TEXT_SIZE - 1 && strspn(word, "0123456789abcdef-") == size;
}

bool beginning_is(const char *word)
{
    return is_part(word) || session_is_id(word);
}

/* Copies the ids that begin with the word. Returns how many there are. */
static size_t find_all(const struct document *document, const struct beginning_list *of,
                       const char *word, char out[ID_TEXT_SIZE])
{
    size_t found = 0;
    size_t count = document_count(document, of->list);
    for (size_t index = 0; index < count; index++) {
        char member[MEMBER_SIZE];
        snprintf(member, sizeof member, "%s.%zu.%s", of->list, index, of->member);
        const char *id = document_text(document, member, "");
        if (strncmp(id, word, strlen(word)) == 0) {
            snprintf(out, ID_TEXT_SIZE, "%s", id);
            found++;
        }
    }
    return found;
}

int beginning_find(struct session *session, const struct beginning_list *of, const char *word,
                   char out[ID_TEXT_SIZE])
{
    struct client_answer answer = {0};
    const struct client_request request = {.method = "GET", .path = of->path};
    if (!is_part(word)) {
        snprintf(out, ID_TEXT_SIZE, "%s", word);
        return EXIT_CODE_OK;
    }
    int code = session_perform(session, &request, &answer);
    size_t found = code == EXIT_CODE_OK ? find_all(answer.document, of, word, out) : 0;
    document_destroy(&answer.document);
    if (code == EXIT_CODE_OK && found != 1) {
        fprintf(stderr,
                found == 0 ? "troupe: no %s's id begins with %s\n"
                           : "troupe: the ids of several %ss begin with %s\n",
                of->name, word);
        code = EXIT_CODE_USAGE;
    }
    return code;
}
