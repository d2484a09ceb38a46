#include "gateway/overview.h"

enum status overview_take(struct overview *overview, const struct answer *answer, int64_t now_ms)
{
    struct frame_reader records = answer->records;
    struct message_queue queues[JOB_KIND_COUNT];
    struct message record;
    if (answer->message->admin_page.count != JOB_KIND_COUNT) {
        return STATUS_MALFORMED;
    }
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        if (frame_next(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_QUEUE ||
            record.queue.kind != kind) {
            return STATUS_MALFORMED;
        }
        queues[kind] = record.queue;
    }
    memcpy(overview->queues, queues, sizeof(queues));
    overview->disk_low = answer->message->admin_page.disk_low;
    overview->disk_free = answer->message->admin_page.disk_free;
    overview->disk_floor = answer->message->admin_page.disk_floor;
    overview->at_ms = now_ms;
    return STATUS_OK;
}

bool overview_is_fresh(const struct overview *overview, int64_t now_ms)
{
    return overview->at_ms != 0 && now_ms - overview->at_ms < OVERVIEW_FRESH_MS;
}
