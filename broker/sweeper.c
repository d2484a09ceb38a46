#include "broker/sweeper.h"

#include <stdlib.h>
#include "base/log.h"
#include "broker/broker.h"

enum status sweeper_init(struct sweeper *sweeper, int64_t now)
{
    sweeper->next_at = now + SWEEP_START_MS;
    sweeper->sweep = calloc(1, sizeof *sweeper->sweep);
    return sweeper->sweep == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void sweeper_fini(struct sweeper *sweeper)
{
    free(sweeper->sweep);
    *sweeper = (struct sweeper){0};
}

int64_t sweeper_wake(const struct sweeper *sweeper)
{
    return sweeper->under_way ? INT64_MAX : sweeper->next_at;
}

/* Tells the store what nobody reads any more. */
static void forget(struct broker *broker)
{
    const struct retention *retention = &broker->options->core.retention;
    int64_t kept_ms = 0;
    for (uint8_t state = JOB_STATE_COMPLETED; state < JOB_STATE_COUNT; state++) {
        int64_t own = retention->ended_ms[state];
        kept_ms = own > kept_ms ? own : kept_ms;
    }
    const struct forgetting forgetting =
        forgetting_at(broker->now, kept_ms, core_audit_last(broker->core));
    store_forget(broker->store, &forgetting);
}

void sweeper_push(struct broker *broker)
{
    struct sweeper *sweeper = &broker->sweeper;
    if (sweeper_wake(sweeper) > broker->now) {
        return;
    }
    sweeper->next_at = broker->now + SWEEP_MS;
    forget(broker);
    struct read *read = readers_take(broker->readers, READ_SWEEP, SLICE_EMPTY);
    if (read == NULL) {
        return; /* the readers have more urgent things to do */
    }
    read->sweep = sweeper->sweep;
    read->sweep->now = broker->now;
    sweeper->under_way = true;
    readers_push(broker->readers, read);
}

/* Each once, until the broker starts again. */
static void tell_damaged(struct sweeper *sweeper, const struct read *read)
{
    const struct sweep *sweep = sweeper->sweep;
    char job[ID_TEXT_SIZE];
    for (uint32_t index = 0; index < sweep->damaged_count; index++) {
        const struct slice asker = read_asker(read, index);
        id_format(&sweep->damaged[index], job);
        log_error("a job stays for ever: a record is damaged", "job=%s request=%.*s", job,
                  SLICE_PRINT(asker));
    }
    if (sweep->damaged_keys > sweeper->damaged_keys_told) {
        sweeper->damaged_keys_told = sweep->damaged_keys;
        log_error("entries of the retention index are damaged", "count=%u", sweep->damaged_keys);
    }
}

void sweeper_take(struct broker *broker, struct read *read)
{
    struct sweeper *sweeper = &broker->sweeper;
    struct sweep *sweep = sweeper->sweep;
    const struct core_event event = {.type = CORE_EVENT_SWEEP, .sweep = sweep};
    if (read->status != STATUS_OK && read->status != sweeper->status) {
        log_error("cannot look for what is kept no longer", "status=%s", status_name(read->status));
    }
    sweeper->status = read->status;
    tell_damaged(sweeper, read);
    if (sweep->count > 0) {
        broker_step(broker, &event, SLICE_EMPTY, NULL);
        sweep_settle(sweep, broker->effects);
    }
    sweeper->under_way = false;
    sweeper->next_at = broker->now + (sweep->more ? SWEEP_PAUSE_MS : SWEEP_MS);
    readers_give(broker->readers, read);
}
