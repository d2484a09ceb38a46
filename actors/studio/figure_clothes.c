#include <math.h>

#include "actors/studio/cloth.h"

static void draw_buttons(const struct figure *figure, struct color color, double first, double step)
{
    cairo_t *cairo = figure->cairo;
    for (double y = first; y < 580.0; y += step) {
        paint_source(cairo, color_shade(color, 0.9), 0.5);
        paint_ellipse(cairo, 2.0, y + 2.5, 7.5, 7.5);
        cairo_fill(cairo);
        paint_ellipse(cairo, 0.0, y, 7.0, 7.0);
        paint_fill_vertical(cairo, y - 7.0, y + 7.0, color_tint(color, 0.5),
                            color_shade(color, 0.3));
    }
}

static void draw_shirt(const struct figure *figure, struct color color)
{
    cloth_garment_draw(figure, color, figure->neck * 0.92, 322.0, true);
    cairo_t *cairo = figure->cairo;
    struct point placket[4] = {{0.0, 318.0}, {2.0, 400.0}, {-1.0, 500.0}, {0.0, 620.0}};
    const double width[3] = {2.0, 4.0, 4.0};
    paint_source(cairo, color_shade(color, 0.8), 0.45);
    paint_taper(cairo, placket, width);
    draw_buttons(figure, color_mix(color, color_from_hex(0xf6ead2), 0.45), 372.0, 62.0);
    cloth_collar_draw(figure, color_tint(color, 0.07), 8.0);
}

static void draw_sweater(const struct figure *figure, struct color color)
{
    cairo_t *cairo = figure->cairo;
    double neck = figure->neck;
    cloth_garment_draw(figure, color, neck * 0.9, 280.0, false);
    cairo_new_path(cairo);
    cairo_move_to(cairo, -neck - 9.0, 206.0);
    cairo_curve_to(cairo, -neck * 0.4, 232.0, neck * 0.4, 232.0, neck + 9.0, 206.0);
    cairo_curve_to(cairo, neck + 16.0, 250.0, neck + 20.0, 280.0, neck + 26.0, 292.0);
    cairo_curve_to(cairo, neck * 0.5, 330.0, -neck * 0.5, 330.0, -neck - 26.0, 292.0);
    cairo_curve_to(cairo, -neck - 20.0, 280.0, -neck - 16.0, 250.0, -neck - 9.0, 206.0);
    cairo_close_path(cairo);
    cairo_save(cairo);
    cairo_clip(cairo);
    cloth_lay(figure, color_tint(color, 0.05));
    paint_source(cairo, color_tint(color, 0.16), 0.8);
    cairo_paint_with_alpha(cairo, 0.5);
    for (int rib = -9; rib <= 9; rib++) {
        double x = rib * (neck + 14.0) / 9.0;
        cairo_move_to(cairo, x * 0.9, 204.0);
        cairo_line_to(cairo, x * 1.12, 336.0);
        paint_source(cairo, color_shade(color, 0.8), 0.30);
        cairo_set_line_width(cairo, 3.0);
        cairo_stroke(cairo);
    }
    paint_spot(cairo, (struct spot){-figure->light * neck, 260.0, neck, 90.0, 0.0},
               color_shade(color, 0.9), 0.6);
    cairo_restore(cairo);
}

static void draw_hoodie(const struct figure *figure, struct color color)
{
    cairo_t *cairo = figure->cairo;
    double neck = figure->neck;
    cloth_garment_draw(figure, figure->spec->inner_color, neck * 0.98, 300.0, false);
    cloth_garment_draw(figure, color, neck * 1.12, 330.0, false);
    for (int side = -1; side <= 1; side += 2) {
        /* The hood's rim, lying on the shoulder. */
        struct point rim[4] = {{side * (neck + 26.0), 214.0},
                               {side * (neck + 78.0), 286.0},
                               {side * (neck + 20.0), 330.0},
                               {side * 8.0, 352.0}};
        const double width[3] = {26.0, 74.0, 10.0};
        paint_source(cairo, color_shade(color, 0.55), 0.6);
        cairo_save(cairo);
        cairo_translate(cairo, 0.0, 8.0);
        paint_taper(cairo, rim, width);
        cairo_restore(cairo);
        paint_source(
            cairo, side * figure->light > 0.0 ? color_tint(color, 0.16) : color_shade(color, 0.14),
            1.0);
        paint_taper(cairo, rim, width);
        struct point crease[4] = {{side * (neck + 30.0), 232.0},
                                  {side * (neck + 62.0), 286.0},
                                  {side * (neck + 14.0), 324.0},
                                  {side * 20.0, 344.0}};
        const double crease_width[3] = {1.0, 6.0, 1.0};
        paint_source(cairo, color_shade(color, 0.8), 0.40);
        paint_taper(cairo, crease, crease_width);
        struct point cord[4] = {
            {side * 26.0, 346.0}, {side * 30.0, 380.0}, {side * 22.0, 420.0}, {side * 28.0, 470.0}};
        const double cord_width[3] = {6.0, 6.0, 6.0};
        paint_source(cairo, color_mix(figure->spec->inner_color, color_from_hex(0xf4efe6), 0.5),
                     1.0);
        paint_taper(cairo, cord, cord_width);
    }
}

