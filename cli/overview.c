#include "cli/overview.h"

#include <stdio.h>
#include "base/id.h"
#include "base/timestamp.h"
#include "cli/disk_low.h"
#include "cli/table.h"
#include "cli/terminal_text.h"
#include "cli/wrap.h"

enum {
    NAME_SIZE = 64,    /* bytes of a name in an item of a list */
    MEMBER_SIZE = 192, /* bytes of a path in an answer */
    AGE_SIZE = 24,
    NOTE_LINES_MAX = 4,
    STATE_SIZE = 96,       /* bytes of a line about a queue */
    SLOT_SIZE = 192,       /* bytes of what a slot does */
    MORE_SIZE = 40,        /* of how many jobs are not named */
    ID_BEGINNING_SIZE = 8, /* bytes of a job's id that a terminal has room for */
};

/* ---- reading answers ---- */

static const char *text_at(const struct document *document, const char *list, size_t index,
                           const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.%s.%zu.%s", list, index, name);
    return document_text(document, member, "");
}

static int64_t number_at(const struct document *document, const char *list, size_t index,
                         const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.%s.%zu.%s", list, index, name);
    return document_integer(document, member, 0);
}

static bool flag_at(const struct document *document, const char *list, size_t index,
                    const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.%s.%zu.%s", list, index, name);
    return document_flag(document, member, false);
}

/* How long ago a moment was: 5s, 12m, 3h, 4d; - without one. */
static void age_write(const char *moment, int64_t now_ms, char out[AGE_SIZE])
{
    int64_t at_ms;
    if (timestamp_parse(slice_from_string(moment), &at_ms) != STATUS_OK) {
        snprintf(out, AGE_SIZE, "-");
        return;
    }
    int64_t seconds = now_ms > at_ms ? (now_ms - at_ms) / 1000 : 0;
    if (seconds < 120) {
        snprintf(out, AGE_SIZE, "%llds", (long long)seconds);
    } else if (seconds < 7200) {
        snprintf(out, AGE_SIZE, "%lldm", (long long)(seconds / 60));
    } else if (seconds < 172800) {
        snprintf(out, AGE_SIZE, "%lldh", (long long)(seconds / 3600));
    } else {
        snprintf(out, AGE_SIZE, "%lldd", (long long)(seconds / 86400));
    }
}

/* ---- tables ---- */

/* Above the tables of a terminal; a line among rows is for people. */
static enum status draw_disk_low(const struct document *document, const struct overview_look *look,
                                 struct buffer *out)
{
    char note[DISK_LOW_SIZE];
    if (look->columns == 0 || !disk_low_write(document, note)) {
        return STATUS_OK;
    }
    enum status status = buffer_append_format(out, "%s", look->colours ? "\033[31m" : "");
    status = status == STATUS_OK ? wrap_draw(note, 0, look->columns, NOTE_LINES_MAX, out) : status;
    return status == STATUS_OK ? buffer_append_format(out, "%s\n", look->colours ? "\033[0m" : "")
                               : status;
}

/* Whether a queue takes and starts what it is given, and if not, why. */
struct state {
    enum table_colour colour;
    const char *words; /* running: it does */
};

/* What is to be delivered comes of what was accepted: that queue goes on while the disk is low. */
static struct state state_of(const struct document *document, size_t index)
{
    static const char list[] = "queues";
    const char *reason = text_at(document, list, index, "waitReason");
    int64_t workers = number_at(document, list, index, "workers");
    int64_t limit = number_at(document, list, index, "limit.max");
    bool is_at_rate = limit > 0 && number_at(document, list, index, "limit.used") >= limit;
    bool has_jobs = number_at(document, list, index, "counts.waiting") > 0;
    if (flag_at(document, list, index, "paused")) {
        return (struct state){TABLE_YELLOW, "paused"};
    }
    if (workers > 0 && number_at(document, list, index, "workersDraining") == workers) {
        return (struct state){has_jobs ? TABLE_RED : TABLE_YELLOW, "drained"};
    }
    if (strcmp(reason, "provider_down") == 0) {
        return (struct state){TABLE_RED, "provider down"};
    }
    if (strcmp(reason, "no_worker") == 0) {
        return (struct state){TABLE_RED, "no worker"};
    }
    if (strcmp(reason, "capped") == 0) {
        return (struct state){TABLE_YELLOW, "at its cap"};
    }
    if (strcmp(reason, "rate_limited") == 0) {
        return (struct state){TABLE_YELLOW, is_at_rate ? "at its rate" : "provider at its rate"};
    }
    if (document_flag(document, "data.diskLow", false) &&
        strcmp(text_at(document, list, index, "queue"), "webhook") != 0) {
        return (struct state){TABLE_RED, "no new jobs"};
    }
    return (struct state){TABLE_GREEN, "running"};
}

static bool is_running(const struct state *state)
{
    return state->colour == TABLE_GREEN;
}

