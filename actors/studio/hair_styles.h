#ifndef TROUPE_ACTORS_STUDIO_HAIR_STYLES_H
#define TROUPE_ACTORS_STUDIO_HAIR_STYLES_H

/* The ways to wear hair, each drawn from locks in the head's space. Part of figure.h. */

#include "actors/studio/hair_lock.h"

/* Neither tied nor combed back nor spiked: it falls by itself. */
bool hair_is_loose(const struct portrait_spec *spec);

/* A lock of this person's texture. */
struct lock hair_plain_lock(const struct portrait_spec *spec, double width);

/* The solid ground below the locks, down to a hairline. */
void hair_scalp_draw(const struct figure *figure, const struct hair_tones *tones, double hairline);

/* Medium and long hair that falls by itself: what lies behind, then from a parting down both
 * sides of the face. */
void hair_loose_back_draw(const struct figure *figure, const struct hair_tones *tones,
                          struct dice *dice);
void hair_curtains_draw(const struct figure *figure, const struct hair_tones *tones,
                        struct dice *dice);
void hair_fringe_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice);

/* Short hair. */
void hair_short_draw(const struct figure *figure, const struct hair_tones *tones,
                     struct dice *dice);
void hair_spiky_draw(const struct figure *figure, const struct hair_tones *tones,
                     struct dice *dice);
void hair_mohawk_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice);

/* Combed back from the forehead, with a ponytail or bun behind, or braids in front of the
 * shoulders. */
void hair_tied_back_draw(const struct figure *figure, const struct hair_tones *tones,
                         struct dice *dice);
void hair_pulled_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice);

/* A cloud of tight curls. */
void hair_cloud_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice,
                     bool back);

#endif
