/* `troupe queues`, `workers`, `top`, `pause`, `resume` and `drain`, by the admin API. */

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/beginning.h"
#include "cli/command.h"
#include "cli/disk_low.h"
#include "cli/filter.h"
#include "cli/overview.h"
#include "cli/rows.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/watch.h"
#include "proto/codes.h"
#include "proto/word_lists.h"

enum {
    PATH_OF_ONE_SIZE = 512,
    TEXT_SIZE_MAX = 1 << 20,
};

const char usage_queues[] =
    "usage: troupe queues [--once] [--json] [--user NAME] [--data DIR]\n"
    "What is in the queues: on a terminal live, until q or Ctrl-C; otherwise, and\n"
    "with --once, once. What has no room on a terminal is left out, the least\n"
    "important columns first; where the states are, a ! before its name has each\n"
    "queue that does not run, and a line below says why.\n";
const char usage_workers[] =
    "usage: troupe workers [--watch] [--json] [--user NAME] [--data DIR]\n"
    "The workers that are connected, and what each of them does. A terminal has the\n"
    "beginnings of jobs' ids; --json, and a pipe, have them whole. --watch shows them\n"
    "live, until q or Ctrl-C (exit code 0), and once into a pipe; with --json it\n"
    "tells them once a second, one object a line, until Ctrl-C.\n";
const char usage_top[] =
    "usage: troupe top [--once] [--json] [--user NAME] [--data DIR]\n"
    "Queues and workers, live on a terminal, until q or Ctrl-C. --json tells them\n"
    "once a second, one object a line, until Ctrl-C; with --once, once.\n";
const char usage_pause[] =
    "usage: troupe pause QUEUE... [--json] [--user NAME] [--data DIR]\n"
    "       troupe pause --all [--json] [--user NAME] [--data DIR]\n"
    "No job of the queues starts until they are resumed, over restarts too; what is\n"
    "at work goes on. QUEUE is character, image, video or webhook; --all means each\n"
    "of them. --json tells one object for each, a line each.\n";
const char usage_resume[] = "usage: troupe resume QUEUE... [--json] [--user NAME] [--data DIR]\n"
                            "       troupe resume --all [--json] [--user NAME] [--data DIR]\n";
const char usage_drain[] =
    "usage: troupe drain WORKER [--undo | --stop] [--json] [--user NAME] [--data DIR]\n"
    "The worker takes no new jobs and finishes what it has; with --stop it then ends;\n"
    "--undo has it take jobs again. WORKER is an id of `troupe workers`, or as much\n"
    "of its beginning as no other has.\n";

struct wish {
    const char *data, *user;
    bool json, once, watch, undo, stop, all;
    bool lines; /* an answer takes a line as JSON: others follow */
};

/* Takes the options that all of these share, and flags of their own. */
static int take(struct wish *wish, const struct option_rule *own, int own_count, int count,
                char **words)
{
    struct option_rule rules[8] = {
        {"--data", &wish->data, NULL},
        {"--user", &wish->user, NULL},
    };
    for (int index = 0; index < own_count; index++) {
        rules[index + 2] = own[index];
    }
    return options_take(count, words, rules, own_count + 2);
}

static int64_t wall_ms(void)
{
    struct clock clock;
    clock_init(&clock, 0);
    return clock_now_ms(&clock);
}

/* ---- views ---- */

/* The parts of a view, in their order on the screen. */
enum part {
    PART_QUEUES,
    PART_WORKERS,
    PART_COUNT,
};

typedef enum status draw_answer(const struct document *document, const struct overview_look *look,
                                struct buffer *out);

static const struct {
    const char *path;
    draw_answer *draw;
    const char *members[4]; /* that are told to programs; NULL ends them */
} parts[PART_COUNT] = {
    [PART_QUEUES] = {"/api/v1/admin/queues",
                     overview_draw_queues,
                     {"data.queues", "data.diskLow", "data.disk", NULL}},
    [PART_WORKERS] = {"/api/v1/admin/workers", overview_draw_workers, {"data.workers", NULL}},
};

struct view {
    struct session session;
    const char *what; /* of the line above it */
    bool has[PART_COUNT];
    bool once;
    struct document *answers[PART_COUNT]; /* the newest; NULL before it */
};

/* watch_view.ask. The answers are kept when all of them are there. */
static int ask(void *context, struct watch *watch)
{
    struct view *view = context;
    struct client_answer answers[PART_COUNT] = {0};
    int code = EXIT_CODE_OK;
    for (int part = 0; part < PART_COUNT && code == EXIT_CODE_OK; part++) {
        if (view->has[part]) {
            code = watch_get(&view->session, watch, parts[part].path, &answers[part]);
        }
    }
    for (int part = 0; part < PART_COUNT; part++) {
        if (code == EXIT_CODE_OK) {
            document_destroy(&view->answers[part]);
            view->answers[part] = answers[part].document;
        } else {
            document_destroy(&answers[part].document);
        }
    }
    return code;
}

