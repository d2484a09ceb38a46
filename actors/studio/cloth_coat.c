#include "actors/studio/cloth.h"

/* The two fronts of an open coat or jacket with its lapels. */
static void draw_coat_front(const struct figure *figure, struct color color, double side,
                            double close_y)
{
    cairo_t *cairo = figure->cairo;
    double neck = figure->neck;
    cairo_save(cairo);
    figure_torso_path(figure);
    cairo_clip(cairo);
    cairo_new_path(cairo);
    cairo_move_to(cairo, side * (neck + 2.0), 222.0);
    cairo_curve_to(cairo, side * (neck + 6.0), 320.0, side * 52.0, close_y - 120.0, side * -6.0,
                   close_y);
    cairo_line_to(cairo, side * -6.0, 640.0);
    cairo_line_to(cairo, side * 520.0, 640.0);
    cairo_line_to(cairo, side * 520.0, 200.0);
    cairo_close_path(cairo);
    cairo_clip(cairo);
    cloth_lay(figure, color);
    cloth_folds_draw(figure, color);
    cairo_restore(cairo);
}

static void draw_lapel(const struct figure *figure, struct color color, double side, double close_y)
{
    cairo_t *cairo = figure->cairo;
    double neck = figure->neck;
    bool lit = side * figure->light > 0.0;
    for (int pass = 0; pass < 2; pass++) {
        double shift = pass == 0 ? 7.0 : 0.0;
        cairo_new_path(cairo);
        cairo_move_to(cairo, side * (neck - 2.0), 230.0 + shift);
        cairo_curve_to(cairo, side * (neck + 4.0), 312.0 + shift, side * 52.0,
                       close_y - 116.0 + shift, side * -4.0, close_y + shift);
        cairo_curve_to(cairo, side * 40.0, close_y - 46.0 + shift, side * (neck + 46.0),
                       430.0 + shift, side * (neck + 62.0), 376.0 + shift);
        cairo_line_to(cairo, side * (neck + 34.0), 350.0 + shift);
        cairo_line_to(cairo, side * (neck + 66.0), 336.0 + shift);
        cairo_curve_to(cairo, side * (neck + 52.0), 296.0 + shift, side * (neck + 38.0),
                       262.0 + shift, side * (neck + 16.0), 222.0 + shift);
        cairo_close_path(cairo);
        if (pass == 0) {
            paint_source(cairo, color_shade(color, 1.0), 0.50);
            cairo_fill(cairo);
        } else {
            paint_fill_vertical(cairo, 230.0, close_y, color_tint(color, lit ? 0.20 : 0.03),
                                color_shade(color, lit ? 0.05 : 0.22));
        }
    }
}

static void draw_tie(const struct figure *figure, struct color color)
{
    cairo_t *cairo = figure->cairo;
    cairo_new_path(cairo);
    cairo_move_to(cairo, -17.0, 308.0);
    cairo_line_to(cairo, 17.0, 308.0);
    cairo_line_to(cairo, 11.0, 340.0);
    cairo_line_to(cairo, 26.0, 600.0);
    cairo_line_to(cairo, -26.0, 600.0);
    cairo_line_to(cairo, -11.0, 340.0);
    cairo_close_path(cairo);
    paint_fill_vertical(cairo, 300.0, 560.0, color_tint(color, 0.12), color_shade(color, 0.35));
    paint_source(cairo, color_shade(color, 0.9), 0.5);
    cairo_set_line_width(cairo, 2.5);
    cairo_move_to(cairo, -11.0, 340.0);
    cairo_line_to(cairo, 11.0, 340.0);
    cairo_stroke(cairo);
}

void cloth_coat_draw(const struct figure *figure, bool suit)
{
    struct color color = figure->spec->garment_color;
    struct color inner = suit ? color_from_hex(0xf1eee8) : figure->spec->inner_color;
    double close_y = suit ? 520.0 : 540.0;
    cloth_garment_draw(figure, inner, figure->neck * (suit ? 0.92 : 1.1), suit ? 322.0 : 316.0,
                       suit);
    if (suit) {
        cloth_collar_draw(figure, inner, 2.0);
        draw_tie(figure, figure->spec->inner_color);
    }
    for (int side = -1; side <= 1; side += 2) {
        draw_coat_front(figure, color, side, close_y);
    }
    for (int side = -1; side <= 1; side += 2) {
        draw_lapel(figure, color, side, close_y);
    }
}
