#include "broker/readers.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/log.h"
#include "broker/query_bulk.h"
#include "broker/query_job.h"
#include "broker/questions.h"
#include "broker/values.h"

struct asker {
    uint8_t size;
    char text[REQUEST_ID_MAX];
};

struct list {
    struct read *first;
    struct read *last;
};

struct readers {
    struct store *store;
    struct backups *backups;
    const struct clock *clock;
    const struct retention *retention;
    int descriptor; /* an eventfd; -1 before it is made */
    /* The loop's own. */
    struct read *reads;
    uint32_t used; /* of reads, so far */
    struct read *free;
    uint32_t free_count; /* those in free, and those never used */
    size_t requests_size;
    /* Shared, under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t work;     /* something waits, and there is room for its answer */
    struct list urgent;      /* that wait: facts and dispatches */
    uint32_t urgent_batches; /* taken of them since the others had a turn */
    struct list waiting;     /* all others */
    struct list done;
    size_t done_size; /* bytes of the answers in it */
    bool stopping;
    pthread_t threads[READERS_COUNT];
    uint32_t thread_count;
};

static void list_add(struct list *list, struct read *read)
{
    read->next = NULL;
    if (list->last == NULL) {
        list->first = read;
    } else {
        list->last->next = read;
    }
    list->last = read;
}

static struct read *list_take(struct list *list)
{
    struct read *read = list->first;
    if (read != NULL) {
        list->first = read->next;
        list->last = list->first == NULL ? NULL : list->last;
    }
    return read;
}

/* ---- one read ---- */

/* When something came after the lease, the worker is told of it all the same: it counts what it
 * receives against its credit. */
static enum status answer_dispatch(struct view *view, const struct read *read, int64_t now,
                                   struct frame_writer *writer)
{
    struct buffer buffer;
    struct job_value value;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = query_record(view, &read->job, &buffer, &value);
    if (status == STATUS_OK) {
        value.head.lease = read->lease;
        value.head.state = JOB_STATE_ACTIVE;
        status = query_dispatch(view, &value.head, value.owner, now, writer);
    }
    buffer_fini(&buffer);
    return status;
}

/* The facts of a group's jobs stand in read->answer. */
static enum status answer_group_facts(struct view *view, struct read *read,
                                      const struct message_submit_group *group,
                                      struct slice records, int64_t now)
{
    uint8_t *item_facts;
    struct message_submit *items = calloc(group->count + 1, sizeof *items);
    buffer_clear(&read->answer);
    enum status status = items == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK) {
        status = buffer_reserve(&read->answer, (group->count + 1) * sizeof(struct item_facts),
                                &item_facts);
    }
    if (status == STATUS_OK) {
        status = submits_read(&records, group->count, items);
        assert(status == STATUS_OK);
        status = query_group_facts(view, group, items, now, &read->facts,
                                   (struct item_facts *)item_facts);
    }
    free(items);
    return status;
}

/* What is to be removed stands in read->answer. */
static enum status answer_change_facts(struct view *view, struct read *read,
                                       const struct message_change_job *change)
{
    uint8_t *sweep;
    buffer_clear(&read->answer);
    enum status status = buffer_reserve(&read->answer, sizeof(struct sweep), &sweep);
    if (status == STATUS_OK) {
        memset(sweep, 0, sizeof(struct sweep));
        status = query_change_facts(view, change, (struct sweep *)sweep, &read->facts);
    }
    return status == STATUS_MALFORMED ? STATUS_IO : status;
}

static bool is_over(void *context)
{
    const int64_t *until_ms = context;
    return clock_monotonic_ms() >= *until_ms;
}

static enum status answer_bulk(struct view *view, struct read *read, int64_t now)
{
    int64_t until_ms = clock_monotonic_ms() + BULK_LOOK_MS;
    const struct search_limit limit = {is_over, &until_ms};
    const struct message_bulk told = bulk_told(read->bulk);
    return query_bulk_page(view, &told, &limit, BULK_PAGE_MAX, now, read->page);
}

