#include "cli/beginning.h"

#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "cli/command.h"

enum {
    MEMBER_SIZE = 96,
    PATH_SIZE = 512,
    CURSOR_SIZE = 256,
    WORD_SIZE_MIN = 4, /* of a job's beginning: a shorter one is in most texts that are searched */
    LOOK_MS = 5000,    /* through jobs; a search of the broker takes a fifth of a second of it */
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

/* ---- jobs ---- */

/* A look through jobs for those whose ids begin with a word. */
struct look {
    const char *word;
    int64_t until_ms;
    char jobs[2][ID_TEXT_SIZE]; /* the first that were found */
    size_t count;               /* that were found; not counted further than two */
    int64_t scanned;
    bool is_cut; /* not all jobs were looked at */
};

static void take_jobs(struct look *look, const struct document *document)
{
    size_t count = document_count(document, "data.jobs");
    for (size_t index = 0; index < count && look->count < 2; index++) {
        char member[MEMBER_SIZE];
        snprintf(member, sizeof member, "data.jobs.%zu.jobId", index);
        const char *id = document_text(document, member, "");
        if (strncmp(id, look->word, strlen(look->word)) == 0) {
            snprintf(look->jobs[look->count++], ID_TEXT_SIZE, "%s", id);
        }
    }
    look->scanned += document_integer(document, "pagination.scanned", 0);
}

/* Goes through the jobs of one sort, the newest first. more: of the query. */
static int look_through(struct session *session, struct look *look, const char *more)
{
    char path[PATH_SIZE];
    char cursor[CURSOR_SIZE] = "";
    const struct client_request request = {.method = "GET", .path = path};
    int code = EXIT_CODE_OK;
    do {
        struct client_answer answer = {0};
        snprintf(path, sizeof path, "/api/v1/admin/jobs?limit=100&q=%s%s%s%s", look->word, more,
                 cursor[0] != '\0' ? "&cursor=" : "", cursor); /* a cursor needs no escapes */
        code = session_perform(session, &request, &answer);
        if (code == EXIT_CODE_OK) {
            take_jobs(look, answer.document);
            snprintf(cursor, sizeof cursor, "%s",
                     document_text(answer.document, "pagination.nextCursor", ""));
        }
        document_destroy(&answer.document);
    } while (code == EXIT_CODE_OK && cursor[0] != '\0' && look->count < 2 &&
             clock_monotonic_ms() < look->until_ms);
    look->is_cut = look->is_cut || cursor[0] != '\0';
    return code;
}

/* Says what was found, unless it is one job of all. Returns an exit code. */
static int judge(const struct look *look, enum beginning_use use)
{
    const char *word = look->word;
    long long scanned = (long long)look->scanned;
    if (look->count > 1) {
        fprintf(stderr, "troupe: the ids of several jobs begin with %s, among them %s and %s\n",
                word, look->jobs[0], look->jobs[1]);
    } else if (look->count == 0 && look->is_cut) {
        fprintf(stderr,
                "troupe: no id of the newest %lld jobs begins with %s; `troupe jobs q=%s` looks "
                "further\n",
                scanned, word, word);
    } else if (look->count == 0) {
        fprintf(
            stderr,
            "troupe: no job's id begins with %s; of a batch or pipeline it takes the whole id\n",
            word);
    } else if (look->is_cut) {
        fprintf(stderr, "troupe: of the newest %lld jobs only %s begins with %s%s\n", scanned,
                look->jobs[0], word,
                use == BEGINNING_READS ? "" : "; there are more jobs: this takes the whole id");
        return use == BEGINNING_READS ? EXIT_CODE_OK : EXIT_CODE_USAGE;
    } else {
        return EXIT_CODE_OK;
    }
    return EXIT_CODE_USAGE;
}

int beginning_find_job(struct session *session, const char *word, enum beginning_use use,
                       char out[ID_TEXT_SIZE])
{
    struct look look = {.word = word, .until_ms = clock_monotonic_ms() + LOOK_MS};
    if (!is_part(word)) {
        snprintf(out, ID_TEXT_SIZE, "%s", word);
        return EXIT_CODE_OK;
    }
    if (strlen(word) < WORD_SIZE_MIN) {
        fprintf(stderr, "troupe: %s is too short a beginning of an id: it takes %d characters\n",
                word, WORD_SIZE_MIN);
        return EXIT_CODE_USAGE;
    }
    if (!session_sees_all(session)) {
        fprintf(stderr,
                "troupe: %s is not a whole id, and to look for the job takes a viewer's or an "
                "admin's token\n",
                word);
        return EXIT_CODE_USAGE;
    }
    int code = look_through(session, &look, "");
    if (code == EXIT_CODE_OK && look.count < 2) {
        code = look_through(session, &look, "&queue=webhook"); /* which it leaves out otherwise */
    }
    code = code == EXIT_CODE_OK ? judge(&look, use) : code;
    if (code == EXIT_CODE_OK) {
        snprintf(out, ID_TEXT_SIZE, "%s", look.jobs[0]);
    }
    return code;
}
