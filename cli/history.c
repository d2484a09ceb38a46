/* `troupe history`: what happened in the queues, as the broker keeps it. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/history_view.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "proto/word_lists.h"

enum {
    PATH_SIZE = 128,
    QUEUES_MAX = 8, /* with the word for all of them, and the end of the list */
    TEXT_SIZE_MAX = 1 << 20,
};

static const char all[] = "all";

const char usage_history[] =
    "usage: troupe history [QUEUE] [--range 1h|24h|30d] [--json] [--user NAME]\n"
    "                      [--data DIR]\n"
    "What happened in each queue, or in one, in the last hour (by minutes), the last\n"
    "24 hours (by quarters of an hour) or the last 30 days (by six hours). QUEUE is\n"
    "character, image, video or webhook, or all, which is all of them together.\n"
    "`started` counts attempts, the next three jobs that ended so. wait is how long\n"
    "jobs waited to start, run how long attempts took: half of them at most p50, 95\n"
    "of 100 at most p95. On a terminal each line of bars has its own scale, of p50\n"
    "that of p95; where steps share a bar their counts are added, and of times the\n"
    "longest is shown. Otherwise it is a table, a row a step.\n";

/* What can be asked for, the usual first. */
static const char *const ranges[] = {"1h", "24h", "30d", NULL};
static const char *const range_words[] = {"the last hour", "the last 24 hours", "the last 30 days"};

struct asking {
    struct session session;
    size_t range;
    bool json;
    bool is_picture;
    struct buffer text;
    struct table table;
    struct json_writer writer; /* to text */
    size_t asked, idle;        /* queues, and those in which nothing happened */
    bool was_idle;             /* the last one */
};

/* ---- answers ---- */

static enum status take_picture(struct asking *asking, const struct document *document,
                                const char *queue)
{
    const struct history_look look = {terminal_columns(), terminal_has_colours()};
    enum status status = STATUS_OK;
    bool is_idle = !history_has_any(document);
    if (asking->asked > 0 && !(is_idle && asking->was_idle)) {
        status = buffer_append(&asking->text, "\n", 1);
    }
    if (status == STATUS_OK && is_idle) {
        return buffer_append_format(&asking->text, "%s: nothing in %s\n", queue,
                                    range_words[asking->range]);
    }
    return status == STATUS_OK ? history_draw(document, queue, &look, &asking->text) : status;
}

static enum status take_json(struct asking *asking, const struct document *document,
                             const char *queue)
{
    struct buffer points;
    buffer_init(&points, TEXT_SIZE_MAX);
    json_object_begin(&asking->writer);
    json_member_text(&asking->writer, "queue", slice_from_string(queue));
    json_member_integer(&asking->writer, "stepMs", document_integer(document, "data.stepMs", 0));
    json_name(&asking->writer, "points");
    enum status status = document_write(document, "data.points", false, &points);
    json_put_raw(&asking->writer, buffer_slice(&points));
    json_object_end(&asking->writer);
    buffer_fini(&points);
    return status == STATUS_OK ? json_writer_status(&asking->writer) : status;
}

static enum status take(struct asking *asking, const struct document *document, const char *queue)
{
    enum status status = STATUS_OK;
    if (asking->json) {
        status = take_json(asking, document, queue);
    } else if (asking->is_picture) {
        status = take_picture(asking, document, queue);
    } else {
        history_put(document, queue, &asking->table);
    }
    asking->asked++;
    asking->was_idle = !history_has_any(document);
    asking->idle += asking->was_idle;
    return status;
}