static enum status answer_leftovers(struct view *view, struct read *read)
{
    struct batch batch;
    batch_init(&batch);
    enum status status = query_leftovers(view, &batch);
    if (status == STATUS_OK) {
        status = buffer_append_slice(&read->answer, buffer_slice(&batch.bytes));
    }
    read->operations = batch.count;
    batch_fini(&batch);
    return status;
}

static enum status answer_request(const struct readers *readers, struct view *view,
                                  struct read *read, int64_t now, struct frame_writer *writer)
{
    struct message request = {0};
    struct slice rest = buffer_slice(&read->request);
    enum status status = record_read(&rest, &request);
    assert(status == STATUS_OK);
    const struct question *question = question_find(request.type);
    const struct asked asked = {
        .view = view,
        .store = readers->store,
        .backups = readers->backups,
        .retention = readers->retention,
        .live = &read->live,
        .spending = &read->spending,
        .live_since = read->live_since,
        .known = rest,
        .now = now,
    };
    assert(question != NULL);
    return question->write(&asked, &request, writer);
}

static enum status perform(const struct readers *readers, struct view *view, struct read *read,
                           int64_t now)
{
    struct message message = {0};
    struct frame_writer writer;
    struct slice request = buffer_slice(&read->request);
    view->damage = &read->damage;
    if (read->type == READ_SWEEP) {
        return query_sweep(view, readers->retention, read->sweep);
    }
    if (read->type == READ_BULK) {
        return answer_bulk(view, read, now);
    }
    if (read->type == READ_LEFTOVERS) {
        return answer_leftovers(view, read);
    }
    if (read->type == READ_FACTS) {
        enum status status = record_read(&request, &message);
        assert(status == STATUS_OK);
    }
    if (read->type == READ_FACTS && message.type == MESSAGE_TYPE_SUBMIT_GROUP) {
        return answer_group_facts(view, read, &message.submit_group, request, now);
    }
    if (read->type == READ_FACTS && message.type == MESSAGE_TYPE_CHANGE_JOB) {
        return answer_change_facts(view, read, &message.change_job);
    }
    if (read->type == READ_FACTS) {
        return query_facts(view, &message, now, &read->facts);
    }
    enum status status = frame_begin(&writer, &read->answer, 0);
    if (status == STATUS_OK && read->type == READ_REQUEST) {
        status = answer_request(readers, view, read, now, &writer);
    } else if (status == STATUS_OK) {
        status = answer_dispatch(view, read, now, &writer);
    }
    if (status == STATUS_OK) {
        frame_end(&writer);
    }
    return status;
}

/* ---- who asked ---- */

/* It stands in a record of its own, which may be whole. Without memory the log does without. */
static void note_asker(struct view *view, const struct id *job, struct buffer *askers)
{
    struct buffer buffer;
    struct message input;
    struct asker asker = {0};
    buffer_init(&buffer, VALUE_SIZE_MAX);
    if (query_input(view, job, &buffer, &input) == STATUS_OK && input.submit.request_id.size > 0) {
        asker.size = (uint8_t)input.submit.request_id.size;
        memcpy(asker.text, input.submit.request_id.data, asker.size);
    }
    buffer_fini(&buffer);
    enum status status = buffer_append(askers, &asker, sizeof asker);
    (void)status;
}

static void note_askers(struct view *view, struct read *read)
{
    if (read->type == READ_DISPATCH && read->status != STATUS_OK) {
        note_asker(view, &read->job, &read->askers);
    }
    for (uint32_t index = 0; read->type == READ_SWEEP && index < read->sweep->damaged_count;
         index++) {
        note_asker(view, &read->sweep->damaged[index], &read->askers);
    }
}

struct slice read_asker(const struct read *read, uint32_t index)
{
    const struct asker *askers = (const struct asker *)read->askers.data;
    bool is_there = index < read->askers.size / sizeof *askers;
    return is_there ? slice_make(askers[index].text, askers[index].size) : SLICE_EMPTY;
}

