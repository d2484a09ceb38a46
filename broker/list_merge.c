#include "broker/list_merge.h"

#include <assert.h>

enum {
    KINDS_MEDIA = 1 << JOB_KIND_IMAGE | 1 << JOB_KIND_VIDEO,
};

static struct source *next_source(struct merge *merge)
{
    assert(merge->count < MERGE_SOURCES_MAX);
    return &merge->sources[merge->count++];
}

static void add_family(struct merge *merge, struct slice owner, uint8_t family, uint8_t kinds,
                       uint8_t states, uint64_t before)
{
    static const struct id none;
    uint8_t key[KEY_BYTES_MAX];
    if (states == STATES_ALL) {
        source_init(next_source(merge), key_list(key, owner, family, 0, &none), kinds, false,
                    before);
        return;
    }
    for (uint8_t state = JOB_STATE_COMPLETED; state < JOB_STATE_COUNT; state++) {
        if ((states & (1u << state)) != 0) {
            struct slice ended = key_state(key, owner, family, state, 0, &none);
            source_init(next_source(merge), ended, kinds, false, before);
        }
    }
}

void merge_add_owner(struct merge *merge, struct slice owner, uint8_t kinds, uint8_t states,
                     uint64_t before)
{
    static const struct id none;
    uint8_t key[KEY_BYTES_MAX];
    if ((kinds & 1u << JOB_KIND_CHARACTER) != 0) {
        add_family(merge, owner, FAMILY_CHARACTER, kinds, states, before);
    }
    if ((kinds & KINDS_MEDIA) != 0) {
        add_family(merge, owner, FAMILY_MEDIA, kinds, states, before);
    }
    for (uint8_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        if (states != STATES_ALL && (states & STATES_LIVE) != 0 && (kinds & (1u << kind)) != 0) {
            struct slice live = key_live(key, owner, kind, 0, &none);
            source_init(next_source(merge), live, kinds, true, before);
        }
    }
}

void merge_add_age(struct merge *merge, uint8_t kinds, uint8_t states, uint64_t before)
{
    source_init_age(next_source(merge), kinds, states, before);
}

void merge_add_group(struct merge *merge, const struct id *group, uint64_t before)
{
    source_init_group(next_source(merge), group, before);
}

void merge_make_hasty(struct merge *merge)
{
    for (uint32_t index = 0; index < merge->count; index++) {
        merge->sources[index].hasty = true;
    }
}

enum status merge_take(struct merge *merge, struct view *view, struct source_entry *out, bool *live,
                       bool *found)
{
    struct source *newest = NULL;
    bool is_unread = false;
    *found = false;
    for (uint32_t index = 0; index < merge->count; index++) {
        const struct source_entry *entry;
        struct source *source = &merge->sources[index];
        enum status status = source_peek(source, view, &entry);
        if (status != STATUS_OK) {
            return status;
        }
        is_unread |= entry == NULL && !source->exhausted;
        if (entry != NULL && (newest == NULL || entry->accepted > out->accepted)) {
            *out = *entry;
            *live = source->live;
            newest = source;
        }
    }
    if (newest != NULL && !is_unread) {
        source_take(newest);
        *found = true;
    }
    return STATUS_OK;
}

bool merge_is_exhausted(const struct merge *merge)
{
    for (uint32_t index = 0; index < merge->count; index++) {
        const struct source *source = &merge->sources[index];
        if (!source->exhausted || source->position < source->count) {
            return false;
        }
    }
    return true;
}

uint64_t merge_before(const struct merge *merge)
{
    uint64_t before = 0;
    for (uint32_t index = 0; index < merge->count; index++) {
        const struct source *source = &merge->sources[index];
        uint64_t own = source->exhausted ? 0 : source->before;
        if (source->position < source->count) {
            own = source->entries[source->position].accepted + 1;
        }
        before = own > before ? own : before;
    }
    return before;
}

uint64_t merge_scanned(const struct merge *merge)
{
    uint64_t scanned = 0;
    for (uint32_t index = 0; index < merge->count; index++) {
        scanned += merge->sources[index].scanned;
    }
    return scanned;
}

uint64_t merge_passed(const struct merge *merge)
{
    uint64_t passed = 0;
    for (uint32_t index = 0; index < merge->count; index++) {
        const struct source *source = &merge->sources[index];
        passed += source->position < source->count ? source->taken : source->scanned;
    }
    return passed;
}
