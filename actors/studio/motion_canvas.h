#ifndef TROUPE_ACTORS_STUDIO_MOTION_CANVAS_H
#define TROUPE_ACTORS_STUDIO_MOTION_CANVAS_H

/*
 * The still picture, laid out wider than a frame so that the camera has room to move, in YUV
 * planes. A picture that is too narrow for the frame melts into a soft copy of itself at both
 * sides. Part of motion.h.
 */

#include <stdbool.h>

#include "actors/studio/pixels.h"

struct canvas {
    uint8_t *planes[3]; /* luma at full size, chroma at half */
    int width;          /* even */
    int height;
    double left; /* where the picture lies on the canvas, and its size there */
    double top;
    double picture_width;
    double picture_height;
};

/* Makes a canvas of width x height (even). Returns OK or NO_MEMORY. */
enum status canvas_init(struct canvas *canvas, const struct pixels *picture, int width, int height);

/* Accepts a zeroed canvas; may be called twice. */
void canvas_fini(struct canvas *canvas);

#endif
