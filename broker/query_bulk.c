#include "broker/query_bulk.h"

#include <assert.h>
#include "broker/keys.h"
#include "broker/list_source.h"
#include "broker/query_job.h"

/* ---- what there is ---- */

struct bulks_scan {
    const struct view *view;
    query_bulks_visit *visit;
    void *context;
    enum status status;
};

static bool take_bulk(void *context, struct slice key, struct slice value)
{
    struct bulks_scan *scan = context;
    struct slice record;
    struct message message;
    if (key_is_bulk_order(key)) {
        return true;
    }
    scan->status = plain_value_read(value, &record);
    if (scan->status == STATUS_OK) {
        scan->status = record_read(&record, &message);
    }
    if (scan->status == STATUS_OK && message.type != MESSAGE_TYPE_BULK) {
        scan->status = STATUS_MALFORMED;
    }
    if (scan->status == STATUS_OK) {
        scan->status = scan->visit(scan->context, &message.bulk);
    }
    scan->status = view_pass_over(scan->view, scan->status);
    return scan->status == STATUS_OK;
}

enum status query_bulks(struct view *view, query_bulks_visit *visit, void *context)
{
    static const uint8_t from = KEY_BULK;
    static const uint8_t to = KEY_BULK + 1;
    struct bulks_scan scan = {.view = view, .visit = visit, .context = context};
    enum status status =
        view->methods->scan(view, slice_make(&from, 1), slice_make(&to, 1), take_bulk, &scan);
    return scan.status == STATUS_OK ? view_pass_over(view, status) : scan.status;
}

/* ---- the jobs of a page ---- */

struct look {
    struct view *view;
    const struct message_bulk *bulk;
    const struct search_limit *limit;
    uint32_t most;
    int64_t now;
    struct bulk_page *page;
};

static bool wants_ended(const struct message_bulk *bulk)
{
    return bulk->action == JOB_ACTION_RETRY || bulk->action == JOB_ACTION_REMOVE;
}

static bool is_full(const struct look *look)
{
    return look->page->count == look->most;
}

/* What the core must know of a job that has ended; it knows the live ones itself. */
static enum status find_facts(struct look *look, struct bulk_item *item)
{
    struct message request = {.type = MESSAGE_TYPE_RETRY_JOB};
    request.retry_job =
        (struct message_retry_job){.job = item->job, .owner = look->bulk->user, .admin = true};
    if (look->bulk->action == JOB_ACTION_RETRY) {
        return query_facts(look->view, &request, look->now, &item->facts);
    }
    request.change_job = (struct message_change_job){.job = item->job, .action = JOB_ACTION_REMOVE};
    return query_change_facts(look->view, &request.change_job, &look->page->sweep, &item->facts);
}

