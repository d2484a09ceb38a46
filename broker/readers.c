#include "broker/readers.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct queue {
    struct read *first;
    struct read *last;
    uint32_t count;
    size_t size; /* bytes */
};

struct readers {
    struct store *store;
    pthread_mutex_t mutex;
    pthread_cond_t work;
    struct queue dispatches;
    struct queue waiting; /* all others */
    struct queue done;
    int64_t now; /* the loop's time, as of the last request */
    bool ending;
    int descriptor;
    int threads_count;
    pthread_t threads[READERS];
};

size_t read_size(const struct read *read)
{
    return sizeof *read + read->request.capacity + read->answer.capacity;
}

static void put(struct queue *queue, struct read *read)
{
    read->next = NULL;
    if (queue->last == NULL) {
        queue->first = read;
    } else {
        queue->last->next = read;
    }
    queue->last = read;
    queue->count++;
    queue->size += read_size(read);
}

static struct read *take(struct queue *queue)
{
    struct read *read = queue->first;
    if (read != NULL) {
        queue->first = read->next;
        queue->last = queue->first == NULL ? NULL : queue->last;
        queue->count--;
        queue->size -= read_size(read);
    }
    return read;
}

struct read *read_new(enum read_type type, uint64_t peer, uint64_t session)
{
    struct read *read = calloc(1, sizeof *read);
    if (read == NULL) {
        return NULL;
    }
    read->type = type;
    read->peer = peer;
    read->session = session;
    buffer_init(&read->request, FRAME_SIZE_MAX);
    buffer_init(&read->owner, OWNER_SIZE_MAX);
    buffer_init(&read->answer, READ_ANSWER_SIZE_MAX);
    return read;
}

void read_free(struct read *read)
{
    if (read != NULL) {
        buffer_fini(&read->request);
        buffer_fini(&read->owner);
        buffer_fini(&read->answer);
        free(read);
    }
}

/* ---- in the threads ---- */

static enum status answer(struct view *view, struct read *read, const struct message *message,
                          int64_t now, struct frame_writer *writer)
{
    switch ((int)message->type) {
    case MESSAGE_TYPE_GET_JOB:
        return query_job(view, &message->get_job, writer);
    case MESSAGE_TYPE_LIST_JOBS:
        return query_list(view, &message->list_jobs, &read->live, writer);
    case MESSAGE_TYPE_GET_EVENTS:
        return query_events(view, &message->get_events, now, writer);
    default:
        return query_document(view, &message->get_document, writer);
    }
}

static enum status look_up(struct view *view, struct read *read, int64_t now)
{
    struct message message;
    struct frame_writer writer;
    struct slice request = buffer_slice(&read->request);
    enum status status = STATUS_OK;
    if (read->type != READ_DISPATCH) {
        status = record_read(&request, &message);
    }
    if (status == STATUS_OK && read->type == READ_FACTS) {
        return query_facts(view, &message, now, &read->facts);
    }
    if (status == STATUS_OK) {
        status = frame_begin(&writer, &read->answer, read->session);
    }
    if (status == STATUS_OK) {
        status = read->type == READ_DISPATCH
                     ? query_dispatch(view, &read->head, buffer_slice(&read->owner), now, &writer)
                     : answer(view, read, &message, now, &writer);
    }
    if (status == STATUS_OK) {
        read->records = frame_records(&writer);
        read->records_count = writer.count;
    }
    return status;
}

static void perform(struct readers *readers, struct read *read, int64_t now)
{
    struct view *view = NULL;
    read->status = store_view_open(readers->store, &view);
    if (read->status == STATUS_OK) {
        read->status = look_up(view, read, now);
    }
    store_view_close(&view);
}

/* The next request; NULL while there is none, or too many answers wait for the loop. */
static struct read *take_work(struct readers *readers)
{
    if (readers->done.size >= READS_DONE_SIZE_MAX) {
        return NULL;
    }
    struct read *read = take(&readers->dispatches);
    return read != NULL ? read : take(&readers->waiting);
}

