#include "broker/core/uses.h"

#include "broker/core/kinds.h"
#include "broker/core/table.h"

void uses_init(struct uses *uses)
{
    uses->root = JOB_NONE;
}

/* The heap's order: who asks for jobs does not choose their indexes. */
static uint64_t weight(uint32_t index)
{
    return hash_mix((uint64_t)index + 1);
}

static int compare(const struct job *job, const struct id *character, const struct id *source)
{
    int order = memcmp(job->character.bytes, character->bytes, ID_SIZE);
    return order != 0 ? order : memcmp(job->source.bytes, source->bytes, ID_SIZE);
}

static bool is_before(const struct slab *slab, uint32_t left, uint32_t right)
{
    const struct job *job = slab_job(slab, right);
    int order = compare(slab_job(slab, left), &job->character, &job->source);
    return order != 0 ? order < 0 : left < right;
}

/* Hangs what stands below *rest under the new node, parted by its place in the order. */
static void split(const struct slab *slab, uint32_t rest, uint32_t index)
{
    uint32_t *left = &slab_job(slab, index)->use_left;
    uint32_t *right = &slab_job(slab, index)->use_right;
    while (rest != JOB_NONE) {
        struct job *job = slab_job(slab, rest);
        if (is_before(slab, rest, index)) {
            *left = rest;
            left = &job->use_right;
            rest = job->use_right;
        } else {
            *right = rest;
            right = &job->use_left;
            rest = job->use_left;
        }
    }
    *left = JOB_NONE;
    *right = JOB_NONE;
}

void uses_put(struct uses *uses, const struct slab *slab, uint32_t index)
{
    uint32_t *place = &uses->root;
    assert(kind_makes_assets(slab_job(slab, index)->kind));
    while (*place != JOB_NONE && weight(*place) >= weight(index)) {
        struct job *job = slab_job(slab, *place);
        place = is_before(slab, index, *place) ? &job->use_left : &job->use_right;
    }
    uint32_t rest = *place;
    *place = index;
    split(slab, rest, index);
}

void uses_remove(struct uses *uses, const struct slab *slab, uint32_t index)
{
    uint32_t *place = &uses->root;
    while (*place != index) {
        assert(*place != JOB_NONE);
        struct job *job = slab_job(slab, *place);
        place = is_before(slab, index, *place) ? &job->use_left : &job->use_right;
    }
    uint32_t left = slab_job(slab, index)->use_left;
    uint32_t right = slab_job(slab, index)->use_right;
    while (left != JOB_NONE && right != JOB_NONE) {
        if (weight(left) >= weight(right)) {
            *place = left;
            place = &slab_job(slab, left)->use_right;
            left = *place;
        } else {
            *place = right;
            place = &slab_job(slab, right)->use_left;
            right = *place;
        }
    }
    *place = left != JOB_NONE ? left : right;
}

uint32_t uses_find(const struct uses *uses, const struct slab *slab, const struct id *character,
                   const struct id *source)
{
    uint32_t found = JOB_NONE;
    uint32_t index = uses->root;
    while (index != JOB_NONE) {
        const struct job *job = slab_job(slab, index);
        bool goes_right = compare(job, character, source) < 0;
        found = goes_right ? found : index;
        index = goes_right ? job->use_right : job->use_left;
    }
    if (found == JOB_NONE || !id_equal(&slab_job(slab, found)->character, character)) {
        return JOB_NONE;
    }
    bool suits = id_is_zero(source) || id_equal(&slab_job(slab, found)->source, source);
    return suits ? found : JOB_NONE;
}

uint32_t uses_next(const struct uses *uses, const struct slab *slab, uint32_t index)
{
    uint32_t found = JOB_NONE;
    uint32_t place = uses->root;
    while (place != JOB_NONE) {
        bool is_behind = is_before(slab, index, place);
        found = is_behind ? place : found;
        place = is_behind ? slab_job(slab, place)->use_left : slab_job(slab, place)->use_right;
    }
    bool is_same = found != JOB_NONE &&
                   id_equal(&slab_job(slab, found)->character, &slab_job(slab, index)->character);
    return is_same ? found : JOB_NONE;
}
