#include "broker/damaged.h"

#include "base/log.h"

static bool is_told(const struct damaged *damaged, const struct id *job)
{
    for (uint32_t index = 0; index < damaged->count; index++) {
        if (id_equal(&damaged->told[index], job)) {
            return true;
        }
    }
    return false;
}

void damaged_tell(struct damaged *damaged, const struct search_damage *damage)
{
    char job[ID_TEXT_SIZE];
    for (uint32_t index = 0; index < damage->count; index++) {
        if (damaged->count < DAMAGED_TOLD_MAX && !is_told(damaged, &damage->jobs[index])) {
            damaged->told[damaged->count++] = damage->jobs[index];
            id_format(&damage->jobs[index], job);
            log_error("a job is passed over: a record is damaged", "job=%s", job);
        }
    }
}