/* Whether there is a job of an id that somebody has named. */
static enum status find_it(struct look *look, struct bulk_item *item)
{
    uint8_t key[KEY_BYTES_MAX];
    struct buffer value;
    buffer_init(&value, VALUE_SIZE_MAX);
    enum status status = look->view->methods->get(look->view, key_job(key, &item->job), &value);
    buffer_fini(&value);
    item->found = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static struct bulk_item *next_item(struct look *look, const struct id *job, uint64_t place,
                                   uint64_t scanned)
{
    struct bulk_item *item = &look->page->items[look->page->count];
    item->job = *job;
    item->place = place;
    item->scanned = scanned;
    item->found = true;
    item->damaged = false;
    item->facts = (struct facts){0};
    return item;
}

/* Adds a job to the page. Returns FULL for one that has more events than there is room for, unless
 * it is the first: it goes in parts then. What is damaged is refused. */
static enum status add(struct look *look, const struct id *job, uint64_t place, uint64_t scanned)
{
    struct bulk_page *page = look->page;
    struct bulk_item *item = next_item(look, job, place, scanned);
    enum status status = STATUS_OK;
    if (wants_ended(look->bulk)) {
        status = find_facts(look, item);
        item->found = status == STATUS_OK && item->facts.job_found;
    } else if (look->bulk->total > 0) {
        status = find_it(look, item);
    }
    item->damaged = status == STATUS_MALFORMED;
    if (item->damaged) {
        view_note_record(look->view, job);
        status = STATUS_OK;
    }
    if (item->found && item->facts.swept != NULL && item->facts.swept->kind == SWEPT_EVENTS &&
        page->count > 0) {
        return STATUS_FULL;
    }
    page->count += status == STATUS_OK;
    return status;
}

/* ---- by their ids ---- */

/* As many as are left, counted from the end of the list. */
static enum status look_by_ids(struct look *look, struct slice jobs)
{
    struct bulk_page *page = look->page;
    uint64_t total = jobs.size / ID_SIZE;
    enum status status = STATUS_OK;
    if (page->place > total) {
        return STATUS_MALFORMED; /* the list is shorter than it was */
    }
    while (page->place_end > 0 && !is_full(look) && status == STATUS_OK) {
        struct id job;
        memcpy(job.bytes, jobs.data + (total - page->place_end) * ID_SIZE, ID_SIZE);
        status = add(look, &job, page->place_end - 1, page->scanned + 1);
        if (status == STATUS_OK) {
            page->place_end--;
            page->scanned++;
        }
    }
    return status;
}

/* ---- by a search ---- */

static bool has_ended_since(const struct message_bulk *bulk, const struct job *head)
{
    return wants_ended(bulk) && head->completed_at > bulk->started_at;
}

/* Nobody can say whether a job whose record is damaged is one of those that are meant: its index
 * does not speak against it. It is told as refused, so that it is not overlooked. */
static void add_damaged(struct look *look, const struct job *head, uint64_t scanned)
{
    struct bulk_item *item = next_item(look, &head->id, head->accepted, scanned);
    item->found = false;
    item->damaged = true;
    look->page->count++;
}

static enum status search_on(struct look *look, struct search *search)
{
    struct bulk_page *page = look->page;
    enum search_end end = SEARCH_FOUND;
    enum status status = STATUS_OK;
    struct job_value value;
    while (status == STATUS_OK && search_goes_on(end) && !is_full(look)) {
        status = search_next(search, &end, &value);
        if (status == STATUS_OK && end == SEARCH_FOUND &&
            !has_ended_since(look->bulk, &value.head)) {
            status = add(look, &value.head.id, value.head.accepted, search_scanned(search));
        } else if (status == STATUS_OK && end == SEARCH_DAMAGED) {
            add_damaged(look, &value.head, search_scanned(search));
        }
        if (status == STATUS_OK) {
            page->place_end = end == SEARCH_EXHAUSTED ? 0 : search_before(search);
            page->scanned = search_scanned(search);
        }
    }
    return status;
}

/* From the bulk's place on: what came after it was started lies before that. */
static enum status look_by_search(struct look *look, const struct message_start_bulk *start)
{
    uint8_t cursor[LIST_CURSOR_SIZE];
    struct search *search;
    const struct message_search_jobs filter = {
        .kinds = start->kinds,
        .states = start->states,
        .owner = start->owner,
        .character = start->character,
        .text = start->text,
        .tag = start->tag,
        .from = start->from,
        .to = start->to,
        .error_code = start->error_code,
        .error_group = start->error_group,
        .group = start->group,
        .cursor = slice_make(cursor, sizeof cursor),
    };
    list_cursor_write(cursor, look->page->place);
    enum status status = search_new(look->view, &filter, look->limit, &search);
    if (status == STATUS_OK) {
        status = search_on(look, search);
    }
    search_destroy(&search);
    return status;
}

/* Nobody can say any more what the bulk was to do: it ends here, with one that was refused. */
static void end_unknown(struct look *look)
{
    struct bulk_page *page = look->page;
    page->count = 0;
    page->scanned = 0;
    page->place_end = 0;
    struct bulk_item *item = next_item(look, &look->bulk->bulk, 0, 0);
    item->found = false;
    item->damaged = true;
    page->count = 1;
    view_note_record(look->view, &look->bulk->bulk);
}

enum status query_bulk_page(struct view *view, const struct message_bulk *bulk,
                            const struct search_limit *limit, uint32_t most, int64_t now,
                            struct bulk_page *page)
{
    uint8_t key[KEY_BYTES_MAX];
    struct buffer order;
    struct message_start_bulk start;
    struct look look = {
        .view = view, .bulk = bulk, .limit = limit, .most = most, .now = now, .page = page};
    assert(most > 0 && most <= BULK_PAGE_MAX);
    if (bulk->action == JOB_ACTION_REMOVE && most > SWEEP_JOBS_MAX) {
        look.most = SWEEP_JOBS_MAX;
    }
    page->bulk = bulk->bulk;
    page->place = bulk->place;
    page->place_end = bulk->place;
    page->scanned = 0;
    page->count = 0;
    page->sweep.commit = view->commit;
    page->sweep.count = 0;
    page->sweep.version_count = 0;
    buffer_init(&order, VALUE_SIZE_MAX);
    enum status status = view->methods->get(view, key_bulk_order(key, &bulk->bulk), &order);
    if (status == STATUS_OK) {
        status = order_value_read(buffer_slice(&order), &start);
    }
    if (status == STATUS_OK) {
        status =
            start.jobs.size > 0 ? look_by_ids(&look, start.jobs) : look_by_search(&look, &start);
    }
    buffer_fini(&order);
    if (status == STATUS_MALFORMED) {
        end_unknown(&look);
        status = STATUS_OK;
    }
    return status == STATUS_FULL ? STATUS_OK : status;
}
