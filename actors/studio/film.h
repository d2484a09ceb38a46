#ifndef TROUPE_ACTORS_STUDIO_FILM_H
#define TROUPE_ACTORS_STUDIO_FILM_H

/*
 * Encodes a moving picture: H.264 (x264 through libav) in an MP4 file whose index comes first, 24
 * frames a second, yuv420p, BT.709 limited range. The same picture and plan give the same bytes, on
 * the same build of x264. Takes seconds of processor time: call it away from any event loop. No
 * I/O; the file is bytes in memory.
 */

#include <stdatomic.h>

#include "actors/studio/motion.h"
#include "base/buffer.h"

enum {
    FILM_SIZE_MAX =
        64 * 1024 * 1024, /* bytes of a file: 8 seconds of 720p need a hundredth of it */
};

struct film_watch {
    atomic_bool stop; /* set by anyone: film_encode gives up within a frame */
    atomic_bool started;
    atomic_int frames_done;
};

/* Appends the file to out. Returns OK, CLOSED (watch->stop was set), NO_MEMORY, TOO_LARGE or IO
 * (the encoder failed). */
enum status film_encode(const struct pixels *picture, const struct motion_plan *plan,
                        struct film_watch *watch, struct buffer *out);

#endif
