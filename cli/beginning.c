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
    return size > 0 && size < ID_TEXT_SIZE - 1 && strspn(word, ID_CHARACTERS) == size;
}

/* Writes an id, or its beginning, as the server tells ids. */
static void write_low(const char *word, char out[ID_TEXT_SIZE])
{
    size_t size = 0;
    for (; word[size] != '\0' && size < ID_TEXT_SIZE - 1; size++) {
        bool is_capital = word[size] >= 'A' && word[size] <= 'F';
        out[size] = is_capital ? (char)(word[size] - 'A' + 'a') : word[size];
    }
    out[size] = '\0';
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
    char low[ID_TEXT_SIZE];
    struct matches matches = {.word = low};
    struct client_answer answer = {0};
    const struct client_request request = {.method = "GET", .path = of->path};
    write_low(word, low);
    if (!is_part(word)) {
        snprintf(out, ID_TEXT_SIZE, "%s", low);
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
        fprintf(stderr, "troupe: no %s's id begins with %s\n", of->name, low);
        return EXIT_CODE_USAGE;
    }
    snprintf(out, ID_TEXT_SIZE, "%s", matches.items[0].id);
    return matches.count > 1 ? tell_several(&matches) : EXIT_CODE_OK;
}

/* ---- jobs, batches and pipelines ---- */

/* A list of jobs, the newest first. */
struct source {
    const char *path;      /* of its pages */
    const char *list;      /* where an answer has them */
    const char *type;      /* member of each: what it makes */
    const char *type_else; /* where it does not tell that */
    bool is_search;        /* for a text */
};

/* All jobs: their search leaves deliveries out unless it is for them. */
static const struct source all[] = {
    {"/api/v1/admin/jobs?limit=100", "data.jobs", "queue", "", true},
    {"/api/v1/admin/jobs?limit=100&queue=webhook", "data.jobs", "queue", "", true},
};
/* Those of who asks. */
static const struct source own[] = {
    {"/api/v1/media-jobs?limit=100", "data", "type", "", false},
    {"/api/v1/character-jobs?limit=100", "data", "type", "character", false},
};
_Static_assert(sizeof all == sizeof own, "one loop goes through either");

/* A look through jobs for what begins with a word. */
struct look {
    enum beginning_use use;
    bool is_own;
    struct matches matches;
    struct matches others; /* what begins so and is not meant */
    int64_t until_ms;
    int64_t scanned;
    bool is_cut; /* not all jobs were looked at */
};

static bool is_of_jobs(const struct look *look)
{
    return look->use == BEGINNING_READS_JOB || look->use == BEGINNING_CHANGES_JOB;
}

static bool is_of_groups(const struct look *look)
{
    return look->use == BEGINNING_READS_GROUP || look->use == BEGINNING_CHANGES_GROUP;
}

static void take_jobs(struct look *look, const struct source *source,
                      const struct document *document)
{
    size_t count = document_count(document, source->list);
    for (size_t index = 0; index < count; index++) {
        const char *type = text_at(document, source->list, index, source->type);
        add(is_of_groups(look) ? &look->others : &look->matches,
            text_at(document, source->list, index, "jobId"),
            type[0] != '\0' ? type : source->type_else,
            text_at(document, source->list, index, "status"));
        add(is_of_jobs(look) ? &look->others : &look->matches,
            text_at(document, source->list, index, "groupId"), "batch or pipeline", "");
    }
    look->scanned += document_integer(document, "pagination.scanned", (int64_t)count);
}

