#include <math.h>

#include "actors/studio/dice.h"
#include "actors/studio/figure.h"

/* Lays cloth: the current clip filled with the colour, light from the lamp's side, shadow from
 * the other. */
static void lay_cloth(const struct figure *figure, struct color color)
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

static void draw_folds(const struct figure *figure, struct color color)
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
            paint_source(cairo, color_shade(color, 0.75), 0.22);
            paint_taper(cairo, curve, width);
            for (int point = 0; point < 4; point++) {
                curve[point].x += figure->light * 9.0;
            }
            paint_source(cairo, color_tint(color, 0.45), 0.13);
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

static void draw_garment(const struct figure *figure, struct color color, double half, double depth,
                         bool pointed)
{
    cairo_t *cairo = figure->cairo;
    cairo_save(cairo);
    garment_clip(figure, half, depth, pointed);
    lay_cloth(figure, color);
    draw_folds(figure, color);
    cairo_restore(cairo);
}

static void stroke_neckline(const struct figure *figure, struct color color, double half,
                            double depth, double width)
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
static void draw_collar(const struct figure *figure, struct color color, double drop)
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
    draw_garment(figure, color, figure->neck * 0.92, 322.0, true);
    cairo_t *cairo = figure->cairo;
    struct point placket[4] = {{0.0, 318.0}, {2.0, 400.0}, {-1.0, 500.0}, {0.0, 620.0}};
    const double width[3] = {2.0, 4.0, 4.0};
    paint_source(cairo, color_shade(color, 0.8), 0.45);
    paint_taper(cairo, placket, width);
    draw_buttons(figure, color_mix(color, color_from_hex(0xf6ead2), 0.45), 372.0, 62.0);
    draw_collar(figure, color_tint(color, 0.07), 8.0);
}

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
    lay_cloth(figure, color);
    draw_folds(figure, color);
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

static void draw_coat(const struct figure *figure, bool suit)
{
    struct color color = figure->spec->garment_color;
    struct color inner = suit ? color_from_hex(0xf1eee8) : figure->spec->inner_color;
    double close_y = suit ? 520.0 : 540.0;
    draw_garment(figure, inner, figure->neck * (suit ? 0.92 : 1.1), suit ? 322.0 : 316.0, suit);
    if (suit) {
        draw_collar(figure, inner, 2.0);
        draw_tie(figure, figure->spec->inner_color);
    }
    for (int side = -1; side <= 1; side += 2) {
        draw_coat_front(figure, color, side, close_y);
    }
    for (int side = -1; side <= 1; side += 2) {
        draw_lapel(figure, color, side, close_y);
    }
}

static void draw_sweater(const struct figure *figure, struct color color)
{
    cairo_t *cairo = figure->cairo;
    double neck = figure->neck;
    draw_garment(figure, color, neck * 0.9, 280.0, false);
    cairo_new_path(cairo);
    cairo_move_to(cairo, -neck - 9.0, 206.0);
    cairo_curve_to(cairo, -neck * 0.4, 232.0, neck * 0.4, 232.0, neck + 9.0, 206.0);
    cairo_curve_to(cairo, neck + 16.0, 250.0, neck + 20.0, 280.0, neck + 26.0, 292.0);
    cairo_curve_to(cairo, neck * 0.5, 330.0, -neck * 0.5, 330.0, -neck - 26.0, 292.0);
    cairo_curve_to(cairo, -neck - 20.0, 280.0, -neck - 16.0, 250.0, -neck - 9.0, 206.0);
    cairo_close_path(cairo);
    cairo_save(cairo);
    cairo_clip(cairo);
    lay_cloth(figure, color_tint(color, 0.05));
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
    draw_garment(figure, figure->spec->inner_color, neck * 0.98, 300.0, false);
    draw_garment(figure, color, neck * 1.12, 330.0, false);
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
    draw_garment(figure, color, neck * 0.96, 430.0, true);
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
    draw_garment(figure, color_shade(metal, 0.35), neck * 0.9, 292.0, false);
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
    stroke_neckline(figure, figure->spec->inner_color, neck * 1.02, 306.0, 16.0);
    draw_plate(figure, metal, -1.0);
    draw_plate(figure, metal, 1.0);
}

static void draw_dress(const struct figure *figure, struct color color)
{
    double half = figure->shoulder * 0.66;
    draw_garment(figure, color, half, 436.0, false);
    stroke_neckline(figure, color_mix(color, figure->spec->inner_color, 0.55), half, 436.0, 10.0);
}

void figure_draw_clothes(const struct figure *figure)
{
    struct color color = figure->spec->garment_color;
    switch (figure->spec->garment) {
    case GARMENT_SHIRT:
        draw_shirt(figure, color);
        break;
    case GARMENT_TEE:
        draw_garment(figure, color, figure->neck * 1.22, 326.0, false);
        stroke_neckline(figure, color_tint(color, 0.12), figure->neck * 1.22, 326.0, 13.0);
        break;
    case GARMENT_SWEATER:
        draw_sweater(figure, color);
        break;
    case GARMENT_HOODIE:
        draw_hoodie(figure, color);
        break;
    case GARMENT_COAT:
        draw_coat(figure, false);
        break;
    case GARMENT_SUIT:
        draw_coat(figure, true);
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

void figure_draw_scarf(const struct figure *figure)
{
    struct color color = figure->spec->scarf_color;
    double neck = figure->neck;
    double side = -figure->light;
    struct point tail[4] = {
        {side * 54.0, 290.0}, {side * 96.0, 380.0}, {side * 70.0, 460.0}, {side * 104.0, 590.0}};
    const double tail_width[3] = {54.0, 78.0, 88.0};
    scarf_band(figure, color_shade(color, 0.12), tail, tail_width);
    struct point lower[4] = {
        {-neck - 62.0, 226.0}, {-neck * 0.9, 366.0}, {neck * 0.9, 366.0}, {neck + 62.0, 226.0}};
    const double lower_width[3] = {6.0, 84.0, 6.0};
    scarf_band(figure, color_shade(color, 0.08), lower, lower_width);
    struct point upper[4] = {
        {-neck - 40.0, 180.0}, {-neck * 0.8, 312.0}, {neck * 0.9, 308.0}, {neck + 40.0, 180.0}};
    const double upper_width[3] = {6.0, 72.0, 6.0};
    scarf_band(figure, color, upper, upper_width);
}
