#include "broker/overview.h"

#include "broker/broker.h"

enum {
    OVERVIEW_JOBS_MAX = 4000, /* told of all workers together: with WORKERS_MAX of them, a frame's
                                 records and bytes */
};

_Static_assert(WORKERS_MAX + OVERVIEW_JOBS_MAX <= FRAME_RECORDS_MAX, "all fit into one frame");

/* ---- queues ---- */

enum status overview_queues(struct broker *broker, const struct message *request,
                            struct frame_writer *writer)
{
    struct message_queue queues[JOB_KIND_COUNT];
    const struct message page = {
        .type = MESSAGE_TYPE_ADMIN_PAGE,
        .admin_page = {.request = request->get_queues.request,
                       .count = JOB_KIND_COUNT,
                       .disk_low = broker->space_low,
                       .disk_free = broker->space_left <= INT64_MAX ? broker->space_left : 0,
                       .disk_floor = broker->options->space_floor},
    };
    core_queues(broker->core, broker->now, queues);
    enum status status = frame_write(writer, &page);
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT && status == STATUS_OK; kind++) {
        const struct message message = {.type = MESSAGE_TYPE_QUEUE, .queue = queues[kind]};
        status = frame_write(writer, &message);
    }
    return status;
}

/* ---- workers ---- */

/* What is written of workers and their jobs, before how many there are is. */
struct workers_page {
    struct buffer bytes;
    struct frame_writer writer;
    uint32_t jobs; /* so far */
};

static enum status write_job(struct workers_page *page, const struct job *job)
{
    const struct message message = {
        .type = MESSAGE_TYPE_WORKER_JOB,
        .worker_job = {.job = job->id,
                       .progress = job->progress,
                       .step = slice_from_string(job->step),
                       .attempt = job->attempt,
                       .started_at = job->attempt_at},
    };
    page->jobs++;
    return frame_write(&page->writer, &message);
}

/* How many of its jobs are told, of a worker that is still to be walked. */
static uint32_t count_jobs(const struct broker *broker, struct worker_told told, uint32_t room)
{
    uint32_t most = room < WORKER_JOBS_MAX ? room : WORKER_JOBS_MAX;
    uint32_t count = 0;
    while (count < most && core_worker_job(broker->core, &told) != NULL) {
        count++;
    }
    return count;
}

static enum status write_worker(const struct broker *broker, struct worker_told *told,
                                struct workers_page *page)
{
    struct message message = {.type = MESSAGE_TYPE_WORKER, .worker = told->worker};
    const struct peer *peer =
        told->peer == 0 ? NULL : peers_find(&broker->actors.peers, told->peer);
    message.worker.count = count_jobs(broker, *told, OVERVIEW_JOBS_MAX - page->jobs);
    if (peer != NULL) {
        message.worker.host = slice_make(peer->host, peer->host_size);
        message.worker.pid = peer->pid;
        message.worker.version = slice_make(peer->version, peer->version_size);
    }
    enum status status = frame_write(&page->writer, &message);
    for (uint32_t index = 0; index < message.worker.count && status == STATUS_OK; index++) {
        status = write_job(page, core_worker_job(broker->core, told));
    }
    return status;
}

enum status overview_workers(struct broker *broker, const struct message *request,
                             struct frame_writer *writer)
{
    struct workers_page page = {0};
    struct worker_told told;
    uint32_t place = 0;
    buffer_init(&page.bytes, FRAME_SIZE_MAX);
    enum status status = frame_begin(&page.writer, &page.bytes, 0);
    size_t head = page.bytes.size;
    while (status == STATUS_OK && core_worker_next(broker->core, &place, &told)) {
        status = write_worker(broker, &told, &page);
    }
    const struct message message = {
        .type = MESSAGE_TYPE_ADMIN_PAGE,
        .admin_page = {.request = request->get_workers.request, .count = page.writer.count},
    };
    status = status == STATUS_OK ? frame_write(writer, &message) : status;
    if (status == STATUS_OK && page.writer.count > 0) {
        struct slice records = slice_make(page.bytes.data + head, page.bytes.size - head);
        status = frame_splice(writer, records, page.writer.count);
    }
    buffer_fini(&page.bytes);
    return status;
}

/* ---- bulks ---- */

static bool is_asked(const struct message_get_bulks *request, const struct bulk *bulk)
{
    return id_is_zero(&request->bulk) || id_equal(&request->bulk, &bulk->told.bulk);
}

/* The newest first. */
enum status overview_bulks(struct broker *broker, const struct message *request,
                           struct frame_writer *writer)
{
    const struct message_get_bulks *asked = &request->get_bulks;
    const struct bulks *bulks = core_bulks(broker->core);
    struct message message = {.type = MESSAGE_TYPE_ADMIN_PAGE,
                              .admin_page = {.request = asked->request}};
    for (uint32_t index = 0; index < bulks->count; index++) {
        message.admin_page.count += is_asked(asked, &bulks->items[index]);
    }
    enum status status = frame_write(writer, &message);
    for (uint32_t index = bulks->count; index > 0 && status == STATUS_OK; index--) {
        const struct bulk *bulk = &bulks->items[index - 1];
        message = (struct message){.type = MESSAGE_TYPE_BULK, .bulk = bulk_told(bulk)};
        status = is_asked(asked, bulk) ? frame_write(writer, &message) : STATUS_OK;
    }
    return status;
}

/* ---- providers ---- */

enum status overview_providers(struct broker *broker, const struct message *request,
                               struct frame_writer *writer)
{
    struct message_provider_state providers[PROVIDERS_MAX];
    uint32_t count = core_providers(broker->core, broker->now, providers);
    const struct message page = {
        .type = MESSAGE_TYPE_ADMIN_PAGE,
        .admin_page = {.request = request->get_providers.request, .count = count},
    };
    enum status status = frame_write(writer, &page);
    for (uint32_t index = 0; index < count && status == STATUS_OK; index++) {
        const struct message message = {.type = MESSAGE_TYPE_PROVIDER_STATE,
                                        .provider_state = providers[index]};
        status = frame_write(writer, &message);
    }
    return status;
}
