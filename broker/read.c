#include "broker/read.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "broker/query_bulk.h"
#include "broker/query_job.h"
#include "broker/questions.h"
#include "broker/values.h"

struct asker {
    uint8_t size;
    char text[REQUEST_ID_MAX];
};

/* When something came after the lease, the worker is told of it all the same: it counts what it
 * receives against its credit. */
static enum status answer_dispatch(struct view *view, const struct read *read, int64_t now,
                                   struct frame_writer *writer)
{
    struct buffer buffer;
    struct job_value value;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = query_record(view, &read->job, &buffer, &value);
    if (status == STATUS_OK) {
        value.head.lease = read->lease;
        value.head.state = JOB_STATE_ACTIVE;
        status = query_dispatch(view, &value.head, value.owner, now, writer);
    }
    buffer_fini(&buffer);
    return status;
}

/* The facts of a group's jobs stand in read->answer. */
static enum status answer_group_facts(struct view *view, struct read *read,
                                      const struct message_submit_group *group,
                                      struct slice records, int64_t now)
{
    uint8_t *item_facts;
    struct message_submit *items = calloc(group->count + 1, sizeof *items);
    buffer_clear(&read->answer);
    enum status status = items == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK) {
        status = buffer_reserve(&read->answer, (group->count + 1) * sizeof(struct item_facts),
                                &item_facts);
    }
    if (status == STATUS_OK) {
        status = submits_read(&records, group->count, items);
        assert(status == STATUS_OK);
        status = query_group_facts(view, group, items, now, &read->facts,
                                   (struct item_facts *)item_facts);
    }
    free(items);
    return status;
}

/* What is to be removed stands in read->answer. */
static enum status answer_change_facts(struct view *view, struct read *read,
                                       const struct message_change_job *change)
{
    uint8_t *sweep;
    buffer_clear(&read->answer);
    enum status status = buffer_reserve(&read->answer, sizeof(struct sweep), &sweep);
    if (status == STATUS_OK) {
        memset(sweep, 0, sizeof(struct sweep));
        status = query_change_facts(view, change, (struct sweep *)sweep, &read->facts);
    }
    return status == STATUS_MALFORMED ? STATUS_IO : status;
}

static bool is_over(void *context)
{
    const int64_t *until_ms = context;
    return clock_monotonic_ms() >= *until_ms;
}

static enum status answer_bulk(struct view *view, struct read *read, int64_t now)
{
    int64_t until_ms = clock_monotonic_ms() + BULK_LOOK_MS;
    const struct search_limit limit = {is_over, &until_ms};
    const struct message_bulk told = bulk_told(read->bulk);
    return query_bulk_page(view, &told, &limit, BULK_PAGE_MAX, now, read->page);
}

static enum status answer_leftovers(struct view *view, struct read *read)
{
    struct batch batch;
    batch_init(&batch);
    enum status status = query_leftovers(view, &batch);
    if (status == STATUS_OK) {
        status = buffer_append_slice(&read->answer, buffer_slice(&batch.bytes));
    }
    read->operations = batch.count;
    batch_fini(&batch);
    return status;
}

static enum status answer_request(const struct read_sources *sources, struct view *view,
                                  struct read *read, int64_t now, struct frame_writer *writer)
{
    struct message request = {0};
    struct slice rest = buffer_slice(&read->request);
    enum status status = record_read(&rest, &request);
    assert(status == STATUS_OK);
    const struct question *question = question_find(request.type);
    const struct asked asked = {
        .view = view,
        .store = sources->store,
        .backups = sources->backups,
        .retention = sources->retention,
        .live = &read->live,
        .spending = &read->spending,
        .live_since = read->live_since,
        .known = rest,
        .now = now,
    };
    assert(question != NULL);
    return question->write(&asked, &request, writer);
}

static enum status answer(const struct read_sources *sources, struct view *view, struct read *read,
                          int64_t now)
{
    struct message message = {0};
    struct frame_writer writer;
    struct slice request = buffer_slice(&read->request);
    view->damage = &read->damage;
    if (read->type == READ_SWEEP) {
        return query_sweep(view, sources->retention, read->sweep);
    }
    if (read->type == READ_BULK) {
        return answer_bulk(view, read, now);
    }
    if (read->type == READ_LEFTOVERS) {
        return answer_leftovers(view, read);
    }
    if (read->type == READ_FACTS) {
        enum status status = record_read(&request, &message);
        assert(status == STATUS_OK);
    }
    if (read->type == READ_FACTS && message.type == MESSAGE_TYPE_SUBMIT_GROUP) {
        return answer_group_facts(view, read, &message.submit_group, request, now);
    }
    if (read->type == READ_FACTS && message.type == MESSAGE_TYPE_CHANGE_JOB) {
        return answer_change_facts(view, read, &message.change_job);
    }
    if (read->type == READ_FACTS) {
        return query_facts(view, &message, now, &read->facts);
    }
    enum status status = frame_begin(&writer, &read->answer, 0);
    if (status == STATUS_OK && read->type == READ_REQUEST) {
        status = answer_request(sources, view, read, now, &writer);
    } else if (status == STATUS_OK) {
        status = answer_dispatch(view, read, now, &writer);
    }
    if (status == STATUS_OK) {
        frame_end(&writer);
    }
    return status;
}

/* ---- who asked ---- */

/* It stands in a record of its own, which may be whole. Without memory the log does without. */
static void note_asker(struct view *view, const struct id *job, struct buffer *askers)
{
    struct buffer buffer;
    struct message input;
    struct asker asker = {0};
    buffer_init(&buffer, VALUE_SIZE_MAX);
    if (query_input(view, job, &buffer, &input) == STATUS_OK && input.submit.request_id.size > 0) {
        asker.size = (uint8_t)input.submit.request_id.size;
        memcpy(asker.text, input.submit.request_id.data, asker.size);
    }
    buffer_fini(&buffer);
    enum status status = buffer_append(askers, &asker, sizeof asker);
    (void)status;
}

static void note_askers(struct view *view, struct read *read)
{
    if (read->type == READ_DISPATCH && read->status != STATUS_OK) {
        note_asker(view, &read->job, &read->askers);
    }
    for (uint32_t index = 0; read->type == READ_SWEEP && index < read->sweep->damaged_count;
         index++) {
        note_asker(view, &read->sweep->damaged[index], &read->askers);
    }
}

struct slice read_asker(const struct read *read, uint32_t index)
{
    const struct asker *askers = (const struct asker *)read->askers.data;
    bool is_there = index < read->askers.size / sizeof *askers;
    return is_there ? slice_make(askers[index].text, askers[index].size) : SLICE_EMPTY;
}

void read_perform(const struct read_sources *sources, struct view *view, struct read *read,
                  int64_t now)
{
    read->status = answer(sources, view, read, now);
    note_askers(view, read);
}
