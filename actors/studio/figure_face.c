#include <math.h>

#include "actors/studio/dice.h"
#include "actors/studio/figure.h"

void figure_draw_ear(const struct figure *figure, double side)
{
    cairo_t *cairo = figure->cairo;
    double far = fmax(0.0, side * figure->turn);
    if (far > 0.6 || figure->spec->ears == EARS_CAT) {
        return;
    }
    cairo_save(cairo);
    cairo_translate(cairo, side * (figure->cheek + 4.0 - 26.0 * far) + 6.0 * figure->turn, 22.0);
    cairo_scale(cairo, side * (1.0 - 0.5 * far), 1.0);
    bool pointed = figure->spec->ears == EARS_POINTED;
    cairo_new_path(cairo);
    cairo_move_to(cairo, -8.0, -34.0);
    if (pointed) {
        cairo_curve_to(cairo, 20.0, -52.0, 58.0, -86.0, 92.0, -104.0);
        cairo_curve_to(cairo, 80.0, -50.0, 52.0, 8.0, 12.0, 44.0);
    } else {
        cairo_curve_to(cairo, 10.0, -58.0, 40.0, -48.0, 34.0, -10.0);
        cairo_curve_to(cairo, 32.0, 12.0, 22.0, 20.0, 18.0, 38.0);
        cairo_curve_to(cairo, 14.0, 52.0, 0.0, 54.0, -8.0, 42.0);
    }
    cairo_close_path(cairo);
    paint_fill_vertical(cairo, -60.0, 60.0, figure->skin, figure->skin_shade);
    paint_source(cairo, figure->skin_deep, 0.30);
    struct point curve[4] = {{0.0, -28.0}, {24.0, -44.0}, {30.0, -14.0}, {10.0, 26.0}};
    if (pointed) {
        curve[1] = point_make(24.0, -40.0);
        curve[2] = point_make(58.0, -70.0);
        curve[3] = point_make(18.0, 20.0);
    }
    const double width[3] = {2.0, 7.0, 2.0};
    paint_taper(cairo, curve, width);
    paint_spot(cairo, (struct spot){6.0, 0.0, 16.0, 26.0, 0.2}, figure->skin_deep, 0.35);
    cairo_restore(cairo);
}

static void draw_earrings(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    struct color gold = color_from_hex(0xe0b85c);
    for (int side = -1; side <= 1; side += 2) {
        if (side * figure->turn > 0.6) {
            continue;
        }
        double x = side * (figure->cheek + 8.0) + 8.0 * figure->turn;
        paint_ellipse(cairo, x, 78.0, 6.0, 6.0);
        cairo_new_sub_path(cairo);
        cairo_move_to(cairo, x, 84.0);
        cairo_curve_to(cairo, x + 13.0, 106.0, x + 9.0, 122.0, x, 124.0);
        cairo_curve_to(cairo, x - 9.0, 122.0, x - 13.0, 106.0, x, 84.0);
        paint_fill_vertical(cairo, 72.0, 126.0, color_tint(gold, 0.6), color_shade(gold, 0.4));
        paint_source(cairo, color_from_hex(0xffffff), 0.8);
        paint_ellipse(cairo, x + figure->light * 3.0, 106.0, 2.0, 4.0);
        cairo_fill(cairo);
    }
}

static void shade_face(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    double dark = -figure->light; /* the side in shadow */
    double center = figure_x(figure, 0.0);
    struct color deep = color_shade(figure->skin, 0.55);
    struct color cold = color_mix(deep, figure->ambient, 0.30);
    paint_spot(cairo, (struct spot){dark * 186.0, 40.0, 160.0, 300.0, 0.0}, cold, 0.80);
    paint_spot(cairo, (struct spot){dark * 120.0, 170.0, 120.0, 110.0, 0.0}, cold, 0.35);
    paint_spot(cairo, (struct spot){center, figure->chin_y + 26.0, 150.0, 66.0, 0.0}, deep, 0.42);
    paint_spot(cairo, (struct spot){-dark * 172.0, 110.0, 66.0, 170.0, 0.0}, deep, 0.34);
    /* Below the cheekbones. */
    for (int side = -1; side <= 1; side += 2) {
        double x = figure_x(figure, side * 0.80);
        paint_spot(cairo, (struct spot){x, 104.0, 60.0, 26.0, side * -0.55}, deep,
                   0.12 + 0.14 * figure->age);
    }
    for (int side = -1; side <= 1; side += 2) {
        double x = figure_x(figure, side * figure->eye_u);
        double narrow = figure_narrow(figure, side * figure->eye_u);
        paint_spot(cairo, (struct spot){x - side * 10.0, -16.0, 62.0 * narrow, 44.0, 0.0}, deep,
                   0.26);
    }
    /* Light: forehead, the cheek that faces it, chin. */
    paint_spot(cairo, (struct spot){center - dark * 48.0, -112.0, 104.0, 66.0, 0.0},
               figure->skin_light, 0.55);
    paint_spot(cairo, (struct spot){center - dark * 76.0, 50.0, 56.0, 40.0, dark * 0.3},
               figure->skin_light, 0.60);
    paint_spot(cairo, (struct spot){center - dark * 10.0, figure->chin_y - 22.0, 32.0, 20.0, 0.0},
               figure->skin_light, 0.55);
    /* The scene's light, thrown back onto the edge of the shadow side. */
    paint_spot(cairo, (struct spot){dark * 168.0, 70.0, 30.0, 150.0, 0.0}, figure->ambient, 0.30);
}