/* Goes through the jobs of one list. */
static int look_through(struct session *session, struct look *look, const struct source *source)
{
    char path[PATH_SIZE];
    char cursor[CURSOR_SIZE] = "";
    const struct client_request request = {.method = "GET", .path = path};
    int code = EXIT_CODE_OK;
    do {
        struct client_answer answer = {0};
        snprintf(path, sizeof path, "%s%s%s%s%s", source->path, source->is_search ? "&q=" : "",
                 source->is_search ? look->matches.word : "", cursor[0] != '\0' ? "&cursor=" : "",
                 cursor); /* a cursor needs no escapes */
        code = session_perform(session, &request, &answer);
        if (code == EXIT_CODE_OK) {
            take_jobs(look, source, answer.document);
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
    const char *whose = look->is_own ? " of yours" : "";
    const char *meant = is_of_jobs(look)     ? "a job"
                        : is_of_groups(look) ? "a batch or pipeline"
                                             : "a job, batch or pipeline";
    if (look->others.count > 0) {
        fprintf(stderr,
                is_of_jobs(look)
                    ? "troupe: no job's id begins with %s, but that of a batch or pipeline, %s: "
                      "this takes jobs\n"
                    : "troupe: no batch's or pipeline's id begins with %s, but that of a job, %s: "
                      "this takes batches and pipelines\n",
                word, look->others.items[0].id);
    } else if (look->is_cut && look->is_own) {
        fprintf(stderr, "troupe: no id of your newest %lld jobs begins with %s\n",
                (long long)look->scanned, word);
    } else if (look->is_cut) {
        fprintf(stderr,
                "troupe: no id of the newest %lld jobs begins with %s; `troupe jobs q=%s` looks "
                "further\n",
                (long long)look->scanned, word, word);
    } else {
        fprintf(stderr, "troupe: no id of %s%s begins with %s\n", meant, whose, word);
    }
    return EXIT_CODE_USAGE;
}

/* Says what was found, unless it is one of all. Returns an exit code. */
static int judge(const struct look *look)
{
    bool may_be = look->use == BEGINNING_READS || look->use == BEGINNING_READS_JOB ||
                  look->use == BEGINNING_READS_GROUP;
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

/* Whether a beginning may be looked for; otherwise it was said why not. */
static bool may_look(struct session *session, struct look *look)
{
    const char *word = look->matches.word;
    if (strlen(word) < WORD_SIZE_MIN) {
        fprintf(stderr, "troupe: %s is too short a beginning of an id: it takes %d characters\n",
                word, WORD_SIZE_MIN);
        return false;
    }
    look->is_own = !session_sees_all(session);
    if (look->is_own && (is_of_jobs(look) || is_of_groups(look))) {
        fprintf(stderr,
                "troupe: %s is not a whole id, and to look for it takes a viewer's or an "
                "admin's token\n",
                word);
        return false;
    }
    return true;
}

int beginning_find_job(struct session *session, const char *word, enum beginning_use use,
                       char out[ID_TEXT_SIZE])
{
    char low[ID_TEXT_SIZE];
    struct look look = {.use = use,
                        .matches = {.word = low},
                        .others = {.word = low},
                        .until_ms = clock_monotonic_ms() + LOOK_MS};
    write_low(word, low);
    if (!is_part(word)) {
        snprintf(out, ID_TEXT_SIZE, "%s", low);
        return EXIT_CODE_OK;
    }
    if (!may_look(session, &look)) {
        return EXIT_CODE_USAGE;
    }
    const struct source *sources = look.is_own ? own : all;
    int code = EXIT_CODE_OK;
    for (size_t index = 0;
         index < sizeof all / sizeof all[0] && code == EXIT_CODE_OK && look.matches.count < 2;
         index++) {
        code = look_through(session, &look, &sources[index]);
    }
    code = code == EXIT_CODE_OK ? judge(&look) : code;
    if (code == EXIT_CODE_OK) {
        snprintf(out, ID_TEXT_SIZE, "%s", look.matches.items[0].id);
    }
    return code;
}

int beginning_find_group(struct session *session, struct filter *filter, enum beginning_use use,
                         char out[ID_TEXT_SIZE])
{
    const char *group = filter_group(filter);
    if (group == NULL) {
        return EXIT_CODE_OK;
    }
    if (!beginning_is(group)) {
        return EXIT_CODE_USAGE;
    }
    int code = beginning_find_job(session, group, use, out);
    filter_set_group(filter, code == EXIT_CODE_OK ? out : group);
    return code;
}