/* is_marked: a mark before its name tells that it does not run. */
static void put_queue(struct table *table, const struct document *document, size_t index,
                      bool is_marked, int64_t now_ms)
{
    static const char list[] = "queues";
    static const char *const counts[] = {"counts.pending", "counts.waiting", "counts.active"};
    static const char *const ended[] = {"counts.completed", "counts.failed", "counts.cancelled"};
    char age[AGE_SIZE];
    int64_t limit = number_at(document, list, index, "limit.max");
    int64_t workers = number_at(document, list, index, "workers");
    int64_t failed = number_at(document, list, index, "counts.failed");
    struct state state = state_of(document, index);
    bool has_mark = is_marked && !is_running(&state);
    age_write(text_at(document, list, index, "oldestWaitingAt"), now_ms, age);
    table_put(table, has_mark ? state.colour : TABLE_PLAIN, "%s%s",
              has_mark    ? "! "
              : is_marked ? "  "
                          : "",
              text_at(document, list, index, "queue"));
    table_put(table, state.colour, "%s", state.words);
    for (size_t column = 0; column < 3; column++) {
        table_put(table, TABLE_PLAIN, "%lld",
                  (long long)number_at(document, list, index, counts[column]));
    }
    for (size_t column = 0; column < 3; column++) {
        table_put(table, column == 1 && failed > 0 ? TABLE_RED : TABLE_PLAIN, "%lld",
                  (long long)number_at(document, list, index, ended[column]));
    }
    table_put(table, workers == 0 ? TABLE_RED : TABLE_PLAIN, "%lld", (long long)workers);
    table_put(table, workers == 0 ? TABLE_RED : TABLE_PLAIN, "%lld/%lld",
              (long long)number_at(document, list, index, "slotsBusy"),
              (long long)number_at(document, list, index, "slots"));
    if (limit > 0) {
        table_put(table, TABLE_PLAIN, "%lld/%lld",
                  (long long)number_at(document, list, index, "limit.used"), (long long)limit);
    } else {
        table_put(table, TABLE_PLAIN, "-");
    }
    table_put(table, TABLE_PLAIN, "%lld",
              (long long)number_at(document, list, index, "perMinute.completed"));
    table_put(table, TABLE_PLAIN, "%s", age);
}

/* Begins a table, which table_fini ends. */
static void fill_queues(const struct document *document, bool is_marked, int64_t now_ms,
                        struct table *table)
{
    static const char *const names[] = {
        "QUEUE",      "STATE",    "#PENDING", "#WAITING", "#ACTIVE",  "#COMPLETED", "#FAILED",
        "#CANCELLED", "#WORKERS", "#SLOTS",   "#LIMIT",   "#PER MIN", "#OLDEST",    NULL};
    static const struct table_step steps[] = {
        {"CANCELLED", 0}, {"LIMIT", 0},  {"WORKERS", 0}, {"PER MIN", 0}, {"COMPLETED", 0},
        {"PENDING", 0},   {"OLDEST", 0}, {"STATE", 0},   {NULL, 0},
    };
    size_t count = document_count(document, "data.queues");
    table_init(table, names);
    table_narrow(table, steps);
    for (size_t index = 0; index < count; index++) {
        put_queue(table, document, index, is_marked, now_ms);
    }
}

/* What the marks mean, a line for each queue that does not run. */
static enum status draw_states(const struct document *document, const struct overview_look *look,
                               struct buffer *out)
{
    enum status status = STATUS_OK;
    size_t count = document_count(document, "data.queues");
    for (size_t index = 0; index < count && status == STATUS_OK; index++) {
        char line[STATE_SIZE];
        struct state state = state_of(document, index);
        if (is_running(&state)) {
            continue;
        }
        snprintf(line, sizeof line, "! %s: %s", text_at(document, "queues", index, "queue"),
                 state.words);
        terminal_text(line);
        status = wrap_draw(line, 0, look->columns, NOTE_LINES_MAX, out);
        status = status == STATUS_OK ? buffer_append(out, "\n", 1) : status;
    }
    return status;
}

enum status overview_draw_queues(const struct document *document, const struct overview_look *look,
                                 struct buffer *out)
{
    struct table table;
    fill_queues(document, false, look->now_ms, &table);
    bool is_marked = !table_has_room(&table, look->columns, "STATE");
    if (is_marked) {
        table_fini(&table);
        fill_queues(document, true, look->now_ms, &table);
    }
    enum status status = draw_disk_low(document, look, out);
    status = status == STATUS_OK ? table_draw(&table, look->columns, look->colours, out) : status;
    table_fini(&table);
    return status == STATUS_OK && is_marked ? draw_states(document, look, out) : status;
}

/* A job in a slot: its step, how far it is, and since when. Whole ids of jobs, as other commands
 * take them, where there is room without end. */
