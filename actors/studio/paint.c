#include <math.h>

#include "actors/studio/paint.h"

enum {
    TAPER_STEPS = 24,
};

struct point point_make(double x, double y)
{
    return (struct point){x, y};
}

struct point point_mix(struct point from, struct point to, double share)
{
    return (struct point){from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share};
}

struct point curve_at(const struct point control[4], double place)
{
    double rest = 1.0 - place;
    double weight[4] = {rest * rest * rest, 3.0 * rest * rest * place, 3.0 * rest * place * place,
                        place * place * place};
    struct point point = {0.0, 0.0};
    for (int index = 0; index < 4; index++) {
        point.x += weight[index] * control[index].x;
        point.y += weight[index] * control[index].y;
    }
    return point;
}

struct point curve_normal(const struct point control[4], double place)
{
    struct point before = curve_at(control, fmax(0.0, place - 0.01));
    struct point after = curve_at(control, fmin(1.0, place + 0.01));
    double x = after.x - before.x;
    double y = after.y - before.y;
    double length = sqrt(x * x + y * y);
    if (length < 1e-9) {
        return (struct point){1.0, 0.0};
    }
    return (struct point){y / length, -x / length};
}

void paint_source(cairo_t *cairo, struct color color, double alpha)
{
    cairo_set_source_rgba(cairo, color.red, color.green, color.blue, alpha);
}

void paint_stop(cairo_pattern_t *pattern, double place, struct color color, double alpha)
{
    cairo_pattern_add_color_stop_rgba(pattern, place, color.red, color.green, color.blue, alpha);
}

void paint_fill_vertical(cairo_t *cairo, double top, double bottom, struct color top_color,
                         struct color bottom_color)
{
    cairo_pattern_t *gradient = cairo_pattern_create_linear(0.0, top, 0.0, bottom);
    paint_stop(gradient, 0.0, top_color, 1.0);
    paint_stop(gradient, 1.0, bottom_color, 1.0);
    cairo_set_source(cairo, gradient);
    cairo_fill(cairo);
    cairo_pattern_destroy(gradient);
}

void paint_spot(cairo_t *cairo, struct spot spot, struct color color, double alpha)
{
    cairo_pattern_t *gradient = cairo_pattern_create_radial(0.0, 0.0, 0.0, 0.0, 0.0, 1.0);
    /* The stops follow a smooth bell: a straight ramp shows its rim. */
    for (int index = 0; index <= 8; index++) {
        double place = index / 8.0;
        double rest = 1.0 - place * place;
        paint_stop(gradient, place, color, alpha * rest * rest);
    }
    cairo_save(cairo);
    cairo_translate(cairo, spot.x, spot.y);
    cairo_rotate(cairo, spot.angle);
    cairo_scale(cairo, spot.radius_x, spot.radius_y);
    cairo_set_source(cairo, gradient);
    cairo_new_path(cairo);
    cairo_arc(cairo, 0.0, 0.0, 1.0, 0.0, 2.0 * M_PI);
    cairo_fill(cairo);
    cairo_restore(cairo);
    cairo_pattern_destroy(gradient);
}

static double taper_width(const double width[3], double place)
{
    /* The parabola through the three widths. */
    double start = width[0] * (1.0 - place) * (1.0 - 2.0 * place);
    double middle = width[1] * 4.0 * place * (1.0 - place);
    double end = width[2] * place * (2.0 * place - 1.0);
    return fmax(0.0, start + middle + end);
}

void paint_taper(cairo_t *cairo, const struct point control[4], const double width[3])
{
    cairo_new_path(cairo);
    for (int side = 0; side < 2; side++) {
        for (int step = 0; step <= TAPER_STEPS; step++) {
            double place = (double)(side == 0 ? step : TAPER_STEPS - step) / TAPER_STEPS;
            struct point point = curve_at(control, place);
            struct point normal = curve_normal(control, place);
            double reach = taper_width(width, place) * (side == 0 ? 0.5 : -0.5);
            cairo_line_to(cairo, point.x + normal.x * reach, point.y + normal.y * reach);
        }
    }
    cairo_close_path(cairo);
    cairo_fill(cairo);
}

void paint_ellipse(cairo_t *cairo, double x, double y, double radius_x, double radius_y)
{
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_scale(cairo, radius_x, radius_y);
    cairo_new_sub_path(cairo);
    cairo_arc(cairo, 0.0, 0.0, 1.0, 0.0, 2.0 * M_PI);
    cairo_restore(cairo);
}
