#include "gateway/stream_queue.h"

#include <assert.h>
#include <stdlib.h>
#include "gateway/limits.h"

void stream_queue_fini(struct stream_queue *queue)
{
    free(queue->items);
    buffer_fini(&queue->text);
    *queue = (struct stream_queue){0};
}

static enum status items_reserve(struct stream_queue *queue)
{
    if (queue->item_count < queue->item_capacity) {
        return STATUS_OK;
    }
    size_t capacity = queue->item_capacity == 0 ? 4 : queue->item_capacity * 2;
    struct stream_item *items = realloc(queue->items, capacity * sizeof(items[0]));
    if (items == NULL) {
        return STATUS_NO_MEMORY;
    }
    queue->items = items;
    queue->item_capacity = capacity;
    return STATUS_OK;
}

static enum status item_push(struct stream_queue *queue, const struct stream_item *item,
                             struct slice text)
{
    if (queue->item_count >= STREAM_QUEUE_ITEMS_MAX) {
        return STATUS_FULL;
    }
    if (items_reserve(queue) != STATUS_OK) {
        return STATUS_NO_MEMORY;
    }
    if (queue->text.size_max == 0) {
        buffer_init(&queue->text, STREAM_QUEUE_SIZE_MAX);
    }
    enum status status = buffer_append_slice(&queue->text, text);
    if (status != STATUS_OK) {
        return status == STATUS_TOO_LARGE ? STATUS_FULL : status;
    }
    queue->items[queue->item_count] = *item;
    queue->item_count++;
    return STATUS_OK;
}

enum status stream_queue_push(struct stream_queue *queue, const struct message_event *event,
                              struct slice text)
{
    const struct stream_item item = {
        .event = event->event,
        .job = event->job,
        .progress = event->kind == EVENT_KIND_PROGRESS,
        .size = (uint32_t)text.size,
    };
    assert(text.size <= STREAM_EVENT_SIZE_MAX);
    return item_push(queue, &item, text);
}

enum status stream_queue_push_text(struct stream_queue *queue, struct slice text)
{
    const struct stream_item item = {.size = (uint32_t)text.size};
    return item_push(queue, &item, text);
}

/* Whether the next item of the same job is a progress report as well. */
static bool item_is_overtaken(const struct stream_queue *queue, size_t index)
{
    const struct stream_item *item = &queue->items[index];
    for (size_t next = index + 1; item->progress && next < queue->item_count; next++) {
        if (id_equal(&queue->items[next].job, &item->job)) {
            return queue->items[next].progress;
        }
    }
    return false;
}

bool stream_queue_coalesce(struct stream_queue *queue)
{
    size_t kept = 0;
    size_t offset = 0;
    size_t size = 0;
    for (size_t index = 0; index < queue->item_count; index++) {
        struct stream_item item = queue->items[index];
        if (!item_is_overtaken(queue, index)) {
            memmove(queue->text.data + size, queue->text.data + offset, item.size);
            size += item.size;
            queue->items[kept] = item;
            kept++;
        }
        offset += item.size;
    }
    queue->item_count = kept;
    queue->text.size = size;
    return kept <= STREAM_QUEUE_ITEMS_MAX / 2 && size <= STREAM_QUEUE_SIZE_MAX / 2;
}

bool stream_queue_is_empty(const struct stream_queue *queue)
{
    return queue->item_count == 0;
}

enum status stream_queue_move(struct stream_queue *queue, struct stream_queue *target,
                              uint64_t after, uint64_t *last)
{
    enum status status = STATUS_OK;
    size_t offset = 0;
    for (size_t index = 0; index < queue->item_count && status == STATUS_OK; index++) {
        const struct stream_item *item = &queue->items[index];
        struct slice text = slice_make(queue->text.data + offset, item->size);
        offset += item->size;
        if (item->event <= after) {
            continue;
        }
        status = item_push(target, item, text);
        *last = status == STATUS_OK ? item->event : *last;
    }
    stream_queue_fini(queue);
    return status;
}

void stream_queue_take(struct stream_queue *queue, struct buffer *out)
{
    *out = queue->text;
    queue->text = (struct buffer){0};
    stream_queue_fini(queue);
}
