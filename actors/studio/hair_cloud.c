#include <math.h>

#include "actors/studio/hair_styles.h"

static void curl_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice, struct point at, double radius, double shade)
{
    cairo_t *cairo = figure->cairo;
    double lamp = figure->light;
    cairo_pattern_t *gradient = cairo_pattern_create_radial(
        at.x + lamp * radius * 0.4, at.y - radius * 0.45, radius * 0.1, at.x, at.y, radius * 1.05);
    struct color bright =
        color_mix(color_mix(tones->base, tones->sheen, 0.34), tones->shade, shade);
    struct color plain = color_mix(tones->base, tones->shade, shade + 0.12);
    paint_stop(gradient, 0.0, bright, 1.0);
    paint_stop(gradient, 0.60, plain, 1.0);
    paint_stop(gradient, 1.0, color_mix(plain, tones->shade, 0.55), 0.85);
    cairo_set_source(cairo, gradient);
    cairo_new_path(cairo);
    cairo_arc(cairo, at.x, at.y, radius, 0.0, 2.0 * M_PI);
    cairo_fill(cairo);
    cairo_pattern_destroy(gradient);
    for (int ring = 0; ring < 5; ring++) {
        double start = dice_range(dice, 0.0, 2.0 * M_PI);
        double reach = radius * dice_range(dice, 0.30, 0.96);
        bool light = dice_unit(dice) < 0.40 - 0.3 * shade;
        double x = at.x + dice_range(dice, -3.0, 3.0);
        double y = at.y + dice_range(dice, -3.0, 3.0);
        cairo_new_path(cairo);
        cairo_arc(cairo, x, y, reach, start, start + dice_range(dice, 1.2, 3.2));
        paint_source(cairo, light ? tones->sheen : color_shade(tones->shade, 0.3),
                     light ? 0.26 : 0.34);
        cairo_set_line_width(cairo, dice_range(dice, 1.0, 2.6));
        cairo_stroke(cairo);
    }
}

static void back_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice, double reach, double center_y)
{
    cairo_t *cairo = figure->cairo;
    paint_source(cairo, color_shade(tones->shade, 0.25), 1.0);
    cairo_new_path(cairo);
    cairo_arc(cairo, 6.0 * figure->turn, center_y, reach * 0.86, M_PI * 0.92, M_PI * 2.08);
    cairo_close_path(cairo);
    cairo_fill(cairo);
    for (int index = 0; index < 280; index++) {
        /* From the rim inwards. */
        double angle = -M_PI / 2.0 + dice_range(dice, -0.5, 0.5) * M_PI * 1.56;
        double radius = reach * (1.0 - 0.5 * index / 280.0) * dice_range(dice, 0.95, 1.03);
        struct point at = {cos(angle) * radius + 6.0 * figure->turn,
                           sin(angle) * radius + center_y};
        double side = cos(angle) * figure->light;
        curl_draw(figure, tones, dice, at, dice_range(dice, 14.0, 30.0),
                  0.44 - 0.18 * side + 0.10 * sin(angle));
    }
}

/* A crown of curls above the hairline, thick enough to meet the mass behind. */
static void front_draw(const struct figure *figure, const struct hair_tones *tones,
                       struct dice *dice, double reach, double center_y)
{
    double shift = 8.0 * figure->turn;
    hair_scalp_draw(figure, tones, FIGURE_HAIRLINE_Y + 2.0);
    for (int index = 0; index < 250; index++) {
        double share = index / 250.0;
        double u = dice_range(dice, -1.0, 1.0);
        double line = FIGURE_HAIRLINE_Y - 4.0 + 40.0 * u * u + 96.0 * u * u * u * u;
        double top = center_y - reach * 0.96 * sqrt(fmax(0.0, 1.0 - 0.62 * u * u));
        double y = top + (line - top) * (0.10 + 0.90 * share);
        struct point at = {u * (158.0 + 20.0 * (1.0 - share)) + shift, y};
        double light = 0.20 + 0.16 * fabs(u) - 0.14 * u * figure->light;
        curl_draw(figure, tones, dice, at, dice_range(dice, 11.0, 24.0), light);
    }
}

void hair_cloud_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice,
                     bool back)
{
    static const double REACH[] = {200.0, 200.0, 206.0, 236.0, 268.0};
    double reach = REACH[figure->spec->hair_length];
    double center_y = -30.0 - 0.35 * (reach - 200.0);
    if (back) {
        back_draw(figure, tones, dice, reach, center_y);
    } else {
        front_draw(figure, tones, dice, reach, center_y);
    }
}
