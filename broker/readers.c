#include "broker/readers.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/log.h"

struct list {
    struct read *first;
    struct read *last;
};

struct readers {
    struct read_sources sources;
    const struct clock *clock;
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
    pthread_cond_t scan;     /* likewise a scan */
    struct list urgent;      /* that wait: facts and dispatches */
    uint32_t urgent_batches; /* taken of them since the others had a turn */
    struct list scans;       /* that wait */
    uint32_t scan_count;     /* of them */
    struct list waiting;     /* all others */
    struct list done;
    size_t done_size; /* bytes of the answers in it */
    bool stopping;
    pthread_t threads[READERS_COUNT + SCANNERS_COUNT];
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

/* ---- the threads ---- */

static bool has_work(const struct readers *readers)
{
    return readers->done_size < ANSWERS_SIZE_MAX &&
           (readers->urgent.first != NULL || readers->waiting.first != NULL);
}

static bool may_scan(const struct readers *readers)
{
    return readers->done_size < ANSWERS_SIZE_MAX && readers->scans.first != NULL;
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
    if (list->first->length != READ_SHORT) {
        list_add(taken, list_take(list));
        return;
    }
    for (int count = 0; count < READ_BATCH && list->first != NULL; count++) {
        if (list->first->length != READ_SHORT) {
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

/* The same of the next scan. */
static struct list take_scan(struct readers *readers)
{
    struct list taken = {0};
    pthread_mutex_lock(&readers->lock);
    while (!may_scan(readers) && !readers->stopping) {
        pthread_cond_wait(&readers->scan, &readers->lock);
    }
    if (!readers->stopping) {
        list_add(&taken, list_take(&readers->scans));
        readers->scan_count--;
    }
    pthread_mutex_unlock(&readers->lock);
    return taken;
}

static void perform_all(struct readers *readers, struct list *taken)
{
    struct list done = {0};
    struct read *read;
    struct view *view = NULL;
    /* After the reads were taken: it sees all that was committed before they were pushed. */
    enum status opened = store_view_open(readers->sources.store, &view);
    int64_t now = clock_now_ms(readers->clock);
    while ((read = list_take(taken)) != NULL) {
        read->status = opened;
        if (opened == STATUS_OK) {
            read_perform(&readers->sources, view, read, now);
        }
        list_add(&done, read);
    }
    store_view_close(&view);
    give_done(readers, &done);
}

/* One that nobody waits for any more would only make the next ones wait. */
static void perform_scan(struct readers *readers, struct list *taken)
{
    int64_t waited_ms = clock_now_ms(readers->clock) - taken->first->pushed_at;
    if (waited_ms > SCAN_WAIT_MS) {
        taken->first->status = STATUS_TIMEOUT;
        give_done(readers, taken);
    } else {
        perform_all(readers, taken);
    }
}

static void *run(void *context)
{
    struct readers *readers = context;
    struct list taken = take_waiting(readers);
    while (taken.first != NULL) {
        perform_all(readers, &taken);
        taken = take_waiting(readers);
    }
    return NULL;
}

/* Linux has a niceness for each thread. Where it cannot be had, scans take their share. */
static void *run_scanner(void *context)
{
    struct readers *readers = context;
    if (setpriority(PRIO_PROCESS, (id_t)gettid(), SCANNER_NICE) != 0) {
        log_warn("searches have the priority of jobs", "reason=\"%s\"", strerror(errno));
    }
    struct list taken = take_scan(readers);
    while (taken.first != NULL) {
        perform_scan(readers, &taken);
        taken = take_scan(readers);
    }
    return NULL;
}

/* ---- the loop's side ---- */

static enum status start(struct readers *readers)
{
    readers->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (readers->descriptor < 0) {
        return STATUS_IO;
    }
    while (readers->thread_count < READERS_COUNT + SCANNERS_COUNT) {
        pthread_t *thread = &readers->threads[readers->thread_count];
        void *(*work)(void *) = readers->thread_count < READERS_COUNT ? run : run_scanner;
        if (pthread_create(thread, NULL, work, readers) != 0) {
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
    readers->sources = (struct read_sources){store, backups, retention};
    readers->clock = clock;
    readers->descriptor = -1;
    pthread_mutex_init(&readers->lock, NULL);
    pthread_cond_init(&readers->work, NULL);
    pthread_cond_init(&readers->scan, NULL);
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
    pthread_cond_broadcast(&old->scan);
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
    pthread_cond_destroy(&old->scan);
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
    buffer_init(&read->askers, READ_ASKERS_SIZE_MAX);
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
    bool is_long = type == READ_SWEEP || type == READ_BULK || type == READ_LEFTOVERS;
    read->length = is_long ? READ_LONG : READ_SHORT;
    readers->requests_size += request.size;
    return read;
}

/* SCANS_MAX of them are looked through at most. */
static uint32_t scans_of(const struct readers *readers, uint64_t searcher)
{
    uint32_t count = 0;
    for (const struct read *read = readers->scans.first; read != NULL; read = read->next) {
        count += read->searcher == searcher;
    }
    return count;
}

bool readers_have_room(struct readers *readers, enum read_length length, uint64_t searcher)
{
    pthread_mutex_lock(&readers->lock);
    bool have_room = length != READ_SCAN || (readers->scan_count < SCANS_MAX &&
                                             scans_of(readers, searcher) < SCANS_EACH_MAX);
    pthread_mutex_unlock(&readers->lock);
    return have_room;
}

void readers_push(struct readers *readers, struct read *read)
{
    bool is_urgent = read->type == READ_DISPATCH || read->type == READ_FACTS;
    pthread_mutex_lock(&readers->lock);
    if (read->length == READ_SCAN) {
        assert(readers->scan_count < SCANS_MAX);
        read->pushed_at = clock_now_ms(readers->clock);
        list_add(&readers->scans, read);
        readers->scan_count++;
        pthread_cond_signal(&readers->scan);
    } else {
        list_add(is_urgent ? &readers->urgent : &readers->waiting, read);
        pthread_cond_signal(&readers->work);
    }
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
            pthread_cond_broadcast(&readers->scan);
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
