#ifndef TROUPE_ACTORS_STUDIO_PAINT_H
#define TROUPE_ACTORS_STUDIO_PAINT_H

/* Brushes on top of cairo: soft spots, tapered strokes, curves as points. Draws only; owns
 * nothing. */

#include <cairo.h>
#include <stddef.h>

#include "actors/studio/color.h"

struct point {
    double x;
    double y;
};

struct point point_make(double x, double y);
struct point point_mix(struct point from, struct point to, double share);

/* The cubic Bézier curve with these four controls, at place 0..1. */
struct point curve_at(const struct point control[4], double place);

/* The unit normal of that curve, to the left of its direction. */
struct point curve_normal(const struct point control[4], double place);

void paint_source(cairo_t *cairo, struct color color, double alpha);

/* Adds a stop with a colour to a gradient. */
void paint_stop(cairo_pattern_t *pattern, double place, struct color color, double alpha);

/* Fills the current path from top_color at y top to bottom_color at y bottom. */
void paint_fill_vertical(cairo_t *cairo, double top, double bottom, struct color top_color,
                         struct color bottom_color);

/* An elliptical spot that fades to nothing at its rim: the way all soft light and shadow is laid
 * on. */
struct spot {
    double x;
    double y;
    double radius_x;
    double radius_y;
    double angle; /* radians */
};

void paint_spot(cairo_t *cairo, struct spot spot, struct color color, double alpha);

/* A filled stroke along a cubic curve, width[0] at its start, width[1] half way, width[2] at its
 * end. */
void paint_taper(cairo_t *cairo, const struct point control[4], const double width[3]);

void paint_ellipse(cairo_t *cairo, double x, double y, double radius_x, double radius_y);

#endif