static void draw_robe(const struct figure *figure, struct color color)
{
    cairo_t *cairo = figure->cairo;
    double neck = figure->neck;
    struct color trim = figure->spec->inner_color;
    cloth_garment_draw(figure, color, neck * 0.96, 430.0, true);
    double over = figure->light;
    for (int pass = 0; pass < 2; pass++) {
        double side = pass == 0 ? over : -over; /* the second crosses over the first */
        struct point band[4] = {{side * (neck + 12.0), 222.0},
                                {side * (neck + 10.0), 320.0},
                                {side * 10.0, 420.0},
                                {side * -90.0, 560.0}};
        const double shadow[3] = {48.0, 52.0, 56.0};
        const double width[3] = {40.0, 42.0, 46.0};
        const double line[3] = {4.0, 4.0, 4.0};
        cairo_save(cairo);
        figure_torso_path(figure);
        cairo_clip(cairo);
        paint_source(cairo, color_shade(color, 0.95), 0.45);
        paint_taper(cairo, band, shadow);
        paint_source(cairo,
                     side * figure->light > 0.0 ? color_tint(trim, 0.1) : color_shade(trim, 0.12),
                     1.0);
        paint_taper(cairo, band, width);
        paint_source(cairo, color_shade(trim, 0.5), 0.5);
        paint_taper(cairo, band, line);
        cairo_restore(cairo);
    }
}

static void draw_plate(const struct figure *figure, struct color metal, double side)
{
    cairo_t *cairo = figure->cairo;
    double x = side * figure->shoulder * 0.94;
    for (int layer = 2; layer >= 0; layer--) {
        double y = 352.0 + 58.0 * layer;
        cairo_save(cairo);
        cairo_translate(cairo, x + side * 12.0 * layer, y);
        cairo_rotate(cairo, side * 0.30);
        cairo_scale(cairo, 106.0 - 4.0 * layer, 66.0);
        cairo_new_path(cairo);
        cairo_arc(cairo, 0.0, 0.3, 1.0, M_PI * 0.98, M_PI * 2.02);
        cairo_curve_to(cairo, 0.7, 0.62, -0.7, 0.62, -1.0, 0.36);
        cairo_close_path(cairo);
        cairo_pattern_t *gradient =
            cairo_pattern_create_radial(figure->light * 0.4, -0.45, 0.05, 0.0, 0.1, 1.25);
        paint_stop(gradient, 0.0, color_tint(metal, 0.75), 1.0);
        paint_stop(gradient, 0.45, metal, 1.0);
        paint_stop(gradient, 1.0, color_shade(metal, 0.85), 1.0);
        cairo_set_source(cairo, gradient);
        cairo_fill_preserve(cairo);
        cairo_pattern_destroy(gradient);
        cairo_restore(cairo);
        paint_source(cairo, figure->spec->inner_color, 0.95);
        cairo_set_line_width(cairo, 5.0);
        cairo_stroke(cairo);
    }
}

static void draw_armor(const struct figure *figure, struct color metal)
{
    cairo_t *cairo = figure->cairo;
    double neck = figure->neck;
    cloth_garment_draw(figure, color_shade(metal, 0.35), neck * 0.9, 292.0, false);
    cairo_save(cairo);
    figure_torso_path(figure);
    cairo_clip(cairo);
    paint_spot(cairo, (struct spot){figure->light * 90.0, 440.0, 110.0, 130.0, 0.0},
               color_tint(metal, 0.8), 0.75);
    paint_spot(cairo, (struct spot){-figure->light * 100.0, 440.0, 60.0, 120.0, 0.0},
               color_tint(metal, 0.4), 0.35);
    struct point ridge[4] = {{0.0, 330.0}, {4.0, 420.0}, {-4.0, 520.0}, {0.0, 620.0}};
    const double width[3] = {2.0, 7.0, 8.0};
    paint_source(cairo, color_shade(metal, 0.9), 0.6);
    paint_taper(cairo, ridge, width);
    cairo_restore(cairo);
    cloth_neckline_draw(figure, figure->spec->inner_color, neck * 1.02, 306.0, 16.0);
    draw_plate(figure, metal, -1.0);
    draw_plate(figure, metal, 1.0);
}

static void draw_dress(const struct figure *figure, struct color color)
{
    double half = figure->shoulder * 0.66;
    cloth_garment_draw(figure, color, half, 436.0, false);
    cloth_neckline_draw(figure, color_mix(color, figure->spec->inner_color, 0.55), half, 436.0,
                        10.0);
}

void figure_draw_clothes(const struct figure *figure)
{
    struct color color = figure->spec->garment_color;
    switch (figure->spec->garment) {
    case GARMENT_SHIRT:
        draw_shirt(figure, color);
        break;
    case GARMENT_TEE:
        cloth_garment_draw(figure, color, figure->neck * 1.22, 326.0, false);
        cloth_neckline_draw(figure, color_tint(color, 0.12), figure->neck * 1.22, 326.0, 13.0);
        break;
    case GARMENT_SWEATER:
        draw_sweater(figure, color);
        break;
    case GARMENT_HOODIE:
        draw_hoodie(figure, color);
        break;
    case GARMENT_COAT:
        cloth_coat_draw(figure, false);
        break;
    case GARMENT_SUIT:
        cloth_coat_draw(figure, true);
        break;
    case GARMENT_DRESS:
        draw_dress(figure, color);
        break;
    case GARMENT_ROBE:
        draw_robe(figure, color);
        break;
    case GARMENT_ARMOR:
        draw_armor(figure, color);
        break;
    }
}
