#ifndef TROUPE_ACTORS_FILM_BOXES_H
#define TROUPE_ACTORS_FILM_BOXES_H

/*
 * Looks at the bytes of an MP4 file as they come: whether it is one, and whether its end is there.
 * A file is a row of boxes that say how long they are (ISO 14496-12, 4.2); no box is opened. Pure.
 */

#include <stdbool.h>
#include "base/slice.h"
#include "base/status.h"

enum {
    FILM_BOX_HEAD_SIZE = 16, /* bytes of a box's size and name, in their long form */
};

/* All zero before the first byte. */
struct film_boxes {
    uint8_t head[FILM_BOX_HEAD_SIZE]; /* of the box that begins ... */
    size_t head_size;                 /* ... as far as it has come */
    uint64_t left;                    /* bytes of the box under way that are to come */
    bool is_last;                     /* it goes on to the end of the file, whatever its size */
    bool has_type, has_index, has_data;
};

/* Takes the next bytes. Returns OK, or MALFORMED when this is no MP4 file: nothing is to be taken
 * after that. */
enum status film_boxes_take(struct film_boxes *boxes, struct slice bytes);

/* Whether the bytes so far are a whole file: every box to its end, and all that is needed to play
 * it. */
bool film_boxes_are_whole(const struct film_boxes *boxes);

#endif
