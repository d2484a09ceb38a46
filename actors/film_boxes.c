#include "actors/film_boxes.h"

enum {
    SIZE_SHORT = 8,   /* bytes of a head: size and name */
    SIZE_IS_LONG = 1, /* sizes that say something else: eight bytes more have it ... */
    SIZE_IS_REST = 0, /* ... or the box goes on to the end of the file */
};

static uint64_t number(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t index = 0; index < size; index++) {
        value = value << 8 | bytes[index];
    }
    return value;
}

static size_t head_wanted(const struct film_boxes *boxes)
{
    bool is_long = boxes->head_size >= SIZE_SHORT && number(boxes->head, 4) == SIZE_IS_LONG;
    return is_long ? FILM_BOX_HEAD_SIZE : SIZE_SHORT;
}

static bool is_named(const struct film_boxes *boxes, const char *name)
{
    return memcmp(boxes->head + 4, name, 4) == 0;
}

/* The head is there. */
static enum status begin(struct film_boxes *boxes)
{
    size_t head = boxes->head_size;
    uint64_t size = head == SIZE_SHORT ? number(boxes->head, 4) : number(boxes->head + 8, 8);
    boxes->is_last = head == SIZE_SHORT && size == SIZE_IS_REST;
    if ((!boxes->is_last && size < head) || (!boxes->has_type && !is_named(boxes, "ftyp"))) {
        return STATUS_MALFORMED;
    }
    boxes->has_type = true;
    boxes->has_index |= is_named(boxes, "moov");
    boxes->has_data |= is_named(boxes, "mdat");
    boxes->left = boxes->is_last ? 0 : size - head;
    boxes->head_size = 0;
    return STATUS_OK;
}

enum status film_boxes_take(struct film_boxes *boxes, struct slice bytes)
{
    size_t at = 0;
    while (at < bytes.size && !boxes->is_last) {
        size_t rest = bytes.size - at;
        if (boxes->left > 0) {
            size_t passed = boxes->left < rest ? (size_t)boxes->left : rest;
            boxes->left -= passed;
            at += passed;
            continue;
        }
        boxes->head[boxes->head_size++] = bytes.data[at++];
        if (boxes->head_size == head_wanted(boxes) && begin(boxes) != STATUS_OK) {
            return STATUS_MALFORMED;
        }
    }
    return STATUS_OK;
}

bool film_boxes_are_whole(const struct film_boxes *boxes)
{
    return boxes->has_index && boxes->has_data && boxes->left == 0 && boxes->head_size == 0;
}
