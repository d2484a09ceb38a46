#include "broker/query.h"

#include <assert.h>

#include "broker/keys.h"
#include "broker/query_job.h"
#include "broker/query_webhook.h"

/*
 * What is due: the retention index of each state, and of tombstones, from where the last look
 * ended. The entries are gathered first, because nothing can be read during a scan; then each is
 * looked into. What is damaged is passed over, and stays: it must not keep the rest from going.
 */

struct look {
    struct view *view;
    struct sweep *sweep;
    struct buffer buffer;
    bool damaged;
};

static bool gather_entry(void *context, struct slice key, struct slice value)
{
    struct look *look = context;
    struct sweep *sweep = look->sweep;
    uint8_t retained;
    (void)value;
    if (sweep->count == SWEEP_JOBS_MAX) {
        sweep->more = true;
        return false;
    }
    struct swept *swept = &sweep->items[sweep->count];
    *swept = (struct swept){0};
    if (!key_read_retained(key, &retained, &swept->since, &swept->head.id)) {
        sweep->damaged_keys++;
        return true;
    }
    swept->retained = (enum retained)retained;
    sweep->count++;
    return true;
}

/* Behind the entry: its key and a zero. */
static struct slice behind(uint8_t *out, enum retained retained, const struct sweep_from *from)
{
    struct slice key = key_retained(out, (uint8_t)retained, from->since, &from->job);
    out[key.size] = 0;
    return slice_make(out, key.size + 1);
}

static enum status gather(struct look *look, uint32_t place, int64_t until)
{
    static const struct id none;
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    enum retained retained = retained_at(place);
    if (until < 0) {
        return STATUS_OK;
    }
    enum status status = look->view->methods->scan(
        look->view, behind(from, retained, &look->sweep->from[place]),
        key_retained(to, (uint8_t)retained, until + 1, &none), gather_entry, look);
    if (status == STATUS_MALFORMED) {
        look->sweep->damaged_keys++; /* nobody knows how many */
        status = STATUS_OK;
    }
    return status;
}

/* ---- one entry ---- */

static bool gather_version(void *context, struct slice key, struct slice value)
{
    struct look *look = context;
    struct sweep *sweep = look->sweep;
    struct swept *swept = &sweep->items[sweep->count];
    (void)value;
    if (sweep->version_count == SWEEP_EVENTS_MAX) {
        swept->kind = SWEPT_EVENTS;
        return false;
    }
    look->damaged = !key_read_version(key, &sweep->versions[sweep->version_count]);
    sweep->version_count += !look->damaged;
    swept->version_count += !look->damaged;
    return !look->damaged;
}

static enum status gather_versions(struct look *look, struct swept *swept)
{
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    const struct id *job = &swept->head.id;
    look->damaged = false;
    swept->versions = &look->sweep->versions[look->sweep->version_count];
    enum status status =
        look->view->methods->scan(look->view, key_events(from, job, 0),
                                  key_events(to, job, UINT32_MAX), gather_version, look);
    return status == STATUS_OK && look->damaged ? STATUS_MALFORMED : status;
}

/* In whose log a delivery stands: its endpoint's, or that of the job whose event it reports. */
static enum status look_for_log(struct look *look, struct swept *swept)
{
    struct slice payload;
    struct message_event event;
    swept->log = swept->head.source;
    if (swept->head.kind != JOB_KIND_WEBHOOK || !id_is_zero(&swept->log)) {
        return STATUS_OK;
    }
    enum status status = query_report(look->view, &swept->head.id, &look->buffer, &payload, &event);
    if (status == STATUS_OK) {
        swept->log = event.job;
    }
    return status == STATUS_NOT_FOUND ? STATUS_MALFORMED : status;
}