/* ---- the threads ---- */

static bool has_work(const struct readers *readers)
{
    return readers->done_size < ANSWERS_SIZE_MAX &&
           (readers->urgent.first != NULL || readers->waiting.first != NULL);
}

/* Which of the lists has its turn; one of them is not empty. */
static struct list *choose(struct readers *readers)
{
    bool others_turn = readers->urgent_batches >= READ_URGENT_BATCHES;
    bool is_urgent =
        readers->urgent.first != NULL && !(others_turn && readers->waiting.first != NULL);
    readers->urgent_batches = is_urgent ? readers->urgent_batches + 1 : 0;
    return is_urgent ? &readers->urgent : &readers->waiting;
}

/* Moves the first reads of a list: one that is long, or some before the next one that is. */
static void take_some(struct list *list, struct list *taken)
{
    if (list->first->is_long) {
        list_add(taken, list_take(list));
        return;
    }
    for (int count = 0; count < READ_BATCH && list->first != NULL; count++) {
        if (list->first->is_long) {
            break;
        }
        list_add(taken, list_take(list));
    }
}

/* Waits for reads and takes some of them; none when the threads are to end. */
static struct list take_waiting(struct readers *readers)
{
    struct list taken = {0};
    pthread_mutex_lock(&readers->lock);
    while (!has_work(readers) && !readers->stopping) {
        pthread_cond_wait(&readers->work, &readers->lock);
    }
    if (!readers->stopping) {
        take_some(choose(readers), &taken);
    }
    pthread_mutex_unlock(&readers->lock);
    return taken;
}

static void give_done(struct readers *readers, struct list *list)
{
    struct read *read;
    pthread_mutex_lock(&readers->lock);
    while ((read = list_take(list)) != NULL) {
        list_add(&readers->done, read);
        readers->done_size += read->answer.size;
    }
    pthread_mutex_unlock(&readers->lock);
    eventfd_write(readers->descriptor, 1);
}

static void *run(void *context)
{
    struct readers *readers = context;
    for (;;) {
        struct list done = {0};
        struct read *read;
        struct view *view = NULL;
        struct list taken = take_waiting(readers);
        if (taken.first == NULL) {
            return NULL;
        }
        /* After the reads were taken: it sees all that was committed before they were pushed. */
        enum status opened = store_view_open(readers->store, &view);
        int64_t now = clock_now_ms(readers->clock);
        while ((read = list_take(&taken)) != NULL) {
            read->status = opened == STATUS_OK ? perform(readers, view, read, now) : opened;
            if (opened == STATUS_OK) {
                note_askers(view, read);
            }
            list_add(&done, read);
        }
        store_view_close(&view);
        give_done(readers, &done);
    }
}

/* ---- the loop's side ---- */

static enum status start(struct readers *readers)
{
    readers->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (readers->descriptor < 0) {
        return STATUS_IO;
    }
    while (readers->thread_count < READERS_COUNT) {
        pthread_t *thread = &readers->threads[readers->thread_count];
        if (pthread_create(thread, NULL, run, readers) != 0) {
            return STATUS_IO;
        }
        readers->thread_count++;
    }
    return STATUS_OK;
}

enum status readers_new(struct store *store, struct backups *backups, const struct clock *clock,
                        const struct retention *retention, struct readers **out)
{
    struct readers *readers = calloc(1, sizeof *readers);
    *out = NULL;
    if (readers == NULL) {
        return STATUS_NO_MEMORY;
    }
    readers->store = store;
    readers->backups = backups;
    readers->clock = clock;
    readers->retention = retention;
    readers->descriptor = -1;
    pthread_mutex_init(&readers->lock, NULL);
    pthread_cond_init(&readers->work, NULL);
    readers->reads = calloc(READS_MAX, sizeof readers->reads[0]);
    readers->free_count = READS_MAX;
    enum status status = readers->reads == NULL ? STATUS_NO_MEMORY : start(readers);
    if (status != STATUS_OK) {
        readers_destroy(&readers);
    }
    *out = readers;
    return status;
}

