#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "actors/studio/pool.h"

struct queue {
    struct pool_job *first;
    struct pool_job **last;
};

struct pool {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct queue urgent;
    struct queue patient;
    int waiting; /* jobs in both queues */
    bool stop;
    void (*done)(void *context, struct pool_job *job);
    void *context;
    pthread_t threads[POOL_THREAD_COUNT_MAX];
    int thread_count;
};

static void queue_push(struct queue *queue, struct pool_job *job)
{
    job->next = NULL;
    *queue->last = job;
    queue->last = &job->next;
}

static struct pool_job *queue_pop(struct queue *queue)
{
    struct pool_job *job = queue->first;
    if (job != NULL) {
        queue->first = job->next;
        if (queue->first == NULL) {
            queue->last = &queue->first;
        }
    }
    return job;
}

static void *run(void *argument)
{
    struct pool *pool = argument;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (pool->waiting == 0 && !pool->stop) {
            pthread_cond_wait(&pool->wake, &pool->mutex);
        }
        struct pool_job *job = queue_pop(&pool->urgent);
        job = job == NULL ? queue_pop(&pool->patient) : job;
        if (job == NULL) {
            break;
        }
        pool->waiting--;
        bool stop = pool->stop;
        pthread_mutex_unlock(&pool->mutex);
        if (!stop) {
            job->work(job);
        }
        pool->done(pool->context, job);
        pthread_mutex_lock(&pool->mutex);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* Threads inherit the mask of the one that starts them. */
static enum status start_threads(struct pool *pool, int thread_count)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && pool->thread_count < thread_count) {
        if (pthread_create(&pool->threads[pool->thread_count], NULL, run, pool) == 0) {
            pool->thread_count++;
        } else {
            status = STATUS_IO;
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

enum status pool_new(int thread_count, void (*done)(void *context, struct pool_job *job),
                     void *context, struct pool **out)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) {
        return STATUS_NO_MEMORY;
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->urgent.last = &pool->urgent.first;
    pool->patient.last = &pool->patient.first;
    pool->done = done;
    pool->context = context;
    enum status status = start_threads(pool, thread_count);
    if (status != STATUS_OK) {
        pool_destroy(&pool);
        return status;
    }
    *out = pool;
    return STATUS_OK;
}

enum status pool_submit(struct pool *pool, struct pool_job *job, bool urgent)
{
    pthread_mutex_lock(&pool->mutex);
    bool full = pool->waiting >= POOL_QUEUE_COUNT_MAX || pool->stop;
    if (!full) {
        queue_push(urgent ? &pool->urgent : &pool->patient, job);
        pool->waiting++;
        pthread_cond_signal(&pool->wake);
    }
    pthread_mutex_unlock(&pool->mutex);
    return full ? STATUS_FULL : STATUS_OK;
}

void pool_destroy(struct pool **pool)
{
    struct pool *gone = *pool;
    if (gone == NULL) {
        return;
    }
    pthread_mutex_lock(&gone->mutex);
    gone->stop = true;
    pthread_cond_broadcast(&gone->wake);
    pthread_mutex_unlock(&gone->mutex);
    for (int index = 0; index < gone->thread_count; index++) {
        pthread_join(gone->threads[index], NULL);
    }
    pthread_cond_destroy(&gone->wake);
    pthread_mutex_destroy(&gone->mutex);
    free(gone);
    *pool = NULL;
}
