#ifndef TROUPE_ACTORS_STUDIO_HAIR_LOCK_H
#define TROUPE_ACTORS_STUDIO_HAIR_LOCK_H

/*
 * A lock of hair: a ribbon along a curve, with a sheen, strands and a darker edge. All hair is made
 * of locks laid over one another. Part of figure.h.
 */

#include "actors/studio/dice.h"
#include "actors/studio/figure.h"

enum {
    LOCK_CONTROLS = 7, /* two cubic curves that share the middle point */
};

struct lock {
    struct point control[LOCK_CONTROLS]; /* root to tip; the first four alone unless jointed */
    bool jointed;
    double width;
    double root; /* share of the width at the root */
    double full; /* place along the lock, 0..1, where the tip begins to narrow */
    double wave; /* how far it swings, in picture units */
    double wave_count;
    double wave_phase; /* radians */
    double shade;      /* 0: as bright as hair gets; 1: deep inside */
};

/* The hair's tones: at the root, where light falls, in shadow, at the tip. */
struct hair_tones {
    struct color base;
    struct color sheen;
    struct color shade;
    struct color tip;
};

struct hair_tones hair_tones_make(const struct portrait_spec *spec);

void hair_lock_draw(const struct figure *figure, const struct hair_tones *tones,
                    const struct lock *lock, struct dice *dice);

/* Draws count locks between two guides, from the first to the second; each takes its shape from
 * the lock given. */
struct hair_fan {
    struct point from[LOCK_CONTROLS];
    struct point to[LOCK_CONTROLS];
    int count;
    struct lock lock;  /* its control points are ignored */
    double jitter;     /* how far ends stray */
    double shade_from; /* shade of the first lock and of the last */
    double shade_to;
};

void hair_fan_draw(const struct figure *figure, const struct hair_tones *tones,
                   const struct hair_fan *fan, struct dice *dice);

#endif
