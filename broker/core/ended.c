#include "broker/core/ended.h"

#include "broker/core/table.h"

_Static_assert((ENDED_SIZE & (ENDED_SIZE - 1)) == 0, "a place is found by a mask");

static struct ended_job *place_of(struct ended *ended, const struct id *id)
{
    return &ended->jobs[hash_slice(slice_make(id, ID_SIZE), 0) & (ENDED_SIZE - 1)];
}

void ended_note(struct ended *ended, const struct job *job, uint32_t used_lease)
{
    if (job->paid_lease > 0) {
        *place_of(ended, &job->id) = (struct ended_job){.id = job->id,
                                                        .used_lease = used_lease,
                                                        .paid_lease = job->paid_lease,
                                                        .told_lease = job->wasted_lease,
                                                        .leases = job->lease,
                                                        .kind = job->kind};
    }
}

bool ended_wastes(struct ended *ended, const struct id *id, uint8_t kind, uint32_t lease)
{
    struct ended_job *job = place_of(ended, id);
    bool is_known = id_equal(&job->id, id) && job->kind == kind;
    if (!is_known || lease == 0 || lease > job->leases || lease <= job->told_lease) {
        return false;
    }
    /* What was paid for last was used by a success, and is one thing, whoever tells of it. */
    bool is_over = job->used_lease != 0 || job->told_lease >= job->paid_lease;
    if (lease >= job->paid_lease && is_over) {
        return false;
    }
    job->told_lease = lease;
    return true;
}
