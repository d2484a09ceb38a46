/*
 * Nanoseconds a record takes to be packed and to be read again, in frames of 64, for the messages
 * that there are most of. Method: the best of 7 runs of 200 frames, on one thread, with all data in
 * the cache; reading is frame_open and frame_next together.
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "proto/codec.h"

enum {
    RUNS = 7,
    FRAMES = 200,
    RECORDS = 64,
};

static const struct id JOB = {{0x12, 0x3a, 1, 2, 3, 4, 0x45, 6, 0x87, 8, 9, 10, 11, 12, 13, 14}};

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double best(double left, double right)
{
    return left == 0 || right < left ? right : left;
}

static void measure(const struct message *message)
{
    struct buffer buffer;
    struct frame_writer writer;
    struct frame_reader reader;
    struct message copy;
    double pack = 0;
    double read = 0;
    buffer_init(&buffer, FRAME_SIZE_MAX);
    for (int run = 0; run < RUNS; run++) {
        double start = now_ns();
        for (int frame = 0; frame < FRAMES; frame++) {
            buffer_clear(&buffer);
            enum status status = frame_begin(&writer, &buffer, 1234567);
            for (int record = 0; record < RECORDS; record++) {
                status |= frame_write(&writer, message);
            }
            frame_end(&writer);
            assert(status == STATUS_OK);
        }
        double middle = now_ns();
        for (int frame = 0; frame < FRAMES; frame++) {
            enum status status = frame_open(&reader, buffer_slice(&buffer));
            for (int record = 0; record < RECORDS; record++) {
                status |= frame_next(&reader, &copy);
            }
            assert(status == STATUS_OK);
        }
        pack = best(pack, (middle - start) / (FRAMES * RECORDS));
        read = best(read, (now_ns() - middle) / (FRAMES * RECORDS));
    }
    printf("%-12s %6zu bytes  write %6.1f ns  read %6.1f ns\n", message_type_name(message->type),
           buffer.size / RECORDS, pack, read);
    buffer_fini(&buffer);
}

int main(void)
{
    static uint8_t payload[300];
    struct message event = {.type = MESSAGE_TYPE_EVENT};
    event.event = (struct message_event){
        .event = 123456789,
        .job = JOB,
        .version = 7,
        .kind = EVENT_KIND_PROGRESS,
        .at = 1767225600123,
        .owner = SLICE_LITERAL("user-1234567"),
        .job_kind = JOB_KIND_VIDEO,
        .state = JOB_STATE_ACTIVE,
        .progress = 50,
        .step = SLICE_LITERAL("polling"),
        .attempt = 1,
        .worker = JOB,
        .started_at = 1767225600000,
    };
    struct message submit = {.type = MESSAGE_TYPE_SUBMIT};
    submit.submit = (struct message_submit){
        .request = 123456,
        .job = JOB,
        .kind = JOB_KIND_CHARACTER,
        .owner = SLICE_LITERAL("user-1234567"),
        .character = JOB,
        .media = JOB,
        .display_id = SLICE_LITERAL("ABCDEFGH"),
        .payload = {payload, sizeof(payload)},
        .start_by = 1767225600000,
        .deadline = 1767225600000,
    };
    struct message ack = {.type = MESSAGE_TYPE_ACK, .ack = {.job = JOB, .lease = 3}};
    measure(&event);
    measure(&submit);
    measure(&ack);
    return 0;
}
