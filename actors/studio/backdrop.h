#ifndef TROUPE_ACTORS_STUDIO_BACKDROP_H
#define TROUPE_ACTORS_STUDIO_BACKDROP_H

/* What lies behind the person: a sky, soft shapes of the scene, lights out of focus. Part of
 * portrait.h. */

#include "actors/studio/paint.h"
#include "actors/studio/pixels.h"
#include "actors/studio/spec.h"

/* The scene's colours. */
struct backdrop {
    struct color top;
    struct color middle;
    struct color bottom;
    struct color accent; /* its light: rims, lights out of focus */
    struct color far;    /* shapes far away and near */
    struct color near;
};

struct backdrop backdrop_make(const struct portrait_spec *spec);

/* Covers the whole of a square picture. light is where the lamp stands, -1 left or 1 right.
 * Returns OK or NO_MEMORY. */
enum status backdrop_draw(const struct backdrop *backdrop, const struct portrait_spec *spec,
                          double light, cairo_t *cairo, int side);

/* Lights and motes in front of the person. */
void backdrop_draw_motes(const struct backdrop *backdrop, const struct portrait_spec *spec,
                         cairo_t *cairo, int side);

#endif
