#include <math.h>

#include "actors/studio/cloth.h"
#include "actors/studio/dice.h"

/* Lays cloth: the current clip filled with the colour, light from the lamp's side, shadow from
 * the other. */
void cloth_lay(const struct figure *figure, struct color color)
{
    cairo_t *cairo = figure->cairo;
    double dark = -figure->light;
    cairo_pattern_t *gradient =
        cairo_pattern_create_linear(-dark * 330.0, 260.0, dark * 330.0, 520.0);
    paint_stop(gradient, 0.0, color_tint(color, 0.13), 1.0);
    paint_stop(gradient, 0.45, color, 1.0);
    paint_stop(gradient, 1.0, color_shade(color, 0.55), 1.0);
    cairo_set_source(cairo, gradient);
    cairo_paint(cairo);
    cairo_pattern_destroy(gradient);
    paint_spot(cairo,
               (struct spot){-dark * figure->shoulder * 0.78, 344.0, 130.0, 60.0, -dark * 0.35},
               color_tint(color, 0.55), 0.42);
    paint_spot(cairo, (struct spot){dark * figure->shoulder * 1.0, 480.0, 90.0, 240.0, 0.0},
               color_mix(color_shade(color, 0.8), figure->ambient, 0.2), 0.55);
    paint_spot(cairo, (struct spot){0.0, 250.0, 190.0, 84.0, 0.0}, color_shade(color, 0.85), 0.55);
}

void cloth_folds_draw(const struct figure *figure, struct color color)
{
    cairo_t *cairo = figure->cairo;
    struct dice dice = dice_make(figure->spec->seed, "folds");
    for (int side = -1; side <= 1; side += 2) {
        for (int fold = 0; fold < 5; fold++) {
            double x =
                side * (figure->shoulder * (0.42 + 0.17 * fold) + dice_range(&dice, -8.0, 8.0));
            double top = 340.0 + 26.0 * fold + dice_range(&dice, 0.0, 30.0);
            struct point curve[4] = {{x, top},
                                     {x + side * 8.0, top + 60.0},
                                     {x - side * 18.0, top + 140.0},
                                     {x - side * dice_range(&dice, 4.0, 34.0), 620.0}};
            const double width[3] = {0.5, 11.0, 3.0};
            paint_source(cairo, color_shade(color, 0.75), 0.15);
            paint_taper(cairo, curve, width);
            for (int point = 0; point < 4; point++) {
                curve[point].x += figure->light * 9.0;
            }
            paint_source(cairo, color_tint(color, 0.45), 0.09);
            paint_taper(cairo, curve, width);
        }
        /* Where the arm begins. */
        double arm = side * figure->shoulder * 0.86;
        struct point seam[4] = {{arm, 420.0},
                                {arm + side * 4.0, 470.0},
                                {arm - side * 8.0, 530.0},
                                {arm - side * 14.0, 610.0}};
        const double width[3] = {1.0, 8.0, 10.0};
        paint_source(cairo, color_shade(color, 0.9), 0.42);
        paint_taper(cairo, seam, width);
    }
}

/* Clips to the torso minus a neckline; half is the neckline's half width, depth where it ends. */
static void garment_clip(const struct figure *figure, double half, double depth, bool pointed)
{
    cairo_t *cairo = figure->cairo;
    figure_torso_path(figure);
    cairo_clip(cairo);
    double top = 200.0;
    double rise = pointed ? 0.20 : 0.92;
    cairo_new_path(cairo);
    cairo_rectangle(cairo, -600.0, top, 1200.0, 500.0);
    cairo_move_to(cairo, -half, top);
    cairo_curve_to(cairo, -half, 262.0 + (depth - 262.0) * rise, -half * (pointed ? 0.4 : 0.62),
                   depth - (pointed ? 24.0 : 0.0), 0.0, depth);
    cairo_curve_to(cairo, half * (pointed ? 0.4 : 0.62), depth - (pointed ? 24.0 : 0.0), half,
                   262.0 + (depth - 262.0) * rise, half, top);
    cairo_close_path(cairo);
    cairo_set_fill_rule(cairo, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_clip(cairo);
}

void cloth_garment_draw(const struct figure *figure, struct color color, double half, double depth,
                        bool pointed)
{
    cairo_t *cairo = figure->cairo;
    cairo_save(cairo);
    garment_clip(figure, half, depth, pointed);
    cloth_lay(figure, color);
    cloth_folds_draw(figure, color);
    cairo_restore(cairo);
}

void cloth_neckline_draw(const struct figure *figure, struct color color, double half, double depth,
                         double width)
{
    cairo_t *cairo = figure->cairo;
    cairo_save(cairo);
    figure_torso_path(figure);
    cairo_clip(cairo);
    double low = 262.0 + (depth - 262.0) * 0.92;
    for (int pass = 0; pass < 2; pass++) {
        cairo_new_path(cairo);
        cairo_move_to(cairo, -half, 226.0);
        cairo_curve_to(cairo, -half, low, -half * 0.62, depth, 0.0, depth);
        cairo_curve_to(cairo, half * 0.62, depth, half, low, half, 226.0);
        paint_source(cairo, pass == 0 ? color_shade(color, 0.6) : color, pass == 0 ? 0.8 : 1.0);
        cairo_set_line_width(cairo, pass == 0 ? width + 4.0 : width);
        cairo_stroke(cairo);
    }
    cairo_restore(cairo);
}

/* A pointed collar, one leaf a side. */
void cloth_collar_draw(const struct figure *figure, struct color color, double drop)
{
    cairo_t *cairo = figure->cairo;
    double neck = figure->neck;
    for (int side = -1; side <= 1; side += 2) {
        cairo_new_path(cairo);
        cairo_move_to(cairo, side * (neck + 12.0), 228.0);
        cairo_curve_to(cairo, side * (neck + 22.0), 262.0, side * (neck + 12.0), 300.0,
                       side * (neck * 0.9), 320.0 + drop * 0.5);
        cairo_line_to(cairo, side * (neck * 0.62), 340.0 + drop);
        cairo_line_to(cairo, side * 4.0, 312.0);
        cairo_curve_to(cairo, side * neck * 0.5, 296.0, side * (neck - 4.0), 268.0,
                       side * (neck + 2.0), 230.0);
        cairo_close_path(cairo);
        bool lit = side * figure->light > 0.0;
        cairo_path_t *path = cairo_copy_path(cairo);
        cairo_save(cairo);
        cairo_translate(cairo, 0.0, 6.0);
        cairo_new_path(cairo);
        cairo_append_path(cairo, path);
        paint_source(cairo, color_shade(color, 0.95), 0.40);
        cairo_fill(cairo);
        cairo_restore(cairo);
        cairo_new_path(cairo);
        cairo_append_path(cairo, path);
        cairo_path_destroy(path);
        paint_fill_vertical(cairo, 230.0, 350.0, color_shade(color, lit ? 0.10 : 0.34),
                            lit ? color_tint(color, 0.22) : color_shade(color, 0.08));
    }
}
