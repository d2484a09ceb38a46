#ifndef TROUPE_ACTORS_STUDIO_CLOTH_H
#define TROUPE_ACTORS_STUDIO_CLOTH_H

/* What clothes are made of: cloth with light and folds, necklines, collars, coats. Part of
 * figure.h. */

#include "actors/studio/figure.h"

/* Fills the clip with cloth: light from the lamp's side, shadow from the other. */
void cloth_lay(const struct figure *figure, struct color color);

void cloth_folds_draw(const struct figure *figure, struct color color);

/* Dresses the torso down from a neckline: its half width, the height where it ends, whether it
 * ends in a point. */
void cloth_garment_draw(const struct figure *figure, struct color color, double half, double depth,
                        bool pointed);

/* The hem of such a neckline. */
void cloth_neckline_draw(const struct figure *figure, struct color color, double half, double depth,
                         double width);

/* A pointed collar, one leaf a side, that hangs down by drop. */
void cloth_collar_draw(const struct figure *figure, struct color color, double drop);

/* An open coat or jacket; a suit has a shirt and a tie below. */
void cloth_coat_draw(const struct figure *figure, bool suit);

#endif
