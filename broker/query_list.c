#include "broker/query.h"

#include <assert.h>
#include <stdlib.h>
#include "broker/bytes.h"
#include "broker/keys.h"
#include "broker/list_merge.h"
#include "broker/query_job.h"

/* A list is a merge of its owner's indexes (list_merge.h). The entries of the live index need a
 * look at their record unless all live states are wanted. */

_Static_assert(LIST_LIMIT_MAX *(LABELS_SIZE_MAX + 4096) <= FRAME_SIZE_MAX, "a page fits");

struct list {
    struct view *view;
    const struct message_list_jobs *request;
    const struct retention *retention;
    uint8_t states;
    uint64_t total;
    bool is_unsure;  /* of the total: a counter of it is damaged */
    uint64_t heads;  /* records read to learn a state */
    uint64_t beyond; /* entries looked at since as many matched as were counted */
    struct buffer buffer;
    struct buffer jobs; /* a frame with the page's JOB_STATEs */
    struct character_memo memo;
    struct merge merge;
    uint32_t count;
    struct source_entry entries[LIST_LIMIT_MAX];
    bool more;
    uint64_t next; /* more: those accepted before this one are left */
};

static enum status add_counter(struct list *list, uint8_t kind, uint8_t state)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = list_count(list->view, key_total(key, list->request->owner, kind, state),
                                    &list->buffer, &list->total);
    if (status == STATUS_MALFORMED) {
        view_note_entry(list->view);
        list->is_unsure = true;
        return STATUS_OK;
    }
    return status;
}

static enum status count_kind(struct list *list, uint8_t kind, const struct live_counts *live)
{
    enum status status = STATUS_OK;
    if (list->states == STATES_ALL) {
        return add_counter(list, kind, TOTAL_ACCEPTED);
    }
    for (uint8_t state = 0; state < JOB_STATE_COUNT && status == STATUS_OK; state++) {
        if ((list->states & (1u << state)) == 0) {
            continue;
        }
        if (job_state_is_terminal((enum job_state)state)) {
            status = add_counter(list, kind, state);
        } else {
            list->total += live->counts[kind][state];
        }
    }
    return status;
}

static enum status count_total(struct list *list, const struct live_counts *live)
{
    enum status status = STATUS_OK;
    for (uint8_t kind = 0; kind < JOB_KIND_COUNT && status == STATUS_OK; kind++) {
        if ((list->request->kinds & (1u << kind)) != 0) {
            status = count_kind(list, kind, live);
        }
    }
    return status;
}

/* One damaged job does not keep the others from being listed: it is noted. */
static enum status pass_over(const struct list *list, const struct id *job, enum status status)
{
    if (query_is_damage(status)) {
        view_note_record(list->view, job);
        return STATUS_OK;
    }
    return status;
}

/* Whether a live job is in one of the wanted states. */
static enum status state_matches(struct list *list, const struct id *job, bool *out)
{
    struct job_value value;
    *out = true;
    if ((list->states & STATES_LIVE) == STATES_LIVE) {
        return STATUS_OK;
    }
    list->heads++;
    enum status status = query_record(list->view, job, &list->buffer, &value);
    *out = status == STATUS_OK && (list->states & (1u << value.head.state)) != 0;
    return pass_over(list, job, status);
}

static bool limit_reached(const struct list *list)
{
    return merge_scanned(&list->merge) > LIST_SCAN_MAX || list->heads > LIST_HEADS_MAX ||
           list->beyond > LIST_BEYOND_MAX;
}

static void end_page(struct list *list, uint64_t next)
{
    list->more = true;
    list->next = next;
}

/* Whether the total is that of the view: jobs that live are counted by the core, at another moment,
 * and have moved on since. */
static bool total_is_exact(const struct list *list)
{
    return !list->is_unsure && (list->states == STATES_ALL || (list->states & STATES_LIVE) == 0);
}

/* Collects the page's entries, after skip others. When the counters know of more the first page
 * ends with its last one; otherwise, as after a cursor, when nobody knows how many went before, it
 * takes a look at one more: not far, where the counters know of none. */
