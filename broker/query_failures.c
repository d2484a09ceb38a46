#include "broker/query.h"

#include <assert.h>
#include <stdlib.h>
#include "broker/error_shape.h"

struct group {
    struct message_failure_group told; /* without its texts and jobs */
    uint32_t sample_count;
    size_t code_size;
    size_t shape_size;
    uint8_t code[ERROR_CODE_SIZE_MAX];
    uint8_t shape[ERROR_SHAPE_SIZE_MAX];
    uint8_t samples[FAILURE_SAMPLES_SIZE_MAX];
};

/* One page: its groups in the order of their newest jobs. */
struct tally {
    uint32_t most;
    struct message page;
    uint8_t cursor[LIST_CURSOR_SIZE];
    struct group groups[LIST_LIMIT_MAX];
};

/* ---- counting ---- */

/* The group of an error, a new one when there is room for it; otherwise NULL. */
static struct group *find_group(struct tally *tally, const struct job_value *value)
{
    uint8_t shape[ERROR_SHAPE_SIZE_MAX];
    uint32_t *count = &tally->page.failure_page.count;
    size_t size = error_shape_write(value->error_message, shape);
    struct id id = error_shape_group(value->head.kind, value->error_code, slice_make(shape, size));
    for (uint32_t index = 0; index < *count; index++) {
        if (id_equal(&tally->groups[index].told.error_group, &id)) {
            return &tally->groups[index];
        }
    }
    if (*count == tally->most) {
        return NULL;
    }
    struct group *group = &tally->groups[(*count)++];
    group->told.error_group = id;
    group->told.kind = value->head.kind;
    group->told.first_at = value->head.completed_at;
    group->code_size = value->error_code.size;
    group->shape_size = size;
    if (value->error_code.size > 0) {
        memcpy(group->code, value->error_code.data, value->error_code.size);
    }
    memcpy(group->shape, shape, size);
    return group;
}

/* Returns whether there was room for the job's group. */
static bool count_job(struct tally *tally, const struct job_value *value)
{
    struct group *group = find_group(tally, value);
    int64_t at = value->head.completed_at;
    if (group == NULL) {
        return false;
    }
    struct message_failure_group *told = &group->told;
    told->count++;
    told->first_at = at < told->first_at ? at : told->first_at;
    told->last_at = at > told->last_at ? at : told->last_at;
    if (group->sample_count < FAILURE_SAMPLES_MAX) {
        memcpy(group->samples + group->sample_count * ID_SIZE, value->head.id.bytes, ID_SIZE);
        group->sample_count++;
    }
    return true;
}

/* Counts until the page has to end, and says where another goes on. */
static enum status count_jobs(struct tally *tally, struct search *search)
{
    struct job_value value = {0};
    struct message_failure_page *page = &tally->page.failure_page;
    enum search_end end = SEARCH_FOUND;
    enum status status = STATUS_OK;
    bool has_room = true;
    while (status == STATUS_OK && search_goes_on(end) && has_room) {
        status = search_next(search, &end, &value);
        if (status == STATUS_OK && end == SEARCH_FOUND) {
            has_room = count_job(tally, &value);
        }
    }
    if (status != STATUS_OK) {
        return status;
    }
    page->scanned = search_scanned(search) - !has_room;
    page->exhausted = end == SEARCH_EXHAUSTED;
    if (!has_room) {
        list_cursor_write(tally->cursor, value.head.accepted + 1);
    } else {
        search_cursor(search, tally->cursor);
    }
    if (!page->exhausted) {
        page->next = slice_make(tally->cursor, sizeof tally->cursor);
    }
    return STATUS_OK;
}

/* ---- the answer ---- */

static enum status write_page(const struct tally *tally, struct frame_writer *out)
{
    enum status status = frame_write(out, &tally->page);
    for (uint32_t index = 0; index < tally->page.failure_page.count; index++) {
        const struct group *group = &tally->groups[index];
        struct message message = {.type = MESSAGE_TYPE_FAILURE_GROUP, .failure_group = group->told};
        message.failure_group.error_code = slice_make(group->code, group->code_size);
        message.failure_group.message = slice_make(group->shape, group->shape_size);
        message.failure_group.jobs = slice_make(group->samples, group->sample_count * ID_SIZE);
        status = status == STATUS_OK ? frame_write(out, &message) : status;
    }
    return status;
}

enum status query_failures(struct view *view, const struct message_get_failures *request,
                           const struct search_limit *limit, struct frame_writer *out)
{
    struct search *search = NULL;
    const struct message_search_jobs filter = {
        .kinds = request->kinds,
        .states = 1 << JOB_STATE_FAILED,
        .owner = request->owner,
        .character = request->character,
        .text = request->text,
        .tag = request->tag,
        .from = request->from,
        .to = request->to,
        .error_code = request->error_code,
        .error_group = request->error_group,
        .group = request->group,
        .cursor = request->cursor,
    };
    assert(request->limit <= LIST_LIMIT_MAX);
    struct tally *tally = calloc(1, sizeof *tally);
    if (tally == NULL) {
        return STATUS_NO_MEMORY;
    }
    tally->most = request->limit;
    tally->page.type = MESSAGE_TYPE_FAILURE_PAGE;
    tally->page.failure_page.request = request->request;
    enum status status = search_new(view, &filter, limit, &search);
    if (status == STATUS_INVALID || request->limit == 0) {
        tally->page.failure_page.code = REPLY_CODE_INVALID;
        status = STATUS_OK;
    } else if (status == STATUS_OK) {
        status = count_jobs(tally, search);
    }
    if (status == STATUS_OK) {
        status = write_page(tally, out);
    }
    search_destroy(&search);
    free(tally);
    return status;
}