static void *run(void *argument)
{
    struct readers *readers = argument;
    pthread_mutex_lock(&readers->mutex);
    while (!readers->ending) {
        struct read *read = take_work(readers);
        if (read == NULL) {
            pthread_cond_wait(&readers->work, &readers->mutex);
            continue;
        }
        int64_t now = readers->now;
        pthread_mutex_unlock(&readers->mutex);
        perform(readers, read, now);
        pthread_mutex_lock(&readers->mutex);
        bool is_first = readers->done.first == NULL;
        put(&readers->done, read);
        if (is_first) {
            eventfd_write(readers->descriptor, 1);
        }
    }
    pthread_mutex_unlock(&readers->mutex);
    return NULL;
}

/* ---- in the loop ---- */

enum status readers_new(struct store *store, struct readers **out)
{
    struct readers *readers = calloc(1, sizeof *readers);
    *out = NULL;
    if (readers == NULL) {
        return STATUS_NO_MEMORY;
    }
    readers->store = store;
    pthread_mutex_init(&readers->mutex, NULL);
    pthread_cond_init(&readers->work, NULL);
    readers->descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    while (readers->descriptor >= 0 && readers->threads_count < READERS) {
        if (pthread_create(&readers->threads[readers->threads_count], NULL, run, readers) != 0) {
            break;
        }
        readers->threads_count++;
    }
    if (readers->threads_count < READERS) {
        readers_destroy(&readers);
        return STATUS_IO;
    }
    *out = readers;
    return STATUS_OK;
}

void readers_destroy(struct readers **readers_in)
{
    struct readers *readers = *readers_in;
    struct read *read;
    if (readers == NULL) {
        return;
    }
    pthread_mutex_lock(&readers->mutex);
    readers->ending = true;
    pthread_cond_broadcast(&readers->work);
    pthread_mutex_unlock(&readers->mutex);
    for (int index = 0; index < readers->threads_count; index++) {
        pthread_join(readers->threads[index], NULL);
    }
    while ((read = take(&readers->dispatches)) != NULL ||
           (read = take(&readers->waiting)) != NULL || (read = take(&readers->done)) != NULL) {
        read_free(read);
    }
    if (readers->descriptor >= 0) {
        close(readers->descriptor);
    }
    pthread_cond_destroy(&readers->work);
    pthread_mutex_destroy(&readers->mutex);
    free(readers);
    *readers_in = NULL;
}

int readers_descriptor(const struct readers *readers)
{
    return readers->descriptor;
}

static bool has_room(const struct readers *readers)
{
    return readers->waiting.count < READS_WAITING_MAX &&
           readers->waiting.size < READS_WAITING_SIZE_MAX;
}

enum status readers_give(struct readers *readers, struct read *read, int64_t now)
{
    enum status status = STATUS_OK;
    pthread_mutex_lock(&readers->mutex);
    readers->now = now;
    /* What runs must go on: only a gateway's read can be told to come again. */
    if (read->type == READ_DISPATCH) {
        put(&readers->dispatches, read);
    } else if (has_room(readers)) {
        put(&readers->waiting, read);
    } else {
        status = STATUS_FULL;
    }
    pthread_cond_signal(&readers->work);
    pthread_mutex_unlock(&readers->mutex);
    return status;
}

struct read *readers_take(struct readers *readers)
{
    eventfd_t count;
    pthread_mutex_lock(&readers->mutex);
    bool was_full = readers->done.size >= READS_DONE_SIZE_MAX;
    struct read *read = take(&readers->done);
    if (readers->done.first == NULL) {
        eventfd_read(readers->descriptor, &count);
    }
    if (was_full) {
        pthread_cond_broadcast(&readers->work);
    }
    pthread_mutex_unlock(&readers->mutex);
    return read;
}