static enum status collect(struct list *list, uint64_t skip)
{
    bool first = list->request->cursor.size == 0;
    uint64_t found_count = 0;
    /* Nothing is left behind the last one that exact counters know of. */
    const uint64_t counted = list->total;
    uint64_t found_most = total_is_exact(list) ? counted : UINT64_MAX;
    while (!list->more && found_count < found_most) {
        struct source_entry entry;
        bool live = false;
        bool matches;
        bool found;
        enum status status = merge_take(&list->merge, list->view, &entry, &live, &found);
        matches = found && !entry.is_damaged;
        if (status == STATUS_OK && matches && live) {
            status = state_matches(list, &entry.job, &matches);
        }
        if (status != STATUS_OK || (!found && merge_is_exhausted(&list->merge))) {
            return status;
        }
        list->beyond += first && found_count >= counted;
        found_count += matches;
        list->total = found_count > list->total ? found_count : list->total;
        if (matches && found_count > skip && list->count < list->request->limit) {
            list->entries[list->count++] = entry;
            if (list->count == list->request->limit && first && found_count < list->total) {
                end_page(list, entry.accepted);
            }
        } else if (matches && list->count == list->request->limit) {
            end_page(list, list->entries[list->count - 1].accepted);
        } else if (limit_reached(list)) {
            end_page(list, merge_before(&list->merge));
        }
    }
    return STATUS_OK;
}

/* The page's jobs, as far as they can be read. */
static enum status write_jobs(struct list *list, struct frame_writer *out, uint32_t *count)
{
    struct job_value value;
    enum status status = STATUS_OK;
    *count = 0;
    for (uint32_t index = 0; index < list->count && status == STATUS_OK; index++) {
        const struct id *job = &list->entries[index].job;
        status = query_record(list->view, job, &list->buffer, &value);
        if (status == STATUS_OK) {
            status = job_state_write(list->view, &value, 0, list->retention, &list->memo, out);
        }
        *count += status == STATUS_OK;
        status = pass_over(list, job, status);
    }
    return status;
}

static enum status write_page(struct list *list, struct frame_writer *out)
{
    uint8_t cursor[LIST_CURSOR_SIZE];
    struct frame_writer jobs;
    struct message message = {
        .type = MESSAGE_TYPE_LIST_PAGE,
        .list_page = {.request = list->request->request, .total = list->total},
    };
    if (list->more) {
        list_cursor_write(cursor, list->next);
        message.list_page.next = slice_make(cursor, sizeof cursor);
    }
    enum status status = frame_begin(&jobs, &list->jobs, 0);
    if (status == STATUS_OK) {
        status = write_jobs(list, &jobs, &message.list_page.count);
    }
    if (status == STATUS_OK) {
        status = frame_write(out, &message);
    }
    if (status == STATUS_OK && message.list_page.count > 0) {
        status = frame_splice(out, frame_records(&jobs), message.list_page.count);
    }
    return status;
}

static enum status refuse(const struct message_list_jobs *request, struct frame_writer *out)
{
    const struct message message = {
        .type = MESSAGE_TYPE_LIST_PAGE,
        .list_page = {.request = request->request, .code = REPLY_CODE_INVALID},
    };
    return frame_write(out, &message);
}

enum status query_list(struct view *view, const struct message_list_jobs *request,
                       const struct live_counts *live, const struct retention *retention,
                       struct frame_writer *out)
{
    uint64_t before;
    assert(request->limit <= LIST_LIMIT_MAX);
    if (!list_cursor_read(request->cursor, &before) || request->limit == 0) {
        return refuse(request, out);
    }
    struct list *list = calloc(1, sizeof *list);
    if (list == NULL) {
        return STATUS_NO_MEMORY;
    }
    list->view = view;
    list->request = request;
    list->retention = retention;
    list->states = request->states == 0 ? (uint8_t)STATES_ALL : request->states;
    buffer_init(&list->buffer, VALUE_SIZE_MAX);
    buffer_init(&list->jobs, FRAME_SIZE_MAX);
    character_memo_init(&list->memo);
    enum status status = count_total(list, live);
    if (status == STATUS_OK) {
        merge_add_owner(&list->merge, request->owner, request->kinds, list->states, before);
        merge_make_hasty(&list->merge); /* so that each step can ask how far it has looked */
        status = collect(list, request->cursor.size > 0 ? 0 : request->skip);
    }
    if (status == STATUS_OK) {
        status = write_page(list, out);
    }
    character_memo_fini(&list->memo);
    buffer_fini(&list->jobs);
    buffer_fini(&list->buffer);
    free(list);
    return status;
}
