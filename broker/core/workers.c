#include "broker/core/workers.h"

#include <stdlib.h>

enum {
    WORKERS_CAPACITY_FIRST = 16,
};

static uint32_t *instance_next(void *context, uint32_t index)
{
    return &workers_worker(context, index)->hash_next[WORKER_TABLE_INSTANCE];
}

static uint64_t instance_hash(void *context, uint32_t index)
{
    return hash_id(&workers_worker(context, index)->instance);
}

static uint32_t *session_next(void *context, uint32_t index)
{
    return &workers_worker(context, index)->hash_next[WORKER_TABLE_SESSION];
}

static uint64_t session_hash(void *context, uint32_t index)
{
    return hash_mix(workers_worker(context, index)->session);
}

static uint32_t *peer_next(void *context, uint32_t index)
{
    return &workers_worker(context, index)->hash_next[WORKER_TABLE_PEER];
}

static uint64_t peer_hash(void *context, uint32_t index)
{
    return hash_mix(workers_worker(context, index)->peer);
}

static const struct table_methods workers_methods[WORKER_TABLE_COUNT] = {
    [WORKER_TABLE_INSTANCE] = {.next = instance_next, .hash = instance_hash},
    [WORKER_TABLE_SESSION] = {.next = session_next, .hash = session_hash},
    [WORKER_TABLE_PEER] = {.next = peer_next, .hash = peer_hash},
};

