#include "broker/system.h"

#include <assert.h>
#include <unistd.h>
#include "base/build.h"
#include "broker/broker.h"
#include "proto/text.h"

_Static_assert(SYSTEM_PROGRAMS_MAX < FRAME_RECORDS_MAX, "all fit into one frame");

/* ---- what the loop knows: programs ---- */

/* Those that are there are walked twice: first are written those that are not of our version. */
struct programs {
    struct buffer *out;
    struct slice version; /* the broker's */
    bool differing;       /* which are written now */
    struct message_system *told;
    enum status status;
};

static bool differs(const struct programs *programs, struct slice version)
{
    return version.size > 0 && !slice_equal(version, programs->version);
}

static void take(struct programs *programs, const struct message_program *program)
{
    const struct message message = {.type = MESSAGE_TYPE_PROGRAM, .program = *program};
    struct message_system *told = programs->told;
    bool is_one = differs(programs, program->version) == programs->differing;
    if (is_one && programs->status == STATUS_OK && told->count < SYSTEM_PROGRAMS_MAX) {
        programs->status = record_write(programs->out, &message);
        told->count++;
    }
    if (is_one) {
        told->gateways += program->gateway;
        told->actors += !program->gateway;
        told->differing += programs->differing;
    }
}

static void introduce(struct message_program *program, const struct peer *peer)
{
    program->host = slice_make(peer->host, peer->host_size);
    program->pid = peer->pid;
    program->version = slice_make(peer->version, peer->version_size);
}

/* A health check greets without a host, and is gone at once. */
static void take_gateways(const struct broker *broker, struct programs *programs)
{
    uint32_t place = 0;
    struct peer *peer;
    while ((peer = peers_next(&broker->gateways.peers, &place)) != NULL) {
        if (peer->session != 0 && !peer->lost && peer->host_size > 0) {
            struct message_program program = {
                .program = peer->instance, .gateway = true, .connected_at = peer->greeted_at};
            introduce(&program, peer);
            take(programs, &program);
        }
    }
}

static void take_actors(const struct broker *broker, struct programs *programs)
{
    uint32_t place = 0;
    struct worker_told told;
    while (core_worker_next(broker->core, &place, &told)) {
        const struct peer *peer =
            told.peer == 0 ? NULL : peers_find(&broker->actors.peers, told.peer);
        if (peer != NULL) { /* one that is lost for the moment may come again */
            struct message_program program = {.program = told.worker.worker,
                                              .kind = told.worker.kind,
                                              .connected_at = told.worker.connected_at};
            introduce(&program, peer);
            take(programs, &program);
        }
    }
}

static enum status write_programs(const struct broker *broker, struct message_system *told,
                                  struct buffer *out)
{
    struct programs programs = {.out = out, .version = told->version, .told = told};
    for (int pass = 0; pass < 2; pass++) {
        programs.differing = pass == 0;
        take_gateways(broker, &programs);
        take_actors(broker, &programs);
    }
    return programs.status;
}

/* ---- what the loop knows: itself ---- */

static void tell_broker(const struct broker *broker, struct message_system *told)
{
    const struct histogram *commits = &broker->meters.commits;
    struct core_statistics core;
    core_statistics(broker->core, &core);
    told->version = text_clip(slice_from_string(build_version()), VERSION_SIZE_MAX);
    told->host = text_clip(slice_from_string(broker->host), HOST_SIZE_MAX);
    told->pid = (uint32_t)getpid();
    told->started_at = broker->started_at;
    told->commits = histogram_count(commits);
    told->commit_operations = broker->meters.commit_sizes.sum;
    told->commit_bytes = recorder_totals(broker->recorder).bytes;
    told->commit_us_half = histogram_percentile(commits, &HISTOGRAM_REQUEST, 50);
    told->commit_us_most = histogram_percentile(commits, &HISTOGRAM_REQUEST, 99);
    told->refused = broker_refusals(broker, &core).refused;
    told->disk_floor = broker->options->space_floor;
    told->disk_low = broker->space_low;
}

