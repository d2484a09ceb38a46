#include "cli/beginning.h"

#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "cli/command.h"
#include "cli/terminal_text.h"

enum {
    MATCHES_MAX = 5, /* that are told */
    ABOUT_SIZE = 64, /* bytes of what is told of one */
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

/* ---- what begins so ---- */

struct match {
    char id[ID_TEXT_SIZE];
    char about[ABOUT_SIZE];
};

struct matches {
    const char *word;
    struct match items[MATCHES_MAX]; /* the first that were found, each once */
    size_t count;
};

/* Adds an id that begins with the word, and what is told of it. */
static void add(struct matches *matches, const char *id, const char *about, const char *more)
{
    size_t place = 0;
    if (strncmp(id, matches->word, strlen(matches->word)) != 0) {
        return;
    }
    while (place < matches->count && strcmp(matches->items[place].id, id) != 0) {
        place++;
    }
    if (place == matches->count && place < MATCHES_MAX) {
        struct match *match = &matches->items[matches->count++];
        snprintf(match->id, sizeof match->id, "%s", id);
        snprintf(match->about, sizeof match->about, "%s%s%s", about, more[0] == '\0' ? "" : " ",
                 more);
    }
}

/* Says which they are. Returns EXIT_CODE_USAGE. */
static int tell_several(const struct matches *matches)
{
    fprintf(stderr, "troupe: several ids begin with %s, among them\n", matches->word);
    for (size_t index = 0; index < matches->count; index++) {
        const struct match *match = &matches->items[index];
        terminal_line(stderr, "  %s  %s", match->id, match->about);
    }
    return EXIT_CODE_USAGE;
}

static const char *text_at(const struct document *document, const char *list, size_t index,
                           const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "%s.%zu.%s", list, index, name);
    return document_text(document, member, "");
}

/* ---- what has a list ---- */

int beginning_find(struct session *session, const struct beginning_list *of, const char *word,
                   char out[ID_TEXT_SIZE])
{
    struct matches matches = {.word = word};
    struct client_answer answer = {0};
    const struct client_request request = {.method = "GET", .path = of->path};
    if (!is_part(word)) {
        snprintf(out, ID_TEXT_SIZE, "%s", word);
        return EXIT_CODE_OK;
    }
    int code = session_perform(session, &request, &answer);
    size_t count = code == EXIT_CODE_OK ? document_count(answer.document, of->list) : 0;
    for (size_t index = 0; index < count; index++) {
        add(&matches, text_at(answer.document, of->list, index, of->member),
            text_at(answer.document, of->list, index, of->about), "");
    }
    document_destroy(&answer.document);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (matches.count == 0) {
        fprintf(stderr, "troupe: no %s's id begins with %s\n", of->name, word);
        return EXIT_CODE_USAGE;
    }
    snprintf(out, ID_TEXT_SIZE, "%s", matches.items[0].id);
    return matches.count > 1 ? tell_several(&matches) : EXIT_CODE_OK;
}

/* ---- jobs, batches and pipelines ---- */

/* A look through jobs for what begins with a word. */
struct look {
    enum beginning_use use;
    struct matches matches;
    struct matches groups; /* where only jobs are meant */
    int64_t until_ms;
    int64_t scanned;
    bool is_cut; /* not all jobs were looked at */
};

static bool is_of_jobs(const struct look *look)
{
    return look->use == BEGINNING_READS_JOB || look->use == BEGINNING_CHANGES_JOB;
}

static void take_jobs(struct look *look, const struct document *document)
{
    static const char list[] = "data.jobs";
    size_t count = document_count(document, list);
    for (size_t index = 0; index < count; index++) {
        add(&look->matches, text_at(document, list, index, "jobId"),
            text_at(document, list, index, "queue"), text_at(document, list, index, "status"));
        add(is_of_jobs(look) ? &look->groups : &look->matches,
            text_at(document, list, index, "groupId"), "batch or pipeline", "");
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
        snprintf(path, sizeof path, "/api/v1/admin/jobs?limit=100&q=%s%s%s%s", look->matches.word,
                 more, cursor[0] != '\0' ? "&cursor=" : "", cursor); /* a cursor needs no escapes */
        code = session_perform(session, &request, &answer);
        if (code == EXIT_CODE_OK) {
            take_jobs(look, answer.document);
            snprintf(cursor, sizeof cursor, "%s",
                     document_text(answer.document, "pagination.nextCursor", ""));
        }
        document_destroy(&answer.document);
    } while (code == EXIT_CODE_OK && cursor[0] != '\0' && look->matches.count < 2 &&
             clock_monotonic_ms() < look->until_ms);
    look->is_cut = look->is_cut || cursor[0] != '\0';
    return code;
}

/* Says that nothing was found. Returns EXIT_CODE_USAGE. */
static int tell_none(const struct look *look)
{
    const char *word = look->matches.word;
    if (look->groups.count > 0) {
        fprintf(stderr,
                "troupe: no job's id begins with %s, but that of a batch or pipeline, %s: this "
                "takes jobs\n",
                word, look->groups.items[0].id);
    } else if (look->is_cut) {
        fprintf(stderr,
                "troupe: no id of the newest %lld jobs begins with %s; `troupe jobs q=%s` looks "
                "further\n",
                (long long)look->scanned, word, word);
    } else {
        fprintf(stderr, "troupe: no id of a job%s begins with %s\n",
                is_of_jobs(look) ? "" : ", batch or pipeline", word);
    }
    return EXIT_CODE_USAGE;
}

/* Says what was found, unless it is one of all. Returns an exit code. */
static int judge(const struct look *look)
{
    bool may_be = look->use == BEGINNING_READS || look->use == BEGINNING_READS_JOB;
    if (look->matches.count != 1) {
        return look->matches.count == 0 ? tell_none(look) : tell_several(&look->matches);
    }
    if (!look->is_cut) {
        return EXIT_CODE_OK;
    }
    fprintf(stderr, "troupe: of the newest %lld jobs only %s begins with %s%s\n",
            (long long)look->scanned, look->matches.items[0].id, look->matches.word,
            may_be ? "" : "; there are more jobs: this takes the whole id");
    return may_be ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

int beginning_find_job(struct session *session, const char *word, enum beginning_use use,
                       char out[ID_TEXT_SIZE])
{
    struct look look = {.use = use,
                        .matches = {.word = word},
                        .groups = {.word = word},
                        .until_ms = clock_monotonic_ms() + LOOK_MS};
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
                "troupe: %s is not a whole id, and to look for it takes a viewer's or an "
                "admin's token\n",
                word);
        return EXIT_CODE_USAGE;
    }
    int code = look_through(session, &look, "");
    if (code == EXIT_CODE_OK && look.matches.count < 2) {
        code = look_through(session, &look, "&queue=webhook"); /* which it leaves out otherwise */
    }
    code = code == EXIT_CODE_OK ? judge(&look) : code;
    if (code == EXIT_CODE_OK) {
        snprintf(out, ID_TEXT_SIZE, "%s", look.matches.items[0].id);
    }
    return code;
}