static void blush_face(const struct figure *figure)
{
    double amount = figure->spec->gender == GENDER_MASCULINE ? 0.14 : 0.26;
    if (figure->spec->mood == MOOD_SHY || figure->spec->mood == MOOD_JOYFUL) {
        amount += 0.22;
    }
    double luma = color_luma(figure->skin);
    struct color rose = color_mix(figure->skin, color_from_hex(0xd8404a), 0.20 + 0.42 * luma);
    for (int side = -1; side <= 1; side += 2) {
        double u = side * 0.60;
        paint_spot(figure->cairo,
                   (struct spot){figure_x(figure, u), 66.0, 52.0 * figure_narrow(figure, u), 36.0,
                                 -side * 0.2},
                   rose, amount);
    }
    paint_spot(figure->cairo,
               (struct spot){figure_x(figure, 0.0), figure->nose_y - 8.0, 26.0, 18.0, 0.0}, rose,
               amount * 0.8);
}

static void hair_shadow(const struct figure *figure, cairo_pattern_t *hair_mask)
{
    cairo_t *cairo = figure->cairo;
    struct color shadow = color_shade(figure->skin, 0.62);
    /* Many faint copies, each a little farther, make a soft edge. */
    for (int step = 0; step < 7; step++) {
        cairo_save(cairo);
        cairo_identity_matrix(cairo);
        cairo_translate(cairo, -figure->light * (2.0 + 2.0 * step), 4.0 + 3.6 * step);
        paint_source(cairo, shadow, 0.105);
        cairo_mask(cairo, hair_mask);
        cairo_restore(cairo);
    }
}

void figure_draw_face(const struct figure *figure, cairo_pattern_t *hair_mask)
{
    cairo_t *cairo = figure->cairo;
    figure_enter_head(figure);
    figure_draw_ear(figure, -1.0);
    figure_draw_ear(figure, 1.0);
    if (figure->spec->earrings) {
        draw_earrings(figure); /* before the hair, which may hide them */
    }
    figure_face_path(figure);
    cairo_save(cairo);
    cairo_clip(cairo);
    paint_source(cairo, figure->skin, 1.0);
    cairo_paint(cairo);
    shade_face(figure);
    blush_face(figure);
    if (hair_mask != NULL) {
        hair_shadow(figure, hair_mask);
    }
    cairo_restore(cairo);
    figure_draw_features(figure);
    cairo_restore(cairo);
}

static void draw_freckles(const struct figure *figure)
{
    struct dice dice = dice_make(figure->spec->seed, "freckles");
    for (int index = 0; index < 46; index++) {
        double u = dice_range(&dice, -0.74, 0.74);
        double y = 46.0 + dice_range(&dice, -18.0, 30.0) - 10.0 * fabs(u);
        double radius = dice_range(&dice, 1.2, 2.8);
        paint_source(figure->cairo, color_mix(figure->skin_deep, color_from_hex(0x9a4f24), 0.4),
                     dice_range(&dice, 0.25, 0.55));
        paint_ellipse(figure->cairo, figure_x(figure, u), y, radius * figure_narrow(figure, u),
                      radius);
        cairo_fill(figure->cairo);
    }
}

static void draw_scar(const struct figure *figure)
{
    double x = figure_x(figure, 0.5 * figure->light);
    struct point curve[4] = {
        {x + 14.0, -74.0}, {x + 2.0, -40.0}, {x + 6.0, 40.0}, {x - 12.0, 84.0}};
    const double width[3] = {1.0, 6.0, 1.0};
    paint_source(figure->cairo, color_mix(figure->skin_light, color_from_hex(0xc96a68), 0.5), 0.75);
    paint_taper(figure->cairo, curve, width);
}

static void draw_age_lines(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    double alpha = fmin(0.6, fmax(0.0, (figure->age - 0.30) * 1.1));
    const double width[3] = {0.5, 3.4, 0.5};
    paint_source(cairo, figure->skin_deep, alpha);
    for (int side = -1; side <= 1; side += 2) {
        double nose = figure_x(figure, side * 0.26);
        double mouth = figure_x(figure, side * 0.44);
        struct point fold[4] = {{nose, figure->nose_y - 10.0},
                                {mouth - side * 2.0, figure->nose_y + 8.0},
                                {mouth + side * 6.0, figure->mouth_y - 14.0},
                                {mouth, figure->mouth_y + 12.0}};
        paint_taper(cairo, fold, width);
        double inner = figure_x(figure, side * 0.26);
        double outer = figure_x(figure, side * 0.62);
        struct point bag[4] = {
            {inner, 27.0}, {inner + side * 16.0, 40.0}, {outer - side * 18.0, 42.0}, {outer, 28.0}};
        paint_taper(cairo, bag, width);
        for (int line = -1; line <= 1; line++) {
            double corner = figure_x(figure, side * 0.80);
            struct point crow[4] = {{corner, line * 9.0},
                                    {corner + side * 6.0, line * 11.0},
                                    {corner + side * 12.0, line * 14.0},
                                    {corner + side * 16.0, line * 17.0 - 2.0}};
            paint_taper(cairo, crow, width);
        }
    }
    for (int line = 0; line < 3; line++) {
        double y = -84.0 - line * 19.0;
        struct point brow[4] = {{figure_x(figure, -0.42), y},
                                {figure_x(figure, -0.15), y - 7.0},
                                {figure_x(figure, 0.15), y - 5.0},
                                {figure_x(figure, 0.42), y + 2.0}};
        paint_source(cairo, figure->skin_deep, alpha * 0.55);
        paint_taper(cairo, brow, width);
    }
}

void figure_draw_marks(const struct figure *figure)
{
    if (figure->spec->freckles) {
        draw_freckles(figure);
    }
    if (figure->age > 0.30) {
        draw_age_lines(figure);
    }
    if (figure->spec->scar) {
        draw_scar(figure);
    }
}