struct slice system_known(struct broker *broker, struct slice request)
{
    struct message message = {.type = MESSAGE_TYPE_SYSTEM, .system = {.request = 1}};
    struct buffer programs;
    buffer_init(&programs, FRAME_SIZE_MAX);
    buffer_clear(&broker->frame);
    tell_broker(broker, &message.system);
    enum status status = write_programs(broker, &message.system, &programs);
    if (status == STATUS_OK) {
        status = buffer_append_slice(&broker->frame, request);
    }
    if (status == STATUS_OK) {
        status = record_write(&broker->frame, &message);
    }
    if (status == STATUS_OK) {
        status = buffer_append_slice(&broker->frame, buffer_slice(&programs));
    }
    buffer_fini(&programs);
    return status == STATUS_OK ? buffer_slice(&broker->frame) : SLICE_EMPTY;
}

/* ---- what the store and the disk say ---- */

static uint64_t number_of(struct store *store, enum store_number number)
{
    uint64_t value;
    return store_number(store, number, &value) && value <= INT64_MAX ? value : 0;
}

static void tell_store(struct store *store, struct message_system *told)
{
    uint64_t left = store_space_left(store);
    told->disk_free = left == UINT64_MAX ? 0 : left > 0 ? left : 1; /* 0: it cannot be told */
    told->keys = number_of(store, STORE_NUMBER_KEYS);
    told->table_bytes = number_of(store, STORE_NUMBER_TABLE_BYTES);
    told->live_bytes = number_of(store, STORE_NUMBER_LIVE_BYTES);
    told->memtable_bytes = number_of(store, STORE_NUMBER_MEMTABLE_BYTES);
    told->cache_bytes = number_of(store, STORE_NUMBER_CACHE_BYTES);
    told->pending_bytes = number_of(store, STORE_NUMBER_PENDING_BYTES);
    told->compactions = number_of(store, STORE_NUMBER_COMPACTIONS);
    told->stopped = number_of(store, STORE_NUMBER_STOPPED) > 0;
    told->errors = number_of(store, STORE_NUMBER_ERRORS);
}

/* Which backup is the newest one that is whole; its name is borrowed from the list. */
static enum status tell_backups(struct backups *backups, struct buffer *list,
                                struct message_system *told)
{
    static const struct message_list_backups asked = {.request = 1};
    struct frame_writer writer;
    struct frame_reader reader;
    struct message record;
    enum status status = frame_begin(&writer, list, 0);
    if (status == STATUS_OK) {
        status = backups_list(backups, &asked, &writer);
    }
    if (status == STATUS_OK) {
        frame_end(&writer);
        status = frame_open(&reader, buffer_slice(list));
    }
    while (status == STATUS_OK && frame_next(&reader, &record) == STATUS_OK) {
        bool is_one = record.type == MESSAGE_TYPE_BACKUP && record.backup.error.size == 0;
        if (is_one && record.backup.completed_at == 0) {
            told->backup_running = true;
        } else if (is_one && told->backup_at == 0) { /* the newest comes first */
            told->backup = record.backup.name;
            told->backup_at = record.backup.completed_at;
        }
    }
    return status;
}

enum status system_write(uint64_t request, struct slice known, struct store *store,
                         struct backups *backups, struct frame_writer *out)
{
    struct message message;
    struct buffer list;
    enum status status = record_read(&known, &message);
    assert(status == STATUS_OK && message.type == MESSAGE_TYPE_SYSTEM);
    struct message_system *told = &message.system;
    buffer_init(&list, FRAME_SIZE_MAX);
    told->request = request;
    tell_store(store, told);
    status = tell_backups(backups, &list, told);
    if (status == STATUS_OK) {
        status = frame_write(out, &message);
    }
    if (status == STATUS_OK && told->count > 0) {
        status = frame_splice(out, known, told->count);
    }
    buffer_fini(&list);
    return status;
}