/* watch_view.draw */
static enum status draw(void *context, int64_t at_ms, struct buffer *out)
{
    const struct view *view = context;
    enum status status = STATUS_OK;
    const struct overview_look look = {
        .columns = isatty(STDOUT_FILENO) == 1 ? terminal_columns() : 0,
        .colours = terminal_has_colours(),
        .now_ms = at_ms,
    };
    for (int part = 0; part < PART_COUNT && status == STATUS_OK; part++) {
        if (part > 0 && view->answers[part] != NULL && view->answers[part - 1] != NULL) {
            status = buffer_append(out, "\n", 1);
        }
        if (status == STATUS_OK && view->answers[part] != NULL) {
            status = parts[part].draw(view->answers[part], &look, out);
        }
    }
    return status;
}

/* watch_view.put: null for what an older gateway has not told. */
static enum status put(void *context, struct json_writer *json)
{
    const struct view *view = context;
    enum status status = STATUS_OK;
    for (int part = 0; part < PART_COUNT; part++) {
        const char *const *member = parts[part].members;
        for (; view->has[part] && *member != NULL && status == STATUS_OK; member++) {
            status = json_line_put(json, view->answers[part], *member);
        }
    }
    return status;
}

/* Prints the newest answers as a table: beside rows, which are for programs, stands what there is
 * to say of the disk. */
static int print_table(struct view *view)
{
    struct buffer text;
    char note[DISK_LOW_SIZE];
    const struct document *queues = view->answers[PART_QUEUES];
    buffer_init(&text, TEXT_SIZE_MAX);
    enum status status = draw(view, wall_ms(), &text);
    if (status == STATUS_OK) {
        fwrite(text.data, 1, text.size, stdout);
    }
    buffer_fini(&text);
    if (isatty(STDOUT_FILENO) != 1 && queues != NULL && disk_low_write(queues, note)) {
        fprintf(stderr, "troupe: %s\n", note);
    }
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

static int show_in(struct view *view, bool json)
{
    const struct watch_view live = {view->what, 0, ask, draw, put, view};
    if (!view->once) {
        return watch_show(&view->session, &live, json);
    }
    int code = ask(view, NULL);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    return json ? watch_tell(&live, wall_ms()) : print_table(view);
}

/* once: what is live otherwise. */
static int show(const struct wish *wish, struct view *view, bool once)
{
    int code = EXIT_CODE_FAILED;
    view->once = once || !watch_is_live(wish->json);
    if (session_open_admin(&view->session, wish->data, wish->user) == STATUS_OK) {
        code = show_in(view, wish->json);
    }
    for (int part = 0; part < PART_COUNT; part++) {
        document_destroy(&view->answers[part]);
    }
    session_close(&view->session);
    return code;
}

/* ---- one request ---- */

/* Performs a request and prints its answer's data as JSON, or rows of it. */
static int perform_in(struct session *session, const struct wish *wish, const char *method,
                      const char *path, const struct row *rows, size_t row_count)
{
    struct client_answer answer = {0};
    const struct client_request request = {.method = method, .path = path};
    int code = session_perform(session, &request, &answer);
    if (code == EXIT_CODE_OK && wish->json) {
        code =
            wish->lines ? rows_print_json_line(answer.document) : rows_print_json(answer.document);
    } else if (code == EXIT_CODE_OK) {
        rows_print(answer.document, rows, row_count);
    }
    document_destroy(&answer.document);
    return code;
}

/* The same in a session of its own. */
static int perform(const struct wish *wish, const char *method, const char *path,
                   const struct row *rows, size_t row_count)
{
    struct session session;
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&session, wish->data, wish->user) == STATUS_OK) {
        code = perform_in(&session, wish, method, path, rows, row_count);
    }
    session_close(&session);
    return code;
}

/* Writes /api/v1/admin/LIST/NAME/ACTION. */
static bool path_write(const char *list, const char *name, const char *action,
                       char out[PATH_OF_ONE_SIZE])
{
    struct buffer path;
    buffer_init(&path, PATH_OF_ONE_SIZE - 1);
    bool fits = buffer_append_format(&path, "/api/v1/admin/%s/", list) == STATUS_OK &&
                filter_escape(name, &path) == STATUS_OK &&
                buffer_append_format(&path, "/%s", action) == STATUS_OK;
    if (fits) {
        memcpy(out, path.data, path.size);
        out[path.size] = '\0';
    } else {
        fprintf(stderr, "troupe: the name is too long\n");
    }
    buffer_fini(&path);
    return fits;
}

