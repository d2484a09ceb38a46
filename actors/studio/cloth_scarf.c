#include "actors/studio/figure.h"

static void scarf_band(const struct figure *figure, struct color color, const struct point curve[4],
                       const double width[3])
{
    cairo_t *cairo = figure->cairo;
    cairo_save(cairo);
    cairo_translate(cairo, 0.0, 9.0);
    paint_source(cairo, color_shade(color, 1.0), 0.42);
    paint_taper(cairo, curve, width);
    cairo_restore(cairo);
    paint_source(cairo, color, 1.0);
    paint_taper(cairo, curve, width);
    for (int line = -3; line <= 3; line++) {
        struct point fold[4];
        for (int index = 0; index < 4; index++) {
            double share = index / 3.0;
            struct point normal = curve_normal(curve, share);
            double reach = (width[0] + (width[2] - width[0]) * share +
                            (width[1] - width[0]) * 4.0 * share * (1.0 - share) * 0.5) *
                           line * 0.125;
            fold[index] =
                point_make(curve[index].x + normal.x * reach, curve[index].y + normal.y * reach);
        }
        const double fold_width[3] = {1.0, 6.0, 1.0};
        bool lit = line == -2 || line == 1;
        paint_source(cairo, lit ? color_tint(color, 0.5) : color_shade(color, 0.8),
                     lit ? 0.28 : 0.30);
        paint_taper(cairo, fold, fold_width);
    }
}

/* A roll of cloth around the neck: its ends turn behind it. */
static void scarf_roll(const struct figure *figure, struct color color, double reach, double y,
                       double sag, double thick)
{
    cairo_t *cairo = figure->cairo;
    for (int side = -1; side <= 1; side += 2) {
        paint_ellipse(cairo, side * reach, y, thick * 0.34, thick * 0.46);
        paint_fill_vertical(cairo, y - thick * 0.5, y + thick * 0.5, color_shade(color, 0.30),
                            color_shade(color, 0.62));
    }
    struct point curve[4] = {
        {-reach, y}, {-reach * 0.52, y + sag}, {reach * 0.52, y + sag}, {reach, y}};
    const double width[3] = {thick * 0.80, thick * 1.12, thick * 0.80};
    scarf_band(figure, color, curve, width);
}

void figure_draw_scarf(const struct figure *figure)
{
    struct color color = figure->spec->scarf_color;
    double neck = figure->neck;
    double side = -figure->light;
    struct point tail[4] = {
        {side * 50.0, 300.0}, {side * 92.0, 390.0}, {side * 70.0, 470.0}, {side * 104.0, 640.0}};
    const double tail_width[3] = {54.0, 78.0, 90.0};
    scarf_band(figure, color_shade(color, 0.12), tail, tail_width);
    scarf_roll(figure, color_shade(color, 0.10), neck + 34.0, 262.0, 74.0, 66.0);
    scarf_roll(figure, color, neck + 18.0, 226.0, 62.0, 60.0);
}
