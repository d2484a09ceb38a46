#ifndef TROUPE_ACTORS_STUDIO_PIXELS_H
#define TROUPE_ACTORS_STUDIO_PIXELS_H

/*
 * Pictures as arrays of 32-bit pixels, 0xAARRGGBB in host order with premultiplied alpha (cairo's
 * ARGB32), and the filters that portraits need. An owner has x_init'ed it and calls pixels_fini.
 */

#include <cairo.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    PIXELS_SIDE_MAX = 4096, /* pixels a side: what a decoded upload may have */
};

struct pixels {
    uint32_t *data; /* rows of width, no padding */
    int width;
    int height;
};

/* Makes a transparent picture. Returns OK, TOO_LARGE (a side outside 1..PIXELS_SIDE_MAX) or
 * NO_MEMORY. */
enum status pixels_init(struct pixels *pixels, int width, int height);

/* Accepts a zeroed picture; may be called twice. */
void pixels_fini(struct pixels *pixels);

/* A cairo surface on the same memory; pixels must live longer. NULL when there is no memory. */
cairo_surface_t *pixels_surface(struct pixels *pixels);

/* Blurs by three box passes, which is close to a Gaussian of this radius in pixels (1..64).
 * Returns OK or NO_MEMORY. */
enum status pixels_blur(struct pixels *pixels, int radius);

#endif
