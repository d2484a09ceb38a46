#include "broker/damaged.h"

#include "base/log.h"

static bool is_told(const struct damaged *damaged, const struct id *id)
{
    for (uint32_t index = 0; index < damaged->count; index++) {
        if (id_equal(&damaged->told[index], id)) {
            return true;
        }
    }
    return false;
}

static void tell_records(struct damaged *damaged, const struct view_damage *damage)
{
    char id[ID_TEXT_SIZE];
    for (uint32_t index = 0; index < damage->count; index++) {
        if (damaged->count < DAMAGED_TOLD_MAX && !is_told(damaged, &damage->ids[index])) {
            damaged->told[damaged->count++] = damage->ids[index];
            id_format(&damage->ids[index], id);
            log_error("a record is damaged: it is passed over", "id=%s", id);
        }
    }
}

void damaged_tell(struct damaged *damaged, const struct view_damage *damage)
{
    tell_records(damaged, damage);
    if (damage->entries > 0 && !damaged->entries_told) {
        damaged->entries_told = true;
        log_error("entries of the store are damaged: they are passed over", "count=%u",
                  damage->entries);
    }
    if (damage->keys > 0) { /* each time: the request that comes with it takes its place */
        log_error("an idempotency or dedupe key is damaged: it counts as unused", "count=%u",
                  damage->keys);
    }
}