/* The job as it ended, unless it has lived on since. */
static enum status look_into(struct look *look, struct swept *swept)
{
    struct job_value value;
    if (swept->retained == RETAINED_TOMBSTONE) {
        swept->kind = SWEPT_TOMBSTONE;
        return STATUS_OK;
    }
    enum status status = query_record(look->view, &swept->head.id, &look->buffer, &value);
    bool has_ended = status == STATUS_OK && value.head.state == (uint8_t)swept->retained &&
                     value.head.completed_at == swept->since;
    if (!has_ended) {
        swept->kind = SWEPT_INDEX;
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    swept->kind = SWEPT_JOB;
    swept->head = value.head;
    swept->owner_size = (uint8_t)value.owner.size;
    memcpy(swept->owner, value.owner.data, value.owner.size);
    status = look_for_log(look, swept);
    return status == STATUS_OK ? gather_versions(look, swept) : status;
}

enum status query_swept(struct view *view, const struct job *head, struct sweep *sweep,
                        const struct swept **out)
{
    struct look look = {.view = view, .sweep = sweep};
    struct swept *swept = &sweep->items[sweep->count];
    assert(sweep->count < SWEEP_JOBS_MAX);
    assert(job_state_is_terminal((enum job_state)head->state));
    *swept = (struct swept){
        .retained = (enum retained)head->state, .since = head->completed_at, .head = *head};
    buffer_init(&look.buffer, VALUE_SIZE_MAX);
    enum status status = look_into(&look, swept);
    buffer_fini(&look.buffer);
    sweep->count += status == STATUS_OK;
    *out = status == STATUS_OK ? swept : NULL;
    return status;
}

/* The next look begins behind it. */
static void go_on_behind(struct sweep *sweep, const struct swept *swept)
{
    sweep->from[retained_place(swept->retained)] =
        (struct sweep_from){swept->since, swept->head.id};
}

/* Looks into what was gathered, until there is no room for more events. What is to go moves up to
 * the places of what is damaged. */
static enum status look_into_all(struct look *look)
{
    struct sweep *sweep = look->sweep;
    uint32_t gathered = sweep->count;
    sweep->count = 0;
    for (uint32_t index = 0; index < gathered; index++) {
        struct swept *swept = &sweep->items[sweep->count];
        uint32_t version_count = sweep->version_count;
        struct swept entry = sweep->items[index];
        *swept = entry;
        enum status status = look_into(look, swept);
        if (status == STATUS_MALFORMED) {
            sweep->version_count = version_count;
            sweep->damaged[sweep->damaged_count++] = entry.head.id;
            go_on_behind(sweep, &entry);
            continue;
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (swept->kind == SWEPT_EVENTS) {
            sweep->more = true;
            sweep->count += sweep->count == 0; /* it goes in parts only when it is alone */
            return STATUS_OK;
        }
        sweep->count++;
        go_on_behind(sweep, swept);
    }
    return STATUS_OK;
}

enum status query_sweep(struct view *view, const struct retention *retention, struct sweep *sweep)
{
    struct look look = {.view = view, .sweep = sweep};
    struct sweep_from from[RETAINED_COUNT];
    enum status status = STATUS_OK;
    memcpy(from, sweep->from, sizeof from);
    sweep->commit = view->commit;
    sweep->more = false;
    sweep->count = 0;
    sweep->version_count = 0;
    sweep->damaged_count = 0;
    sweep->damaged_keys = 0;
    buffer_init(&look.buffer, VALUE_SIZE_MAX);
    for (uint32_t turn = 0; turn < RETAINED_COUNT && status == STATUS_OK; turn++) {
        uint32_t place = (sweep->turn + turn) % RETAINED_COUNT;
        status = gather(&look, place, sweep->now - retention_of(retention, retained_at(place)));
    }
    sweep->turn = (sweep->turn + 1) % RETAINED_COUNT;
    if (status == STATUS_OK) {
        status = look_into_all(&look);
    }
    if (status != STATUS_OK) {
        sweep->count = 0;
        sweep->damaged_count = 0;
        memcpy(sweep->from, from, sizeof from);
    }
    buffer_fini(&look.buffer);
    return status;
}
