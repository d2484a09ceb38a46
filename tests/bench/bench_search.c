/*
 * How long a search over all users' jobs takes. Method: fills a store with jobs as the broker would
 * write them (512 accepted and ended in a commit, not synced), of a thousand users, a hundredth of
 * them failed and a thousandth waiting, and walks each search to its end, a slice of SEARCH_MS at a
 * time; so it counts failures by what they failed of. Prints the first slice's time, the longest
 * one, and the whole. The newest job is of now, so that a broker may be started on the store.
 *
 *   bench_search [--fill] DIRECTORY [JOBS [FAILED]]     20,000 jobs unless told, of which every
 *                                              FAILED-th (100) has failed; the directory must not
 *                                              exist. --fill: nothing is looked for
 */

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "broker/query.h"
#include "broker/records.h"
#include "broker/store.h"

enum {
    JOBS_USUAL = 20000,
    FAILED_USUAL = 100,
    TURN_JOBS = 512,
    OWNERS = 1000,
    STEP_MS = 50, /* between two jobs: a million are less than a day, which all are kept for */
};

struct filling {
    int64_t begin;   /* when the first job was created */
    uint32_t failed; /* each such job */
    struct store *store;
    struct recorder *recorder;
    struct batch batch;
    uint64_t event_last;
};

static void add(struct filling *filling, const struct effect *effect, int64_t now)
{
    enum status status = recorder_add(filling->recorder, &filling->batch, effect, now);
    assert(status == STATUS_OK);
}

static struct job job_of(uint32_t number, int64_t begin)
{
    struct job job = {.kind = JOB_KIND_CHARACTER,
                      .state = JOB_STATE_WAITING,
                      .priority = PRIORITY_USUAL,
                      .attempt = 1,
                      .created_at = begin + (int64_t)number * STEP_MS,
                      .accepted = number + 1,
                      .version = 1};
    job.deadline = job.created_at + DEADLINE_MS;
    uint32_t own = number + 1;          /* no id is zero */
    uint32_t mixed = own * 2654435761u; /* ids have no order */
    memcpy(job.id.bytes, &mixed, sizeof mixed);
    memcpy(job.id.bytes + 8, &own, sizeof own);
    memcpy(job.character.bytes, job.id.bytes, ID_SIZE);
    job.character.bytes[ID_SIZE - 1] = 1;
    return job;
}

static void fill_job(struct filling *filling, uint32_t number)
{
    char owner[32];
    char payload[512];
    struct job job = job_of(number, filling->begin);
    snprintf(owner, sizeof owner, "user-%u", number % OWNERS);
    snprintf(payload, sizeof payload,
             "{\"name\":\"Character %u\",\"description\":\"%0200u\",\"age\":%u}", number, number,
             number % 90);
    const struct message_submit submit = {.job = job.id,
                                          .owner = slice_from_string(owner),
                                          .character = job.character,
                                          .payload = slice_from_string(payload)};
    struct effect effect = {
        .type = EFFECT_ACCEPT, .job = &job, .owner = submit.owner, .submit = &submit};
    add(filling, &effect, job.created_at);
    filling->event_last = job.accepted;
    if (number % 1000 == 1) {
        return;
    }
    char error[128];
    bool has_failed = number % filling->failed == 2 % filling->failed;
    job.state = has_failed ? JOB_STATE_FAILED : JOB_STATE_CANCELLED;
    job.completed_at = job.created_at + 1;
    effect = (struct effect){.type = EFFECT_END, .job = &job, .owner = submit.owner};
    if (has_failed) {
        effect.error_code = SLICE_LITERAL("provider_error");
        snprintf(error, sizeof error, "the provider answered HTTP %u to task %08x%08x after %u.5 s",
                 500 + number % 4, number * 2654435761u, number, number % 60);
        effect.error_message = slice_from_string(error);
    }
    add(filling, &effect, job.completed_at);
}