enum status workers_init(struct workers *workers)
{
    *workers = (struct workers){.free_first = JOB_NONE, .expiry = JOB_NONE, .drain = JOB_NONE};
    for (uint32_t table = 0; table < WORKER_TABLE_COUNT; table++) {
        if (table_init(&workers->tables[table], &workers_methods[table]) != STATUS_OK) {
            return STATUS_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

void workers_fini(struct workers *workers)
{
    for (uint32_t table = 0; table < WORKER_TABLE_COUNT; table++) {
        table_fini(&workers->tables[table]);
    }
    free(workers->items);
    *workers = (struct workers){.free_first = JOB_NONE, .expiry = JOB_NONE, .drain = JOB_NONE};
}

/* Chains slots that were never used before the others. */
static void chain_free(struct workers *workers, uint32_t from)
{
    for (uint32_t index = workers->capacity; index > from; index--) {
        workers->items[index - 1].state = WORKER_STATE_FREE;
        workers->items[index - 1].hash_next[0] = workers->free_first;
        workers->free_first = index - 1;
    }
}

static enum status reserve(struct workers *workers)
{
    for (uint32_t table = 0; table < WORKER_TABLE_COUNT; table++) {
        if (table_reserve(&workers->tables[table], workers->count + 1) != STATUS_OK) {
            return STATUS_NO_MEMORY;
        }
    }
    if (workers->free_first != JOB_NONE) {
        return STATUS_OK;
    }
    uint32_t before = workers->capacity;
    uint32_t capacity = before == 0 ? WORKERS_CAPACITY_FIRST : before * 2;
    struct worker *items = realloc(workers->items, capacity * sizeof(*items));
    if (items == NULL) {
        return STATUS_NO_MEMORY;
    }
    workers->items = items;
    workers->capacity = capacity;
    chain_free(workers, before);
    return STATUS_OK;
}

enum status workers_take(struct workers *workers, const struct id *instance, uint8_t kind,
                         uint32_t *out)
{
    assert(workers_find_instance(workers, instance) == JOB_NONE);
    if (reserve(workers) != STATUS_OK) {
        return STATUS_NO_MEMORY;
    }
    uint32_t index = workers->free_first;
    struct worker *worker = &workers->items[index];
    workers->free_first = worker->hash_next[0];
    *worker = (struct worker){
        .instance = *instance,
        .kind = kind,
        .state = WORKER_STATE_LOST,
        .leases = JOB_NONE,
        .returning = JOB_NONE,
        .hash_next = {JOB_NONE, JOB_NONE, JOB_NONE},
    };
    for (uint32_t list = 0; list < WORKER_LIST_COUNT; list++) {
        worker->links[list] = (struct worker_link){.next = JOB_NONE, .previous = JOB_NONE};
    }
    workers->count++;
    table_put(&workers->tables[WORKER_TABLE_INSTANCE], workers, index);
    *out = index;
    return STATUS_OK;
}

void workers_give(struct workers *workers, uint32_t index)
{
    struct worker *worker = workers_worker(workers, index);
    assert(worker->session == 0);
    assert(worker->leases == JOB_NONE);
    assert(worker->returning == JOB_NONE);
    for (uint32_t list = 0; list < WORKER_LIST_COUNT; list++) {
        assert(!worker_is_listed(worker, (enum worker_list)list));
    }
    table_remove(&workers->tables[WORKER_TABLE_INSTANCE], workers, index);
    worker->state = WORKER_STATE_FREE;
    worker->hash_next[0] = workers->free_first;
    workers->free_first = index;
    workers->count--;
}

void workers_attach(struct workers *workers, uint32_t index, uint64_t session, uint64_t peer)
{
    struct worker *worker = workers_worker(workers, index);
    assert(worker->session == 0);
    assert(session != 0);
    worker->session = session;
    worker->peer = peer;
    table_put(&workers->tables[WORKER_TABLE_SESSION], workers, index);
    table_put(&workers->tables[WORKER_TABLE_PEER], workers, index);
}

void workers_detach(struct workers *workers, uint32_t index)
{
    struct worker *worker = workers_worker(workers, index);
    assert(worker->session != 0);
    table_remove(&workers->tables[WORKER_TABLE_SESSION], workers, index);
    table_remove(&workers->tables[WORKER_TABLE_PEER], workers, index);
    worker->session = 0;
    worker->peer = 0;
}

uint32_t workers_find_instance(const struct workers *workers, const struct id *instance)
{
    uint32_t index = table_first(&workers->tables[WORKER_TABLE_INSTANCE], hash_id(instance));
    while (index != JOB_NONE && !id_equal(&workers->items[index].instance, instance)) {
        index = workers->items[index].hash_next[WORKER_TABLE_INSTANCE];
    }
    return index;
}

uint32_t workers_find_session(const struct workers *workers, uint64_t session)
{
    uint32_t index = table_first(&workers->tables[WORKER_TABLE_SESSION], hash_mix(session));
    while (index != JOB_NONE && workers->items[index].session != session) {
        index = workers->items[index].hash_next[WORKER_TABLE_SESSION];
    }
    return index;
}

uint32_t workers_find_peer(const struct workers *workers, uint64_t peer)
{
    uint32_t index = table_first(&workers->tables[WORKER_TABLE_PEER], hash_mix(peer));
    while (index != JOB_NONE && workers->items[index].peer != peer) {
        index = workers->items[index].hash_next[WORKER_TABLE_PEER];
    }
    return index;
}

void workers_list_put(struct workers *workers, enum worker_list list, uint32_t *first,
                      uint32_t index)
{
    struct worker_link *link = &workers_worker(workers, index)->links[list];
    assert(link->next == JOB_NONE);
    if (*first == JOB_NONE) {
        *link = (struct worker_link){.next = index, .previous = index};
        *first = index;
        return;
    }
    struct worker_link *head = &workers_worker(workers, *first)->links[list];
    *link = (struct worker_link){.next = *first, .previous = head->previous};
    workers_worker(workers, head->previous)->links[list].next = index;
    head->previous = index;
}

void workers_list_remove(struct workers *workers, enum worker_list list, uint32_t *first,
                         uint32_t index)
{
    struct worker_link *link = &workers_worker(workers, index)->links[list];
    if (link->next == JOB_NONE) {
        return;
    }
    workers_worker(workers, link->previous)->links[list].next = link->next;
    workers_worker(workers, link->next)->links[list].previous = link->previous;
    if (*first == index) {
        *first = link->next == index ? JOB_NONE : link->next;
    }
    *link = (struct worker_link){.next = JOB_NONE, .previous = JOB_NONE};
}

void worker_lease_put(struct worker *worker, struct slab *slab, uint32_t index)
{
    struct job *job = slab_job(slab, index);
    assert(job->chain_next == JOB_NONE);
    job->chain_next = index;
    job->chain_previous = index;
    worker_leases_move(slab, &index, &worker->leases);
    worker->lease_count++;
}

void worker_lease_remove(struct worker *worker, struct slab *slab, uint32_t index)
{
    struct job *job = slab_job(slab, index);
    uint32_t next = job->chain_next == index ? JOB_NONE : job->chain_next;
    assert(job->chain_next != JOB_NONE);
    assert(worker->lease_count > 0);
    worker->lease_count--;
    slab_job(slab, job->chain_previous)->chain_next = job->chain_next;
    slab_job(slab, job->chain_next)->chain_previous = job->chain_previous;
    if (worker->leases == index) {
        worker->leases = next;
    }
    if (worker->returning == index) {
        worker->returning = next;
    }
    job->chain_next = JOB_NONE;
    job->chain_previous = JOB_NONE;
}

void worker_leases_move(struct slab *slab, uint32_t *from, uint32_t *to)
{
    if (*from == JOB_NONE) {
        return;
    }
    if (*to == JOB_NONE) {
        *to = *from;
    } else {
        struct job *left = slab_job(slab, *to);
        struct job *right = slab_job(slab, *from);
        uint32_t left_last = left->chain_previous;
        uint32_t right_last = right->chain_previous;
        slab_job(slab, left_last)->chain_next = *from;
        right->chain_previous = left_last;
        slab_job(slab, right_last)->chain_next = *to;
        left->chain_previous = right_last;
    }
    *from = JOB_NONE;
}
