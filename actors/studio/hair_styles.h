#ifndef TROUPE_ACTORS_STUDIO_HAIR_STYLES_H
#define TROUPE_ACTORS_STUDIO_HAIR_STYLES_H

/* The ways to wear hair, each drawn from locks in the head's space. Part of figure.h. */

#include "actors/studio/hair_lock.h"

/* Neither tied nor combed back nor spiked: it falls by itself. */
bool hair_is_loose(const struct portrait_spec *spec);

/* Behind the head: the mass of loose hair, a ponytail, a bun. */
void hair_back_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice);

/* In front, from a parting down both sides of the face: medium and long hair. */
void hair_curtains_draw(const struct figure *figure, const struct hair_tones *tones,
                        struct dice *dice);
void hair_short_draw(const struct figure *figure, const struct hair_tones *tones,
                     struct dice *dice);
void hair_spiky_draw(const struct figure *figure, const struct hair_tones *tones,
                     struct dice *dice);
void hair_mohawk_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice);

/* Combed back from the forehead; with braids in front of the shoulders when braided. */
void hair_pulled_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice);

/* A cloud of tight curls. */
void hair_cloud_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice,
                     bool back);

#endif