static void fill(struct store *store, uint32_t jobs, uint32_t failed, int64_t begin)
{
    struct filling filling = {.begin = begin, .failed = failed, .store = store};
    uint64_t commit = 1;
    enum status status = recorder_new(&filling.recorder);
    assert(status == STATUS_OK);
    batch_init(&filling.batch);
    for (uint32_t number = 0; number < jobs; commit++) {
        batch_clear(&filling.batch, commit);
        for (uint32_t turn = 0; turn < TURN_JOBS && number < jobs; turn++) {
            fill_job(&filling, number++);
        }
        status = recorder_finish(filling.recorder, &filling.batch, filling.event_last, begin);
        assert(status == STATUS_OK);
        enum commit_result result = store_commit(store, &filling.batch);
        assert(result == COMMIT_DURABLE);
    }
    batch_fini(&filling.batch);
    recorder_destroy(&filling.recorder);
}

static bool is_over(void *context)
{
    const int64_t *until_ms = context;
    return clock_monotonic_ms() >= *until_ms;
}

struct page {
    uint64_t scanned;
    uint64_t found; /* jobs, or jobs that were counted */
    bool exhausted;
};

static enum status ask(struct view *view, const struct message *request,
                       struct frame_writer *writer)
{
    static const struct retention retention;
    int64_t until_ms = clock_monotonic_ms() + SEARCH_MS;
    const struct search_limit limit = {.is_over = is_over, .context = &until_ms};
    return request->type == MESSAGE_TYPE_GET_FAILURES
               ? query_failures(view, &request->get_failures, &limit, writer)
               : query_search(view, &request->search_jobs, &limit, &retention, writer);
}

/* Reads a page of either, with where the next one begins. */
static struct page page_read(struct slice frame, struct buffer *cursor)
{
    struct frame_reader reader;
    struct message message;
    struct page page;
    enum status status = frame_open(&reader, frame);
    status = status == STATUS_OK ? frame_next(&reader, &message) : status;
    assert(status == STATUS_OK);
    bool is_search = message.type == MESSAGE_TYPE_SEARCH_PAGE;
    struct slice next = is_search ? message.search_page.next : message.failure_page.next;
    page.scanned = is_search ? message.search_page.scanned : message.failure_page.scanned;
    page.exhausted = is_search ? message.search_page.exhausted : message.failure_page.exhausted;
    page.found = is_search ? message.search_page.count : 0;
    buffer_clear(cursor);
    status = buffer_append_slice(cursor, next);
    assert(status == STATUS_OK);
    while (!is_search && frame_next(&reader, &message) == STATUS_OK) {
        page.found += message.failure_group.count;
    }
    return page;
}

/* One slice: its page. The cursor is moved on. */
static struct page slice_of(struct store *store, struct message *request, struct buffer *frame,
                            struct buffer *cursor)
{
    struct frame_writer writer;
    struct view *view = NULL;
    struct slice *place = request->type == MESSAGE_TYPE_GET_FAILURES ? &request->get_failures.cursor
                                                                     : &request->search_jobs.cursor;
    buffer_clear(frame);
    enum status status = store_view_open(store, &view);
    status = status == STATUS_OK ? frame_begin(&writer, frame, 0) : status;
    status = status == STATUS_OK ? ask(view, request, &writer) : status;
    assert(status == STATUS_OK);
    frame_end(&writer);
    store_view_close(&view);
    struct page page = page_read(buffer_slice(frame), cursor);
    *place = buffer_slice(cursor);
    return page;
}

