#include "broker/query_spent.h"

#include <assert.h>
#include "broker/batch.h"
#include "broker/bytes.h"
#include "broker/keys.h"

struct spent_scan {
    query_spent_visit *visit;
    void *context;
    enum status status;
};

static bool take_spent(void *context, struct slice key, struct slice value)
{
    struct spent_scan *scan = context;
    uint32_t day;
    uint8_t slot;
    struct slice owner;
    struct slice provider;
    scan->status = STATUS_OK;
    if (!key_read_spent(key, &day, &owner, &provider, &slot) || value.size != BATCH_ADD_SIZE) {
        scan->status = STATUS_MALFORMED;
    } else if (slot == SPEND_SLOT_AMOUNT && owner.size > 0) {
        scan->status = scan->visit(scan->context, day, owner, bytes_get_64(value.data));
    }
    return scan->status == STATUS_OK;
}

enum status query_spent(struct view *view, uint32_t day, query_spent_visit *visit, void *context)
{
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    struct spent_scan scan = {.visit = visit, .context = context};
    enum status status = view->methods->scan(view, key_spent_day(from, day),
                                             key_spent_day(to, day + 1), take_spent, &scan);
    return status == STATUS_OK ? scan.status : status;
}

/* ---- usage ---- */

/* What is written of one provider and day; its keys stand together. */
struct usage_scan {
    const struct view *view;
    struct buffer records; /* whole USAGE_DAY records */
    uint32_t count;
    struct message_usage_day day; /* that is being gathered; its provider points to name */
    uint8_t name[PROVIDER_SIZE_MAX];
    bool has_day;
    enum status status;
};

static void finish_day(struct usage_scan *scan)
{
    if (scan->has_day && scan->status == STATUS_OK) {
        const struct message message = {.type = MESSAGE_TYPE_USAGE_DAY, .usage_day = scan->day};
        scan->status = record_write(&scan->records, &message);
        scan->count++;
    }
    scan->has_day = false;
}

static void begin_day(struct usage_scan *scan, uint32_t day, struct slice provider)
{
    memcpy(scan->name, provider.data, provider.size);
    scan->day =
        (struct message_usage_day){.day = day, .provider = slice_make(scan->name, provider.size)};
    scan->has_day = true;
}

static void take_amount(struct message_usage_day *day, uint8_t slot, uint64_t amount)
{
    uint64_t *const members[SPEND_SLOT_COUNT] = {
        [SPEND_SLOT_AMOUNT] = &day->spent,
        [SPEND_SLOT_UNCERTAIN] = &day->uncertain,
        [SPEND_SLOT_OPERATIONS] = &day->operations,
        [SPEND_SLOT_JOBS] = &day->jobs,
    };
    *members[slot] = amount;
}

static bool take_usage(void *context, struct slice key, struct slice value)
{
    struct usage_scan *scan = context;
    uint32_t day;
    uint8_t slot;
    struct slice owner;
    struct slice provider;
    bool is_whole = key_read_spent(key, &day, &owner, &provider, &slot) &&
                    provider.size <= PROVIDER_SIZE_MAX && value.size == BATCH_ADD_SIZE &&
                    bytes_get_64(value.data) <= INT64_MAX;
    if (!is_whole) {
        view_note_entry(scan->view);
        return true;
    }
    if (scan->has_day && !slice_equal(provider, scan->day.provider)) {
        finish_day(scan);
    }
    if (scan->count == USAGE_RECORDS_MAX || scan->status != STATUS_OK) {
        return false;
    }
    if (!scan->has_day) {
        begin_day(scan, day, provider);
    }
    take_amount(&scan->day, slot, bytes_get_64(value.data));
    return true;
}

static enum status scan_day(struct view *view, uint32_t day, struct slice owner,
                            struct usage_scan *scan)
{
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    struct slice first = key_spent_owner(from, day, owner);
    struct slice end = key_spent_owner(to, day, owner);
    to[end.size] = UINT8_MAX; /* above every provider's size */
    enum status status =
        view->methods->scan(view, first, slice_make(to, end.size + 1), take_usage, scan);
    status = view_pass_over(view, status);
    scan->status = scan->status == STATUS_OK ? status : scan->status;
    finish_day(scan);
    return scan->status;
}

static enum status write_usage(const struct message_get_usage *request,
                               const struct spending *spending, const struct usage_scan *scan,
                               struct frame_writer *out)
{
    const struct message message = {
        .type = MESSAGE_TYPE_USAGE,
        .usage = {.request = request->request,
                  .today = spending->day,
                  .spent = spending->spent,
                  .reserved = spending->reserved,
                  .budget = spending->budget,
                  .budget_soft = spending->budget_soft,
                  .count = scan->count},
    };
    struct slice records = buffer_slice(&scan->records);
    enum status status = frame_write(out, &message);
    for (uint32_t index = 0; index < scan->count && status == STATUS_OK; index++) {
        struct message record;
        status = record_read(&records, &record);
        assert(status == STATUS_OK);
        status = frame_write(out, &record);
    }
    return status;
}

enum status query_usage(struct view *view, const struct message_get_usage *request,
                        const struct spending *spending, struct frame_writer *out)
{
    struct usage_scan scan = {.view = view, .status = STATUS_OK};
    enum status status = STATUS_OK;
    buffer_init(&scan.records, FRAME_SIZE_TARGET);
    for (uint32_t back = 0; back < request->days && back <= spending->day && status == STATUS_OK;
         back++) {
        status = scan_day(view, spending->day - back, request->owner, &scan);
    }
    if (status == STATUS_OK) {
        status = write_usage(request, spending, &scan, out);
    }
    buffer_fini(&scan.records);
    return status;
}