static size_t write_slot(const struct document *document, size_t index, size_t job,
                         const struct overview_look *look, char out[SLOT_SIZE])
{
    static const char list[] = "workers";
    int id_size = look->columns > 0 ? ID_BEGINNING_SIZE : ID_TEXT_SIZE - 1;
    char name[NAME_SIZE];
    char since[AGE_SIZE];
    snprintf(name, sizeof name, "jobs.%zu.startedAt", job);
    age_write(text_at(document, list, index, name), look->now_ms, since);
    snprintf(name, sizeof name, "jobs.%zu.jobId", job);
    const char *id = text_at(document, list, index, name);
    snprintf(name, sizeof name, "jobs.%zu.step", job);
    const char *step = text_at(document, list, index, name);
    snprintf(name, sizeof name, "jobs.%zu.progress", job);
    int size = snprintf(out, SLOT_SIZE, "%s%.*s %s %lld%% %s", job > 0 ? ", " : "", id_size, id,
                        step[0] == '\0' ? "-" : step,
                        (long long)number_at(document, list, index, name), since);
    return size < SLOT_SIZE ? (size_t)size : SLOT_SIZE - 1;
}

/* What its slots do: the jobs that are told and have room, and how many more there are. */
static void write_slots(const struct document *document, size_t index, size_t count, size_t busy,
                        const struct overview_look *look, char out[TABLE_CELL_SIZE_MAX])
{
    size_t size = 0;
    size_t job = 0;
    out[0] = '\0';
    while (job < count && size < TABLE_CELL_SIZE_MAX - SLOT_SIZE - MORE_SIZE) {
        size += write_slot(document, index, job, look, out + size);
        job++;
    }
    if (busy > job) {
        snprintf(out + size, MORE_SIZE, "%sand %zu more", job > 0 ? ", " : "", busy - job);
    }
}

/* One that is lost is nowhere to be reached, and may come back for what it has. */
static void put_worker_state(struct table *table, const struct document *document, size_t index,
                             bool has_jobs)
{
    static const char list[] = "workers";
    if (flag_at(document, list, index, "lost")) {
        table_put(table, TABLE_RED, "lost");
    } else if (flag_at(document, list, index, "draining")) {
        bool is_stopping = flag_at(document, list, index, "stopping");
        table_put(table, TABLE_YELLOW, "%s", is_stopping ? "stopping" : "draining");
    } else {
        table_put(table, has_jobs ? TABLE_GREEN : TABLE_PLAIN, "%s", has_jobs ? "working" : "idle");
    }
}

static void put_worker(struct table *table, const struct document *document, size_t index,
                       const struct overview_look *look)
{
    static const char list[] = "workers";
    char member[MEMBER_SIZE];
    char connected[AGE_SIZE];
    char seen[AGE_SIZE];
    char jobs[TABLE_CELL_SIZE_MAX];
    snprintf(member, sizeof member, "data.workers.%zu.jobs", index);
    size_t count = document_count(document, member);
    int64_t busy = number_at(document, list, index, "slotsBusy");
    write_slots(document, index, count, busy > 0 ? (size_t)busy : 0, look, jobs);
    age_write(text_at(document, list, index, "connectedAt"), look->now_ms, connected);
    age_write(text_at(document, list, index, "lastSeenAt"), look->now_ms, seen);
    table_put(table, TABLE_PLAIN, "%s", text_at(document, list, index, "workerId"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, list, index, "queue"));
    put_worker_state(table, document, index, busy > 0);
    table_put(table, TABLE_PLAIN, "%s", text_at(document, list, index, "host"));
    table_put(table, TABLE_PLAIN, "%lld", (long long)number_at(document, list, index, "pid"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, list, index, "version"));
    table_put(table, TABLE_PLAIN, "%s", connected);
    table_put(table, TABLE_PLAIN, "%s", seen);
    table_put(table, TABLE_PLAIN, "%lld/%lld", (long long)busy,
              (long long)number_at(document, list, index, "slots"));
    table_put(table, TABLE_PLAIN, "%s", jobs);
}

enum status overview_draw_workers(const struct document *document, const struct overview_look *look,
                                  struct buffer *out)
{
    static const char *const names[] = {"WORKER",     "QUEUE", "STATE",  "HOST", "#PID", "VERSION",
                                        "#CONNECTED", "#SEEN", "#SLOTS", "JOBS", NULL};
    /* `troupe drain` takes the first part of an id. */
    static const struct table_step steps[] = {
        {"VERSION", 0}, {"CONNECTED", 0}, {"PID", 0},   {"WORKER", 8}, {"SEEN", 0},
        {"HOST", 16},   {"HOST", 0},      {"STATE", 0}, {NULL, 0},
    };
    struct table table;
    size_t count = document_count(document, "data.workers");
    table_init(&table, names);
    table_narrow(&table, steps);
    for (size_t index = 0; index < count; index++) {
        put_worker(&table, document, index, look);
    }
    bool is_empty = count == 0 && look->columns > 0; /* a line among rows is for people */
    enum status status = is_empty ? buffer_append_format(out, "no worker is connected\n")
                                  : table_draw(&table, look->columns, look->colours, out);
    table_fini(&table);
    return status;
}
