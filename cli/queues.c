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
#include "cli/json_line.h"
#include "cli/overview.h"
#include "cli/rows.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/view_head.h"
#include "proto/codes.h"
#include "proto/word_lists.h"

enum {
    PATH_OF_ONE_SIZE = 512,
    MEMBER_SIZE = 32, /* of a path in an answer */
    TEXT_SIZE_MAX = 1 << 20,
};

const char usage_queues[] =
    "usage: troupe queues [--once] [--json] [--user NAME] [--data DIR]\n"
    "What is in the queues: on a terminal live, until q or Ctrl-C; otherwise, and\n"
    "with --once, once. What has no room on a terminal is left out, the least\n"
    "important columns first.\n";
const char usage_workers[] =
    "usage: troupe workers [--json] [--user NAME] [--data DIR]\n"
    "The workers that are connected, and what each of them does. A terminal has the\n"
    "beginnings of jobs' ids; --json, and a pipe, have them whole.\n";
const char usage_top[] =
    "usage: troupe top [--once] [--json] [--user NAME] [--data DIR]\n"
    "Queues and workers, live on a terminal, until q or Ctrl-C. --json tells them\n"
    "once a second, one object a line, until Ctrl-C; with --once, once.\n";
const char usage_pause[] =
    "usage: troupe pause QUEUE... [--json] [--user NAME] [--data DIR]\n"
    "       troupe pause --all [--json] [--user NAME] [--data DIR]\n"
    "No job of the queues starts until they are resumed, over restarts too; what is\n"
    "at work goes on. QUEUE is character, image, video or webhook; --all means each\n"
    "of them. --json tells one object for each.\n";
const char usage_resume[] = "usage: troupe resume QUEUE... [--json] [--user NAME] [--data DIR]\n"
                            "       troupe resume --all [--json] [--user NAME] [--data DIR]\n";
const char usage_drain[] =
    "usage: troupe drain WORKER [--undo | --stop] [--json] [--user NAME] [--data DIR]\n"
    "The worker takes no new jobs and finishes what it has; with --stop it then ends;\n"
    "--undo has it take jobs again. WORKER is an id of `troupe workers`, or as much\n"
    "of its beginning as no other has.\n";

