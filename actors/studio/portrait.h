#ifndef TROUPE_ACTORS_STUDIO_PORTRAIT_H
#define TROUPE_ACTORS_STUDIO_PORTRAIT_H

/*
 * Draws a person as a picture: the same spec gives the same pixels, on the same build of cairo.
 * Takes tens of milliseconds of processor time, so call it away from any event loop. No I/O.
 */

#include "actors/studio/figure.h"
#include "actors/studio/pixels.h"

enum {
    PORTRAIT_SIDE = 1024, /* pixels: pictures are square */
};

/* Makes and fills out (PORTRAIT_SIDE a side, opaque); the caller frees it with pixels_fini, on
 * success only. landmarks may be NULL. Returns OK or NO_MEMORY. */
enum status portrait_draw(const struct portrait_spec *spec, struct pixels *out,
                          struct figure_landmarks *landmarks);

#endif
