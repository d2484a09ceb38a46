#include "broker/core/slab.h"

#include <stdlib.h>

void slab_init(struct slab *slab)
{
    memset(slab, 0, sizeof(*slab));
    slab->free_first = JOB_NONE;
}

void slab_fini(struct slab *slab)
{
    for (uint32_t chunk = 0; chunk < SLAB_CHUNKS_MAX; chunk++) {
        free(slab->chunks[chunk]);
    }
    slab_init(slab);
}

enum status slab_reserve(struct slab *slab, uint32_t count)
{
    uint32_t fresh = count > slab->free_count ? count - slab->free_count : 0;
    uint32_t end = (slab->count + fresh + SLAB_CHUNK_JOBS - 1) / SLAB_CHUNK_JOBS;
    if (end > SLAB_CHUNKS_MAX) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t chunk = slab->count / SLAB_CHUNK_JOBS; chunk < end; chunk++) {
        if (slab->chunks[chunk] == NULL) {
            slab->chunks[chunk] = calloc(SLAB_CHUNK_JOBS, sizeof(struct job));
        }
        if (slab->chunks[chunk] == NULL) {
            return STATUS_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

uint32_t slab_take(struct slab *slab)
{
    uint32_t index = slab->free_first;
    if (index == JOB_NONE) {
        index = slab->count++;
        assert(slab->chunks[index / SLAB_CHUNK_JOBS] != NULL);
    } else {
        slab->free_first = slab_job(slab, index)->hash_next;
        slab->free_count--;
    }
    struct job *job = slab_job(slab, index);
    assert(job->version == 0);
    job->member = JOB_NONE;
    job->hash_next = JOB_NONE;
    job->timer_position = JOB_NONE;
    job->left = JOB_NONE;
    job->right = JOB_NONE;
    job->parent = JOB_NONE;
    job->worker_index = JOB_NONE;
    job->chain_previous = JOB_NONE;
    job->chain_next = JOB_NONE;
    job->use_left = JOB_NONE;
    job->use_right = JOB_NONE;
    return index;
}

void slab_give(struct slab *slab, uint32_t index)
{
    struct job *job = slab_job(slab, index);
    assert(job->timer_position == JOB_NONE);
    assert(job->size == 0);
    memset(job, 0, sizeof(*job));
    job->hash_next = slab->free_first;
    slab->free_first = index;
    slab->free_count++;
}
