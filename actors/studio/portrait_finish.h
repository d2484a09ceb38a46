#ifndef TROUPE_ACTORS_STUDIO_PORTRAIT_FINISH_H
#define TROUPE_ACTORS_STUDIO_PORTRAIT_FINISH_H

/* What is done to finished pixels: light around the edge of the person, bloom, vignette, the
 * look of a style. */

#include "actors/studio/pixels.h"
#include "actors/studio/spec.h"

struct finish {
    const struct portrait_spec *spec;
    double light;     /* -1: the lamp stands left */
    struct color rim; /* the light that falls from behind, opposite the lamp */
};

/* Lights the rim of a person on a transparent ground. Returns OK or NO_MEMORY. */
enum status portrait_finish_person(const struct finish *finish, struct pixels *person);

/* Bloom, the style's look, vignette and a fine grain against banding. Returns OK or NO_MEMORY. */
enum status portrait_finish_picture(const struct portrait_spec *spec, struct pixels *picture);

#endif
