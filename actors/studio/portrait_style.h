#ifndef TROUPE_ACTORS_STUDIO_PORTRAIT_STYLE_H
#define TROUPE_ACTORS_STUDIO_PORTRAIT_STYLE_H

/* The looks of a finished picture: oil, watercolour, noir, neon, pastel, pixels. Part of
 * portrait.h. */

#include "actors/studio/pixels.h"
#include "actors/studio/spec.h"

/* Changes an opaque picture in place. Returns OK or NO_MEMORY. */
enum status portrait_style_apply(const struct portrait_spec *spec, struct pixels *picture);

#endif
