#include "broker/core/changes.h"

#include <assert.h>
#include "broker/core/table.h"

_Static_assert((CHANGES_SIZE & (CHANGES_SIZE - 1)) == 0, "a slot is found by a mask");

void changes_init(struct changes *changes)
{
    memset(changes, 0, sizeof(*changes));
}

static uint32_t slot_of(enum change_kind kind, struct slice first, struct slice second)
{
    uint64_t hash = hash_slice(second, hash_slice(first, (uint64_t)kind + 1));
    return (uint32_t)hash & (CHANGES_SIZE - 1);
}

void changes_note(struct changes *changes, enum change_kind kind, struct slice first,
                  struct slice second, uint64_t commit)
{
    uint64_t *slot = &changes->commits[slot_of(kind, first, second)];
    assert(commit >= *slot);
    *slot = commit;
}

bool changes_since(const struct changes *changes, enum change_kind kind, struct slice first,
                   struct slice second, uint64_t commit)
{
    return changes->commits[slot_of(kind, first, second)] > commit;
}