void readers_destroy(struct readers **readers)
{
    struct readers *old = *readers;
    if (old == NULL) {
        return;
    }
    pthread_mutex_lock(&old->lock);
    old->stopping = true;
    pthread_cond_broadcast(&old->work);
    pthread_mutex_unlock(&old->lock);
    while (old->thread_count > 0) {
        pthread_join(old->threads[--old->thread_count], NULL);
    }
    for (uint32_t index = 0; index < old->used; index++) {
        buffer_fini(&old->reads[index].request);
        buffer_fini(&old->reads[index].answer);
        buffer_fini(&old->reads[index].askers);
    }
    if (old->descriptor >= 0) {
        close(old->descriptor);
    }
    pthread_cond_destroy(&old->work);
    pthread_mutex_destroy(&old->lock);
    free(old->reads);
    free(old);
    *readers = NULL;
}

int readers_descriptor(const struct readers *readers)
{
    return readers->descriptor;
}

static struct read *take_free(struct readers *readers)
{
    struct read *read = readers->free;
    readers->free_count--;
    if (read != NULL) {
        readers->free = read->next;
        return read;
    }
    read = &readers->reads[readers->used++];
    buffer_init(&read->request, FRAME_SIZE_MAX);
    buffer_init(&read->answer, FRAME_SIZE_MAX);
    buffer_init(&read->askers, SWEEP_JOBS_MAX * sizeof(struct asker));
    return read;
}

struct read *readers_take(struct readers *readers, enum read_type type, struct slice request)
{
    uint32_t reserved = type == READ_REQUEST ? READS_RESERVED : 0;
    if (readers->free_count <= reserved ||
        (type != READ_DISPATCH && readers->requests_size + request.size > REQUESTS_SIZE_MAX)) {
        return NULL;
    }
    struct read *read = take_free(readers);
    if (buffer_append_slice(&read->request, request) != STATUS_OK) {
        readers_give(readers, read);
        return NULL;
    }
    read->type = type;
    read->damage = (struct view_damage){0};
    read->is_long = type == READ_SWEEP || type == READ_BULK || type == READ_LEFTOVERS;
    readers->requests_size += request.size;
    return read;
}

void readers_push(struct readers *readers, struct read *read)
{
    bool is_urgent = read->type == READ_DISPATCH || read->type == READ_FACTS;
    pthread_mutex_lock(&readers->lock);
    list_add(is_urgent ? &readers->urgent : &readers->waiting, read);
    pthread_cond_signal(&readers->work);
    pthread_mutex_unlock(&readers->lock);
}

struct read *readers_done(struct readers *readers)
{
    eventfd_t count;
    pthread_mutex_lock(&readers->lock);
    struct read *read = list_take(&readers->done);
    if (read != NULL) {
        bool was_full = readers->done_size >= ANSWERS_SIZE_MAX;
        readers->done_size -= read->answer.size;
        if (was_full && readers->done_size < ANSWERS_SIZE_MAX) {
            pthread_cond_broadcast(&readers->work);
        }
    } else {
        /* Under the lock, so that nothing that comes now is overlooked. */
        eventfd_read(readers->descriptor, &count);
    }
    pthread_mutex_unlock(&readers->lock);
    return read;
}

static void trim(struct buffer *buffer)
{
    if (buffer->capacity > READ_KEPT_MAX) {
        buffer_fini(buffer);
    }
    buffer_clear(buffer);
}

void readers_give(struct readers *readers, struct read *read)
{
    readers->requests_size -= read->request.size;
    trim(&read->request);
    trim(&read->answer);
    buffer_clear(&read->askers);
    read->next = readers->free;
    readers->free = read;
    readers->free_count++;
}
