#include "broker/bulk_work.h"

#include <stdlib.h>
#include "base/log.h"
#include "broker/broker.h"

enum status bulk_work_init(struct bulk_work *work)
{
    work->page = calloc(1, sizeof *work->page);
    return work->page == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void bulk_work_fini(struct bulk_work *work)
{
    free(work->page);
    *work = (struct bulk_work){0};
}

int64_t bulk_work_wake(const struct broker *broker)
{
    const struct bulk_work *work = &broker->bulk_work;
    bool is_wanted = !work->under_way && bulks_live(core_bulks(broker->core)) > 0;
    return is_wanted ? work->next_at : INT64_MAX;
}

void bulk_work_push(struct broker *broker)
{
    struct bulk_work *work = &broker->bulk_work;
    if (bulk_work_wake(broker) > broker->now) {
        return;
    }
    work->next_at = broker->now + BULK_PAUSE_MS;
    struct read *read = readers_take(broker->readers, READ_BULK, SLICE_EMPTY);
    if (read == NULL) {
        return; /* the readers have more urgent things to do */
    }
    work->bulk = *core_bulk_next(broker->core);
    work->under_way = true;
    read->bulk = &work->bulk;
    read->page = work->page;
    readers_push(broker->readers, read);
}

/* One that was stopped while it was looked for has nothing more to do. */
static bool is_live(const struct broker *broker, const struct id *id)
{
    const struct bulk *bulk = bulks_find(core_bulks(broker->core), id);
    return bulk != NULL && bulk_is_live(bulk);
}

void bulk_work_take(struct broker *broker, struct read *read)
{
    struct bulk_work *work = &broker->bulk_work;
    const struct core_event event = {.type = CORE_EVENT_PAGE, .page = work->page};
    char bulk[ID_TEXT_SIZE];
    work->under_way = false;
    work->next_at = broker->now + BULK_PAUSE_MS;
    if (read->status == STATUS_OK) {
        broker_step(broker, &event, SLICE_EMPTY, NULL);
    } else {
        work->next_at = broker->now + BULK_AGAIN_MS;
    }
    bool is_stopped = read->status == STATUS_NOT_FOUND && !is_live(broker, &work->bulk.told.bulk);
    if (read->status != STATUS_OK && read->status != work->status && !is_stopped) {
        id_format(&work->bulk.told.bulk, bulk);
        log_error("cannot look for the jobs of a bulk", "bulk=%s status=%s", bulk,
                  status_name(read->status));
    }
    work->status = read->status;
    damaged_tell(&broker->damaged, &read->damage);
    readers_give(broker->readers, read);
}
