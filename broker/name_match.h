#ifndef TROUPE_BROKER_NAME_MATCH_H
#define TROUPE_BROKER_NAME_MATCH_H

/*
 * Which characters' names have the text of a walk through jobs. Remembered, because many jobs are
 * of one character, and its document is read for it. Pure over a view. Embedded in its walk,
 * zeroed.
 */

#include "base/buffer.h"
#include "base/id.h"
#include "broker/values.h"
#include "broker/view.h"

enum {
    NAME_PLACES = 1024, /* characters that are remembered; another one takes the place of one */
};

struct name_match {
    struct {
        struct id character;
        bool known;
        bool fits;
    } places[NAME_PLACES];
};

/* Tells whether the name that a picture or a video is told with has the text, which is the same in
 * each call: that of its character, or that which this was asked for when it is not there. buffer
 * is scratch space. Returns OK, NO_MEMORY, IO, or MALFORMED for a damaged document. */
enum status name_match_ask(struct name_match *match, struct view *view, struct slice text,
                           const struct job_value *job, struct buffer *buffer, bool *out);

#endif