/* Does it to the queues of these names, one after the other; the first that is refused ends it. */
static int change_each(const struct wish *wish, const char *action, const char *const *names,
                       int count)
{
    static const struct row rows[] = {{"queue", "data.queue"}, {"paused", "data.paused"}};
    char path[PATH_OF_ONE_SIZE];
    struct session session;
    int code = session_open_admin(&session, wish->data, wish->user) == STATUS_OK ? EXIT_CODE_OK
                                                                                 : EXIT_CODE_FAILED;
    for (int index = 0; index < count && code == EXIT_CODE_OK; index++) {
        bool is_written = path_write("queues", names[index], action, path);
        assert(is_written);
        code = perform_in(&session, wish, "POST", path, rows, sizeof rows / sizeof rows[0]);
    }
    session_close(&session);
    return code;
}

static int change_queues(const char *usage, const char *action, int count, char **words)
{
    struct wish wish = {.lines = true};
    const struct option_rule own[] = {{"--json", NULL, &wish.json}, {"--all", NULL, &wish.all}};
    int others = take(&wish, own, 2, count, words);
    if (wish.all && others == 0) {
        return change_each(&wish, action, WORD_LIST_QUEUES, JOB_KIND_COUNT);
    }
    if (wish.all || others < 1 || others > JOB_KIND_COUNT) {
        int most = wish.all ? 0 : JOB_KIND_COUNT;
        return options_words(usage, wish.all ? "" : "QUEUE", most > 0, most, others, words);
    }
    for (int index = 0; index < others; index++) {
        if (!options_word("queue", words[index], WORD_LIST_QUEUES)) {
            return EXIT_CODE_USAGE;
        }
    }
    return change_each(&wish, action, (const char *const *)words, others);
}

/* ---- one worker ---- */

static int change_worker(const struct wish *wish, const char *word)
{
    static const struct row rows[] = {
        {"worker", "data.workerId"}, {"draining", "data.draining"}, {"stopping", "data.stopping"}};
    const char *action = wish->undo ? "undrain" : wish->stop ? "stop" : "drain";
    static const struct beginning_list workers = {"/api/v1/admin/workers", "data.workers",
                                                  "workerId", "queue", "worker"};
    char path[PATH_OF_ONE_SIZE];
    char worker[ID_TEXT_SIZE];
    struct session session;
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&session, wish->data, wish->user) == STATUS_OK) {
        code = beginning_find(&session, &workers, word, worker);
    }
    if (code == EXIT_CODE_OK) {
        code = path_write("workers", worker, action, path)
                   ? perform_in(&session, wish, "POST", path, rows, sizeof rows / sizeof rows[0])
                   : EXIT_CODE_USAGE;
    }
    session_close(&session);
    return code;
}

/* ---- commands ---- */

int command_queues(int count, char **words)
{
    struct wish wish = {0};
    struct view view = {.what = "queues", .has = {[PART_QUEUES] = true}};
    const struct option_rule own[] = {{"--json", NULL, &wish.json}, {"--once", NULL, &wish.once}};
    int others = take(&wish, own, 2, count, words);
    if (others != 0) {
        return options_words(usage_queues, "", 0, 0, others, words);
    }
    return wish.json ? perform(&wish, "GET", parts[PART_QUEUES].path, NULL, 0)
                     : show(&wish, &view, wish.once);
}

int command_workers(int count, char **words)
{
    struct wish wish = {0};
    struct view view = {.what = "workers", .has = {[PART_WORKERS] = true}};
    const struct option_rule own[] = {{"--json", NULL, &wish.json}, {"--watch", NULL, &wish.watch}};
    int others = take(&wish, own, 2, count, words);
    if (others != 0) {
        return options_words(usage_workers, "", 0, 0, others, words);
    }
    return wish.json && !wish.watch ? perform(&wish, "GET", parts[PART_WORKERS].path, NULL, 0)
                                    : show(&wish, &view, !wish.watch);
}

int command_top(int count, char **words)
{
    struct wish wish = {0};
    struct view view = {.what = "top", .has = {[PART_QUEUES] = true, [PART_WORKERS] = true}};
    const struct option_rule own[] = {{"--json", NULL, &wish.json}, {"--once", NULL, &wish.once}};
    int others = take(&wish, own, 2, count, words);
    if (others != 0) {
        return options_words(usage_top, "", 0, 0, others, words);
    }
    return show(&wish, &view, wish.once);
}

int command_pause(int count, char **words)
{
    return change_queues(usage_pause, "pause", count, words);
}

int command_resume(int count, char **words)
{
    return change_queues(usage_resume, "resume", count, words);
}

int command_drain(int count, char **words)
{
    struct wish wish = {0};
    const struct option_rule own[] = {
        {"--json", NULL, &wish.json}, {"--undo", NULL, &wish.undo}, {"--stop", NULL, &wish.stop}};
    int others = take(&wish, own, 3, count, words);
    if (others == 1 && wish.undo && wish.stop) {
        return options_wrong(usage_drain, "--undo and --stop are not used together");
    }
    if (others != 1) {
        return options_words(usage_drain, "WORKER", 1, 1, others, words);
    }
    return beginning_is(words[0]) ? change_worker(&wish, words[0]) : EXIT_CODE_USAGE;
}