static int print(struct asking *asking)
{
    bool is_idle = asking->idle == asking->asked && !asking->json;
    enum status status = STATUS_OK;
    if (asking->json) {
        json_array_end(&asking->writer);
        json_object_end(&asking->writer);
        status = json_writer_status(&asking->writer);
        status = status == STATUS_OK ? buffer_append(&asking->text, "\n", 1) : status;
    } else if (!asking->is_picture) {
        status = table_draw(&asking->table, 0, false, &asking->text);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: the answer is too long\n");
        return EXIT_CODE_FAILED;
    }
    if (!is_idle || !asking->is_picture) {
        fwrite(asking->text.data, 1, asking->text.size, stdout);
    }
    if (is_idle) { /* not among the rows of a table */
        fprintf(asking->is_picture ? stdout : stderr, "%snothing happened in %s\n",
                asking->is_picture ? "" : "troupe: ", range_words[asking->range]);
    }
    return EXIT_CODE_OK;
}

/* ---- questions ---- */

static int ask(struct asking *asking, const char *queue)
{
    char path[PATH_SIZE];
    struct client_answer answer = {0};
    const struct client_request request = {.method = "GET", .path = path};
    bool is_all = strcmp(queue, all) == 0;
    snprintf(path, sizeof path, "/api/v1/admin/history?range=%s%s%s", ranges[asking->range],
             is_all ? "" : "&queue=", is_all ? "" : queue);
    int code = session_perform(&asking->session, &request, &answer);
    if (code == EXIT_CODE_OK && take(asking, answer.document, queue) != STATUS_OK) {
        fprintf(stderr, "troupe: the answer is too long\n");
        code = EXIT_CODE_FAILED;
    }
    document_destroy(&answer.document);
    return code;
}

/* queue: NULL for each of them. */
static int ask_all(struct asking *asking, const char *queue)
{
    int code = EXIT_CODE_OK;
    table_init(&asking->table, history_names);
    buffer_init(&asking->text, TEXT_SIZE_MAX);
    json_writer_init(&asking->writer, &asking->text);
    if (asking->json) {
        json_object_begin(&asking->writer);
        json_member_text(&asking->writer, "range", slice_from_string(ranges[asking->range]));
        json_name(&asking->writer, "queues");
        json_array_begin(&asking->writer);
    }
    if (queue != NULL) {
        code = ask(asking, queue);
    }
    for (size_t index = 0; queue == NULL && WORD_LIST_QUEUES[index] != NULL; index++) {
        code = code == EXIT_CODE_OK ? ask(asking, WORD_LIST_QUEUES[index]) : code;
    }
    code = code == EXIT_CODE_OK ? print(asking) : code;
    buffer_fini(&asking->text);
    table_fini(&asking->table);
    return code;
}

/* Whether a word is a queue, or means all of them, after a message when not. */
static bool is_queue(const char *word)
{
    const char *names[QUEUES_MAX] = {NULL};
    size_t count = 0;
    while (WORD_LIST_QUEUES[count] != NULL && count < QUEUES_MAX - 2) {
        names[count] = WORD_LIST_QUEUES[count];
        count++;
    }
    names[count] = all;
    return options_word("queue", word, names);
}

static size_t place_of(const char *range)
{
    size_t place = 0;
    while (strcmp(ranges[place], range) != 0) {
        place++;
    }
    return place;
}

int command_history(int count, char **words)
{
    struct asking asking = {0};
    const char *data = NULL, *user = NULL, *range = ranges[0];
    const struct option_rule rules[] = {
        {"--data", &data, NULL},
        {"--user", &user, NULL},
        {"--range", &range, NULL},
        {"--json", NULL, &asking.json},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others < 0 || others > 1) {
        return options_words(usage_history, "QUEUE", 0, 1, others, words);
    }
    if (!options_word("range", range, ranges) || (others == 1 && !is_queue(words[0]))) {
        return EXIT_CODE_USAGE;
    }
    asking.range = place_of(range);
    asking.is_picture = isatty(STDOUT_FILENO) == 1;
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&asking.session, data, user) == STATUS_OK) {
        code = ask_all(&asking, others == 1 ? words[0] : NULL);
    }
    session_close(&asking.session);
    return code;
}