struct wish {
    const char *data, *user;
    bool json, once, undo, stop, all;
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

struct view {
    struct session session;
    bool queues, workers;
    bool colours;
};

typedef enum status draw_answer(const struct document *document, const struct overview_look *look,
                                struct buffer *out);

/* Beside rows, which are for programs. */
static void note_disk_low(const struct document *document)
{
    char note[DISK_LOW_SIZE];
    if (disk_low_write(document, note)) {
        fprintf(stderr, "troupe: %s\n", note);
    }
}

static int add_part(struct view *view, const char *path, draw_answer *draw, struct buffer *out)
{
    struct client_answer answer = {0};
    const struct client_request request = {
        .method = "GET", .path = path, .stop = terminal_is_ending};
    const struct overview_look look = {
        .columns = isatty(STDOUT_FILENO) == 1 ? terminal_columns() : 0,
        .colours = view->colours,
        .now_ms = wall_ms(),
    };
    int code = session_perform(&view->session, &request, &answer);
    if (code == EXIT_CODE_OK && draw(answer.document, &look, out) != STATUS_OK) {
        code = EXIT_CODE_FAILED;
    }
    if (code == EXIT_CODE_OK && look.columns == 0) {
        note_disk_low(answer.document);
    }
    document_destroy(&answer.document);
    return code;
}

static int draw_view(void *context, struct buffer *out)
{
    struct view *view = context;
    int code = EXIT_CODE_OK;
    if (view->queues) {
        code = add_part(view, "/api/v1/admin/queues", overview_draw_queues, out);
    }
    if (code == EXIT_CODE_OK && view->queues && view->workers) {
        code = buffer_append(out, "\n", 1) == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
    }
    if (code == EXIT_CODE_OK && view->workers) {
        code = add_part(view, "/api/v1/admin/workers", overview_draw_workers, out);
    }
    return code;
}

/* Draws a view with the time above it. */
static int draw_live(void *context, struct buffer *out)
{
    struct view *view = context;
    return view_head_draw(&view->session, "", wall_ms(), out) == STATUS_OK ? draw_view(context, out)
                                                                           : EXIT_CODE_FAILED;
}

static int print_view(struct view *view)
{
    struct buffer text;
    buffer_init(&text, TEXT_SIZE_MAX);
    int code = draw_view(view, &text);
    if (code == EXIT_CODE_OK) {
        fwrite(text.data, 1, text.size, stdout);
    }
    buffer_fini(&text);
    return code;
}

/* ---- the same for programs ---- */

/* Adds a member of an answer's data: null, where an older gateway has not told it. */
static enum status put_member(const struct document *document, const char *name,
                              struct json_writer *json)
{
    char member[MEMBER_SIZE];
    struct buffer text;
    snprintf(member, sizeof member, "data.%s", name);
    buffer_init(&text, CLIENT_ANSWER_SIZE_MAX);
    enum status status = document_write(document, member, false, &text);
    if (status == STATUS_OK) {
        json_name(json, name);
        json_put_raw(json, buffer_slice(&text));
    }
    buffer_fini(&text);
    return status;
}

/* Adds these members of an answer's data. names: NULL ends them. */
static int put_members(struct view *view, const char *path, const char *const *names,
                       struct json_writer *json)
{
    struct client_answer answer = {0};
    const struct client_request request = {
        .method = "GET", .path = path, .stop = terminal_is_ending};
    int code = session_perform(&view->session, &request, &answer);
    for (; *names != NULL && code == EXIT_CODE_OK; names++) {
        code = put_member(answer.document, *names, json) == STATUS_OK ? EXIT_CODE_OK
                                                                      : EXIT_CODE_FAILED;
    }
    document_destroy(&answer.document);
    return code;
}

/* terminal_tell */
static int tell_line(void *context)
{
    static const char *const queues[] = {"queues", "diskLow", "disk", NULL};
    static const char *const workers[] = {"workers", NULL};
    struct view *view = context;
    struct json_line line;
    json_line_begin(&line);
    json_member_time(&line.json, "at", wall_ms());
    int code = put_members(view, "/api/v1/admin/queues", queues, &line.json);
    if (code == EXIT_CODE_OK) {
        code = put_members(view, "/api/v1/admin/workers", workers, &line.json);
    }
    if (code != EXIT_CODE_OK) {
        json_line_drop(&line);
        return code;
    }
    return json_line_end(&line);
}

static int tell(const struct wish *wish)
{
    struct view view = {0};
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&view.session, wish->data, wish->user) == STATUS_OK) {
        code = wish->once ? tell_line(&view) : terminal_repeat(tell_line, &view);
    }
    session_close(&view.session);
    return code;
}

static int show(const struct wish *wish, bool queues, bool workers, bool live)
{
    struct view view = {.queues = queues, .workers = workers, .colours = terminal_has_colours()};
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&view.session, wish->data, wish->user) == STATUS_OK) {
        bool is_live = live && !wish->once && isatty(STDOUT_FILENO) == 1;
        code = is_live ? terminal_show(draw_live, &view) : print_view(&view);
    }
    session_close(&view.session);
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
        code = rows_print_json(answer.document);
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
    struct wish wish = {0};
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
                                                  "workerId", "worker"};
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
    const struct option_rule own[] = {{"--json", NULL, &wish.json}, {"--once", NULL, &wish.once}};
    int others = take(&wish, own, 2, count, words);
    if (others != 0) {
        return options_words(usage_queues, "", 0, 0, others, words);
    }
    return wish.json ? perform(&wish, "GET", "/api/v1/admin/queues", NULL, 0)
                     : show(&wish, true, false, true);
}

int command_workers(int count, char **words)
{
    struct wish wish = {0};
    const struct option_rule own[] = {{"--json", NULL, &wish.json}};
    int others = take(&wish, own, 1, count, words);
    if (others != 0) {
        return options_words(usage_workers, "", 0, 0, others, words);
    }
    return wish.json ? perform(&wish, "GET", "/api/v1/admin/workers", NULL, 0)
                     : show(&wish, false, true, false);
}

int command_top(int count, char **words)
{
    struct wish wish = {0};
    const struct option_rule own[] = {{"--json", NULL, &wish.json}, {"--once", NULL, &wish.once}};
    int others = take(&wish, own, 2, count, words);
    if (others != 0) {
        return options_words(usage_top, "", 0, 0, others, words);
    }
    return wish.json ? tell(&wish) : show(&wish, true, true, true);
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
