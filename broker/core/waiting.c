#include "broker/core/waiting.h"

#include <assert.h>

enum {
    RUNS_MAX = 32, /* sorted runs of 1, 2, 4 … jobs: as many as 32 bits can count */
};

enum waiting_class waiting_class_of(const struct job *job)
{
    if (job_is_stopping(job)) {
        return WAITING_CLASS_DROP;
    }
    if ((job->flags & JOB_FLAG_TASK) != 0) {
        return WAITING_CLASS_TASK;
    }
    return job->paid_lease > 0 ? WAITING_CLASS_BEGUN : WAITING_CLASS_USUAL;
}

static void link_before(struct slab *slab, uint32_t index, uint32_t next)
{
    struct job *job = slab_job(slab, index);
    struct job *behind = slab_job(slab, next);
    job->chain_next = next;
    job->chain_previous = behind->chain_previous;
    slab_job(slab, behind->chain_previous)->chain_next = index;
    behind->chain_previous = index;
}

void waiting_put(uint32_t *first, struct slab *slab, uint32_t index)
{
    struct job *job = slab_job(slab, index);
    assert(job->chain_next == JOB_NONE);
    if (*first == JOB_NONE) {
        job->chain_next = index;
        job->chain_previous = index;
        *first = index;
        return;
    }
    link_before(slab, index, *first);
}

void waiting_insert(uint32_t *first, struct slab *slab, uint32_t index)
{
    const struct job *job = slab_job(slab, index);
    if (*first == JOB_NONE || slab_job(slab, *first)->waiting_at > job->waiting_at) {
        waiting_put(first, slab, index);
        *first = index; /* behind the last is before the first */
        return;
    }
    uint32_t next = *first;
    uint32_t previous = slab_job(slab, next)->chain_previous;
    while (slab_job(slab, previous)->waiting_at > job->waiting_at) {
        next = previous;
        previous = slab_job(slab, next)->chain_previous;
    }
    link_before(slab, index, next);
}

void waiting_remove(uint32_t *first, struct slab *slab, uint32_t index)
{
    struct job *job = slab_job(slab, index);
    assert(job->chain_next != JOB_NONE);
    slab_job(slab, job->chain_previous)->chain_next = job->chain_next;
    slab_job(slab, job->chain_next)->chain_previous = job->chain_previous;
    if (*first == index) {
        *first = job->chain_next == index ? JOB_NONE : job->chain_next;
    }
    job->chain_next = JOB_NONE;
    job->chain_previous = JOB_NONE;
}

/* Both are chained by chain_next up to JOB_NONE; of equals those of the left come first. */
static uint32_t merge(struct slab *slab, uint32_t left, uint32_t right)
{
    uint32_t first = JOB_NONE;
    uint32_t *end = &first;
    while (left != JOB_NONE && right != JOB_NONE) {
        bool takes_left = slab_job(slab, left)->waiting_at <= slab_job(slab, right)->waiting_at;
        uint32_t *from = takes_left ? &left : &right;
        *end = *from;
        end = &slab_job(slab, *from)->chain_next;
        *from = *end;
    }
    *end = left == JOB_NONE ? right : left;
    return first;
}

/* Merges runs of equal length as a counter carries its bits. */
static uint32_t sort_chain(struct slab *slab, uint32_t rest)
{
    uint32_t runs[RUNS_MAX];
    uint32_t sorted = JOB_NONE;
    for (uint32_t place = 0; place < RUNS_MAX; place++) {
        runs[place] = JOB_NONE;
    }
    while (rest != JOB_NONE) {
        uint32_t run = rest;
        uint32_t place = 0;
        rest = slab_job(slab, run)->chain_next;
        slab_job(slab, run)->chain_next = JOB_NONE;
        for (; runs[place] != JOB_NONE; place++) {
            run = merge(slab, runs[place], run);
            runs[place] = JOB_NONE;
        }
        runs[place] = run;
    }
    for (uint32_t place = 0; place < RUNS_MAX; place++) {
        sorted = merge(slab, runs[place], sorted);
    }
    return sorted;
}

void waiting_sort(uint32_t *first, struct slab *slab)
{
    if (*first == JOB_NONE) {
        return;
    }
    slab_job(slab, slab_job(slab, *first)->chain_previous)->chain_next = JOB_NONE;
    uint32_t rest = sort_chain(slab, *first);
    *first = JOB_NONE;
    while (rest != JOB_NONE) {
        uint32_t index = rest;
        rest = slab_job(slab, index)->chain_next;
        slab_job(slab, index)->chain_next = JOB_NONE;
        waiting_put(first, slab, index);
    }
}
