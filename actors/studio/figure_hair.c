#include <math.h>

#include "actors/studio/hair_lock.h"
#include "actors/studio/hair_styles.h"

static void draw_cap_stubble(const struct figure *figure, struct dice *dice)
{
    cairo_t *cairo = figure->cairo;
    struct color hair = figure->spec->hair;
    figure_face_path(figure);
    cairo_save(cairo);
    cairo_clip(cairo);
    /* The hairline: everything above an arch from temple to temple. */
    cairo_pattern_t *gradient = cairo_pattern_create_radial(figure_x(figure, 0.0), 30.0, 128.0,
                                                            figure_x(figure, 0.0), 22.0, 208.0);
    paint_stop(gradient, 0.0, hair, 0.0);
    paint_stop(gradient, 0.38, hair, 0.0);
    paint_stop(gradient, 0.60, color_shade(hair, 0.2), 0.62);
    paint_stop(gradient, 1.0, color_shade(hair, 0.1), 0.84);
    cairo_set_source(cairo, gradient);
    cairo_rectangle(cairo, -260.0, -260.0, 520.0, 262.0);
    cairo_fill(cairo);
    cairo_pattern_destroy(gradient);
    for (int index = 0; index < 900; index++) {
        double angle = dice_range(dice, M_PI, 2.0 * M_PI);
        double radius = dice_range(dice, 172.0, 262.0);
        double x = cos(angle) * radius * 0.76;
        double y = sin(angle) * radius * 0.98 + 20.0;
        cairo_move_to(cairo, x, y);
        cairo_line_to(cairo, x + cos(angle) * 5.0, y + sin(angle) * 5.0);
        paint_source(cairo, color_shade(hair, 0.55), dice_range(dice, 0.1, 0.4));
        cairo_set_line_width(cairo, 1.2);
        cairo_stroke(cairo);
    }
    paint_spot(cairo, (struct spot){figure->light * 60.0, -180.0, 110.0, 60.0, 0.0},
               figure->skin_light, 0.25);
    cairo_restore(cairo);
}

static void draw_bald_shine(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    figure_face_path(figure);
    cairo_save(cairo);
    cairo_clip(cairo);
    paint_spot(cairo, (struct spot){figure->light * 56.0, -176.0, 92.0, 48.0, figure->light * 0.35},
               color_tint(figure->skin_light, 0.5), 0.70);
    cairo_restore(cairo);
}

void figure_draw_back_hair(const struct figure *figure)
{
    const struct portrait_spec *spec = figure->spec;
    struct hair_tones tones = hair_tones_make(spec);
    struct dice dice = dice_make(spec->seed, "back hair");
    if (spec->hair_length == HAIR_LENGTH_BALD || spec->hair_length == HAIR_LENGTH_SHAVED) {
        return;
    }
    figure_enter_head(figure);
    if (!hair_is_loose(spec)) {
        hair_tied_back_draw(figure, &tones, &dice);
    } else if (spec->hair_texture == HAIR_TEXTURE_COILY) {
        hair_cloud_draw(figure, &tones, &dice, true);
    } else if (spec->hair_length != HAIR_LENGTH_SHORT) {
        hair_loose_back_draw(figure, &tones, &dice);
    }
    cairo_restore(figure->cairo);
}

void figure_draw_front_hair(const struct figure *figure)
{
    const struct portrait_spec *spec = figure->spec;
    struct hair_tones tones = hair_tones_make(spec);
    struct dice dice = dice_make(spec->seed, "front hair");
    figure_enter_head(figure);
    if (spec->hair_length == HAIR_LENGTH_BALD) {
        draw_bald_shine(figure);
    } else if (spec->hair_length == HAIR_LENGTH_SHAVED) {
        draw_cap_stubble(figure, &dice);
    } else if (spec->hair_arrangement == HAIR_MOHAWK) {
        draw_cap_stubble(figure, &dice);
        hair_mohawk_draw(figure, &tones, &dice);
    } else if (spec->hair_arrangement == HAIR_SPIKY) {
        hair_spiky_draw(figure, &tones, &dice);
    } else if (spec->hair_arrangement == HAIR_SLICKED) {
        hair_short_draw(figure, &tones, &dice);
    } else if (!hair_is_loose(spec)) {
        hair_pulled_draw(figure, &tones, &dice);
    } else if (spec->hair_texture == HAIR_TEXTURE_COILY) {
        hair_cloud_draw(figure, &tones, &dice, false);
    } else if (spec->hair_length == HAIR_LENGTH_SHORT) {
        hair_short_draw(figure, &tones, &dice);
    } else {
        hair_curtains_draw(figure, &tones, &dice);
    }
    cairo_restore(figure->cairo);
}
