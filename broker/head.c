#include "broker/head.h"

#include "broker/bytes.h"

/* The stored fields in their order on disk. */
#define HEAD_FIELDS(BYTES, U64, U32, U16, U8) \
    BYTES(id.bytes)                           \
    BYTES(character.bytes)                    \
    BYTES(media.bytes)                        \
    BYTES(source.bytes)                       \
    BYTES(worker.bytes)                       \
    BYTES(display_id)                         \
    BYTES(step)                               \
    U64(created_at)                           \
    U64(started_at)                           \
    U64(completed_at)                         \
    U64(attempt_at)                           \
    U64(next_attempt_at)                      \
    U64(start_by)                             \
    U64(deadline)                             \
    U64(stop_by)                              \
    U64(accepted)                             \
    U32(version)                              \
    U32(lease)                                \
    U32(paid_lease)                           \
    U32(attempt)                              \
    U32(attempts_made)                        \
    U16(workers_lost)                         \
    U16(open_before)                          \
    U8(kind)                                  \
    U8(state)                                 \
    U8(priority)                              \
    U8(progress)                              \
    U8(operations)                            \
    U16(webhook_events)                       \
    U8(retries)                               \
    U8(flags)

/* Those that came with format 2. */
#define HEAD_FIELDS_2(BYTES, U64, U32, U16, U8) \
    U64(spent)                                  \
    U64(uncertain)                              \
    U32(estimate)                               \
    U32(expected)                               \
    U32(open_price)                             \
    U16(open)

#define SIZE_BYTES(name) +sizeof(((struct job *)0)->name)
#define SIZE_64(name)    +8
#define SIZE_32(name)    +4
#define SIZE_16(name)    +2
#define SIZE_8(name)     +1
_Static_assert(1 HEAD_FIELDS(SIZE_BYTES, SIZE_64, SIZE_32, SIZE_16, SIZE_8) <= HEAD_SIZE_1,
               "a head of format 1 fits");
_Static_assert(1 HEAD_FIELDS(SIZE_BYTES, SIZE_64, SIZE_32, SIZE_16, SIZE_8)
                       HEAD_FIELDS_2(SIZE_BYTES, SIZE_64, SIZE_32, SIZE_16, SIZE_8) <= HEAD_SIZE,
               "a head fits");

void head_write(const struct job *job, uint8_t out[HEAD_SIZE])
{
#define WRITE_BYTES(name) at = bytes_put(at, job->name, sizeof job->name);
#define WRITE_64(name)    at = bytes_put_64(at, (uint64_t)job->name);
#define WRITE_32(name)    at = bytes_put_32(at, job->name);
#define WRITE_16(name)    at = bytes_put_16(at, job->name);
#define WRITE_8(name)     *at++ = job->name;
    uint8_t *at = out;
    *at++ = HEAD_FORMAT;
    HEAD_FIELDS(WRITE_BYTES, WRITE_64, WRITE_32, WRITE_16, WRITE_8)
    HEAD_FIELDS_2(WRITE_BYTES, WRITE_64, WRITE_32, WRITE_16, WRITE_8)
    memset(at, 0, (size_t)(out + HEAD_SIZE - at));
}

static bool in_range(const struct job *job)
{
    const int64_t times[] = {job->created_at,      job->started_at, job->completed_at,
                             job->attempt_at,      job->start_by,   job->deadline,
                             job->next_attempt_at, job->stop_by};
    for (size_t index = 0; index < sizeof times / sizeof times[0]; index++) {
        if (times[index] < 0 || times[index] > TIME_MS_MAX) {
            return false;
        }
    }
    return job->kind < JOB_KIND_COUNT && job->state < JOB_STATE_COUNT && job->progress <= 100 &&
           job->operations <= OPERATIONS_MAX && job->retries <= RETRIES_MAX &&
           memchr(job->step, '\0', sizeof job->step) != NULL && job->uncertain <= job->spent &&
           job_ending(job) < JOB_ENDING_COUNT && job->spent <= INT64_MAX &&
           (job->open_before & ~job->open) == 0 &&
           (job->flags & (JOB_FLAG_TASK | JOB_FLAG_ASKED)) != JOB_FLAG_ASKED;
}

size_t head_size(struct slice bytes)
{
    return bytes.size > 0 && bytes.data[0] == 1 ? HEAD_SIZE_1 : HEAD_SIZE;
}

enum status head_read(struct slice bytes, struct job *out)
{
#define READ_BYTES(name)                       \
    memcpy(out->name, from, sizeof out->name); \
    from += sizeof out->name;
#define READ_64(name)                                      \
    out->name = (__typeof__(out->name))bytes_get_64(from); \
    from += 8;
#define READ_32(name)               \
    out->name = bytes_get_32(from); \
    from += 4;
#define READ_16(name)               \
    out->name = bytes_get_16(from); \
    from += 2;
#define READ_8(name) out->name = *from++;
    if (bytes.size < head_size(bytes) || (bytes.data[0] != 1 && bytes.data[0] != HEAD_FORMAT)) {
        return STATUS_MALFORMED;
    }
    const uint8_t *from = bytes.data + 1;
    HEAD_FIELDS(READ_BYTES, READ_64, READ_32, READ_16, READ_8)
    if (bytes.data[0] == HEAD_FORMAT) {
        HEAD_FIELDS_2(READ_BYTES, READ_64, READ_32, READ_16, READ_8)
    } else {
        out->spent = 0;
        out->uncertain = 0;
        out->estimate = 0;
        out->expected = 0;
        out->open_price = 0;
        out->open = 0;
    }
    return in_range(out) ? STATUS_OK : STATUS_MALFORMED;
}
