#include "broker/core/waiting.h"

#include <assert.h>

enum {
    RUNS_MAX = 32, /* sorted runs of 1, 2, 4 … jobs: as many as 32 bits can count */
};

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
    struct job *head = slab_job(slab, *first);
    job->chain_next = *first;
    job->chain_previous = head->chain_previous;
    slab_job(slab, head->chain_previous)->chain_next = index;
    head->chain_previous = index;
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
