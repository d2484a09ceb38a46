#ifndef TROUPE_ACTORS_STUDIO_COLOR_H
#define TROUPE_ACTORS_STUDIO_COLOR_H

/* Colours as values: sRGB components 0..1, mixed the way a painter would rather than the way
 * light does. Pure. */

struct color {
    double red;
    double green;
    double blue;
};

/* 0xRRGGBB. */
struct color color_from_hex(unsigned hex);

/* from at share 0, to at share 1. */
struct color color_mix(struct color from, struct color to, double share);

/* Darker, cooler and a little more saturated (amount 0..1): what lies in shadow. */
struct color color_shade(struct color color, double amount);

/* Lighter and warmer (amount 0..1): what faces the light. */
struct color color_tint(struct color color, double amount);

/* Away from (amount > 0) or towards (amount < 0) the grey of the same lightness. */
struct color color_saturate(struct color color, double amount);

/* Perceived lightness, 0..1 (Rec. 709 weights on sRGB values). */
double color_luma(struct color color);

/* hue in turns (any real), saturation and lightness 0..1. */
struct color color_from_hsl(double hue, double saturation, double lightness);

#endif