static void measure(struct store *store, const char *what, struct message request)
{
    struct buffer frame;
    struct buffer cursor;
    struct page page = {0};
    int64_t start = clock_monotonic_ms();
    int64_t first = 0;
    int64_t longest = 0;
    uint64_t scanned = 0;
    uint64_t found = 0;
    uint32_t slices = 0;
    buffer_init(&frame, FRAME_SIZE_MAX);
    buffer_init(&cursor, CURSOR_SIZE_MAX);
    while (!page.exhausted && slices < 1000) {
        int64_t began = clock_monotonic_ms();
        page = slice_of(store, &request, &frame, &cursor);
        int64_t took = clock_monotonic_ms() - began;
        first = slices == 0 ? took : first;
        longest = took > longest ? took : longest;
        scanned += page.scanned;
        found += page.found;
        slices++;
    }
    printf("%-34s first %4" PRId64 " ms, longest %4" PRId64 " ms, %4u slices, %8" PRIu64
           " looked at, %6" PRIu64 " found, %6" PRId64 " ms in all\n",
           what, first, longest, slices, scanned, found, clock_monotonic_ms() - start);
    buffer_fini(&frame);
    buffer_fini(&cursor);
}

static void search(struct store *store, const char *what, struct message_search_jobs request)
{
    request.limit = LIST_LIMIT_MAX;
    measure(store, what,
            (struct message){.type = MESSAGE_TYPE_SEARCH_JOBS, .search_jobs = request});
}

static void count(struct store *store, const char *what, struct message_get_failures request)
{
    request.limit = LIST_LIMIT_MAX;
    measure(store, what,
            (struct message){.type = MESSAGE_TYPE_GET_FAILURES, .get_failures = request});
}

static void measure_all(struct store *store, uint32_t jobs, int64_t begin)
{
    int64_t middle = begin + (int64_t)(jobs / 2) * STEP_MS;
    search(store, "failed", (struct message_search_jobs){.states = 1 << JOB_STATE_FAILED});
    search(store, "waiting", (struct message_search_jobs){.states = 1 << JOB_STATE_WAITING});
    search(store, "one user",
           (struct message_search_jobs){.kinds = 7, .owner = SLICE_LITERAL("user-7")});
    search(store, "a hundred seconds in the middle",
           (struct message_search_jobs){.from = middle, .to = middle + 100000});
    search(store, "an error code",
           (struct message_search_jobs){.error_code = SLICE_LITERAL("provider_error"),
                                        .states = 1 << JOB_STATE_FAILED});
    search(store, "the oldest job's name",
           (struct message_search_jobs){.text = SLICE_LITERAL("\"character 0\"")});
    search(store, "a text that is nowhere",
           (struct message_search_jobs){.text = SLICE_LITERAL("nowhere")});
    count(store, "failures by what they failed of", (struct message_get_failures){0});
    count(store, "the same of a hundred seconds",
          (struct message_get_failures){.from = middle, .to = middle + 100000});
}

int main(int word_count, char **words)
{
    struct store *store;
    struct clock clock;
    char *detail = NULL;
    bool is_filled_only = word_count > 1 && strcmp(words[1], "--fill") == 0;
    word_count -= is_filled_only;
    words += is_filled_only;
    uint32_t jobs = word_count > 2 ? (uint32_t)strtoul(words[2], NULL, 10) : JOBS_USUAL;
    uint32_t failed = word_count > 3 ? (uint32_t)strtoul(words[3], NULL, 10) : FAILED_USUAL;
    if (word_count < 2 || words[1][0] == '-' || jobs == 0 || failed == 0) {
        fprintf(stderr, "usage: bench_search [--fill] DIRECTORY [JOBS [FAILED]]\n");
        return 2;
    }
    const struct store_options options = {.directory = words[1], .unsynced = true};
    if (store_open(&options, &store, &detail) != STATUS_OK) {
        fprintf(stderr, "bench_search: cannot open %s: %s\n", words[1],
                detail == NULL ? "" : detail);
        free(detail);
        return 1;
    }
    clock_init(&clock, 0);
    int64_t start = clock_monotonic_ms();
    int64_t begin = clock_now_ms(&clock) - (int64_t)jobs * STEP_MS;
    fill(store, jobs, failed, begin);
    printf("%u jobs in %" PRId64 " ms\n", jobs, clock_monotonic_ms() - start);
    if (!is_filled_only) {
        measure_all(store, jobs, begin);
    }
    store_close(&store);
    return 0;
}
