#include <math.h>

#include "actors/studio/dice.h"
#include "actors/studio/figure.h"

/* How a mood shapes the mouth. */
struct smile {
    double width;    /* half width */
    double corners;  /* corners up when positive */
    double open;     /* height of the opening */
    double lopsided; /* one corner more than the other */
};

static struct smile smile_of(enum mood mood)
{
    static const struct smile SMILES[] = {
        [MOOD_NEUTRAL] = {42.0, 0.0, 0.0, 0.0},     [MOOD_HAPPY] = {50.0, 11.0, 0.0, 0.0},
        [MOOD_JOYFUL] = {55.0, 13.0, 25.0, 0.0},    [MOOD_SAD] = {38.0, -8.0, 0.0, 0.0},
        [MOOD_ANGRY] = {41.0, -7.0, 0.0, 0.0},      [MOOD_SURPRISED] = {27.0, 0.0, 24.0, 0.0},
        [MOOD_DETERMINED] = {43.0, -2.0, 0.0, 2.0}, [MOOD_CALM] = {43.0, 4.0, 0.0, 0.0},
        [MOOD_SLY] = {45.0, 4.0, 0.0, 9.0},         [MOOD_SHY] = {35.0, 4.0, 0.0, 0.0},
    };
    return SMILES[mood];
}

void figure_draw_nose(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    double y = figure->nose_y + figure->nod * 8.0;
    double x = figure_x(figure, 0.0) * 1.16; /* the nose stands out, so it moves farther */
    double dark = -figure->light;
    bool broad = figure->spec->gender == GENDER_MASCULINE;
    double wing = (broad ? 25.0 : 20.0) * figure->nose;
    struct color deep = color_shade(figure->skin, 0.60);
    paint_spot(cairo, (struct spot){x + dark * 15.0, y - 40.0, 13.0, 54.0, dark * -0.12}, deep,
               0.34);
    paint_spot(cairo, (struct spot){x + dark * 12.0, y - 4.0, 24.0, 18.0, 0.0}, deep, 0.36);
    paint_spot(cairo, (struct spot){x, y + 17.0, 30.0, 13.0, 0.0}, deep, 0.42);
    paint_spot(cairo, (struct spot){x - dark * 3.0, y - 46.0, 8.0, 46.0, 0.0}, figure->skin_light,
               0.62);
    paint_spot(cairo, (struct spot){x - dark * 5.0, y - 7.0, 13.0, 11.0, 0.0},
               color_tint(figure->skin_light, 0.2), 0.52);
    for (int side = -1; side <= 1; side += 2) {
        double narrow = 1.0 - 0.35 * fmax(0.0, side * figure->turn);
        struct point curve[4] = {{x + side * wing * narrow, y - 10.0},
                                 {x + side * (wing + 6.0) * narrow, y + 6.0},
                                 {x + side * (wing - 4.0) * narrow, y + 12.0},
                                 {x + side * (wing - 11.0) * narrow, y + 7.0}};
        const double width[3] = {0.5, 3.0, 2.0};
        paint_source(cairo, figure->skin_deep, 0.46);
        paint_taper(cairo, curve, width);
        struct point nostril[4] = {{x + side * 6.0, y + 9.0},
                                   {x + side * 9.0 * narrow, y + 5.0},
                                   {x + side * 14.0 * narrow, y + 5.0},
                                   {x + side * 16.0 * narrow, y + 9.0}};
        const double nostril_width[3] = {1.0, 4.4, 1.0};
        paint_source(cairo, figure->skin_deep, 0.72);
        paint_taper(cairo, nostril, nostril_width);
    }
}

/* The lips' edges in the mouth's own space, left corner to right corner. */
struct lips {
    struct point left;
    struct point right;
    double upper; /* height of the upper lip's peaks */
    double lower;
    double dip; /* how far the closed line sags */
    double open;
};

static void inner_edge(cairo_t *cairo, const struct lips *lips, bool forward, bool top)
{
    double sag = lips->dip + (top ? -lips->open * 0.18 : lips->open);
    struct point from = forward ? lips->left : lips->right;
    struct point to = forward ? lips->right : lips->left;
    double third = (to.x - from.x) / 3.0;
    cairo_curve_to(cairo, from.x + third, sag + (from.y + to.y) * 0.18, to.x - third,
                   sag + (from.y + to.y) * 0.18, to.x, to.y);
}

static void draw_lips(const struct figure *figure, const struct lips *lips)
{
    cairo_t *cairo = figure->cairo;
    bool painted = figure->spec->gender == GENDER_FEMININE && figure->child == 0.0;
    struct color red = color_mix(figure->skin, color_from_hex(0xb8323f), painted ? 0.52 : 0.26);
    struct color upper = color_shade(red, 0.26);
    struct color lower = color_tint(red, 0.06);
    cairo_new_path(cairo);
    cairo_move_to(cairo, lips->left.x, lips->left.y);
    cairo_curve_to(cairo, lips->left.x * 0.62, -lips->upper * 0.55, lips->left.x * 0.34,
                   -lips->upper * 1.12, -5.0, -lips->upper * 0.92);
    cairo_curve_to(cairo, -2.0, -lips->upper * 0.70, 2.0, -lips->upper * 0.70, 5.0,
                   -lips->upper * 0.92);
    cairo_curve_to(cairo, lips->right.x * 0.34, -lips->upper * 1.12, lips->right.x * 0.62,
                   -lips->upper * 0.55, lips->right.x, lips->right.y);
    inner_edge(cairo, lips, false, true);
    paint_fill_vertical(cairo, -lips->upper, lips->dip + 4.0, color_tint(upper, 0.08), upper);
    cairo_new_path(cairo);
    cairo_move_to(cairo, lips->left.x, lips->left.y);
    inner_edge(cairo, lips, true, false);
    double bottom = lips->lower + lips->open + lips->dip * 0.6;
    cairo_curve_to(cairo, lips->right.x * 0.62, bottom * 0.98, lips->right.x * 0.30, bottom * 1.14,
                   0.0, bottom * 1.12);
    cairo_curve_to(cairo, lips->left.x * 0.30, bottom * 1.14, lips->left.x * 0.62, bottom * 0.98,
                   lips->left.x, lips->left.y);
    paint_fill_vertical(cairo, 0.0, bottom * 1.12, lower, color_shade(lower, 0.14));
    paint_spot(cairo,
               (struct spot){figure->light * 8.0, lips->open + lips->dip + lips->lower * 0.42, 15.0,
                             4.4, 0.0},
               color_tint(lower, 0.75), painted ? 0.80 : 0.42);
}

static void draw_opening(const struct figure *figure, const struct lips *lips)
{
    cairo_t *cairo = figure->cairo;
    cairo_new_path(cairo);
    cairo_move_to(cairo, lips->left.x, lips->left.y);
    inner_edge(cairo, lips, true, true);
    inner_edge(cairo, lips, false, false);
    cairo_save(cairo);
    cairo_clip(cairo);
    paint_source(cairo, color_from_hex(0x571a22), 1.0);
    cairo_paint(cairo);
    paint_spot(cairo, (struct spot){0.0, lips->dip + lips->open + 2.0, 26.0, 15.0, 0.0},
               color_from_hex(0xd9656a), 0.95);
    if (lips->right.x > 36.0) {
        cairo_new_path(cairo);
        cairo_move_to(cairo, lips->left.x, lips->left.y - 8.0);
        cairo_line_to(cairo, lips->right.x, lips->right.y - 8.0);
        cairo_line_to(cairo, lips->right.x, lips->right.y);
        cairo_curve_to(cairo, lips->right.x * 0.5, lips->dip + 11.0, lips->left.x * 0.5,
                       lips->dip + 11.0, lips->left.x, lips->left.y);
        paint_source(cairo, color_from_hex(0xfaf5f0), 1.0);
        cairo_fill(cairo);
    }
    cairo_restore(cairo);
}

static void draw_line(const struct figure *figure, const struct lips *lips)
{
    cairo_t *cairo = figure->cairo;
    double middle = lips->dip * 1.0;
    struct point curve[4] = {{lips->left.x - 4.0, lips->left.y - 1.0},
                             {lips->left.x / 3.0, middle + lips->left.y * 0.36},
                             {lips->right.x / 3.0, middle + lips->right.y * 0.36},
                             {lips->right.x + 4.0, lips->right.y - 1.0}};
    const double width[3] = {2.6, 3.6, 2.6};
    paint_source(cairo, color_mix(figure->skin_deep, color_from_hex(0x5a1420), 0.4), 0.80);
    paint_taper(cairo, curve, width);
}

void figure_draw_mouth(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    struct smile smile = smile_of(figure->spec->mood);
    double narrow = figure_narrow(figure, 0.0) * (1.0 - 0.10 * figure->child);
    double full = figure->spec->gender == GENDER_MASCULINE ? 0.80 * figure->lips : figure->lips;
    double far = smile.lopsided * figure->light;
    struct lips lips = {
        .left = {-smile.width, -smile.corners + fmin(0.0, far)},
        .right = {smile.width, -smile.corners - fmax(0.0, far)},
        .upper = 12.0 * full,
        .lower = 15.0 * full,
        .dip = 2.0 + smile.corners * 0.30,
        .open = smile.open,
    };
    double x = figure_x(figure, 0.0) * 1.05;
    double y = figure->mouth_y + figure->nod * 6.0;
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_scale(cairo, narrow, 1.0);
    paint_spot(cairo, (struct spot){0.0, lips.lower + lips.open + 15.0, 34.0, 11.0, 0.0},
               color_shade(figure->skin, 0.6), 0.36);
    for (int side = -1; side <= 1; side += 2) {
        paint_spot(cairo,
                   (struct spot){side * (smile.width + 6.0), side < 0 ? lips.left.y : lips.right.y,
                                 12.0, 12.0, 0.0},
                   color_shade(figure->skin, 0.6), 0.30);
    }
    if (smile.open > 0.0) {
        draw_opening(figure, &lips);
    }
    draw_lips(figure, &lips);
    if (smile.open == 0.0) {
        draw_line(figure, &lips);
    }
    cairo_restore(cairo);
}

static void draw_whiskers(const struct figure *figure, struct dice *dice, int count)
{
    cairo_t *cairo = figure->cairo;
    struct color hair = figure->spec->hair;
    for (int index = 0; index < count; index++) {
        double u = dice_range(dice, -0.98, 0.98);
        double y = figure->mouth_y + dice_range(dice, -110.0, 92.0);
        double x = figure_x(figure, u);
        double length = dice_range(dice, 9.0, 20.0);
        cairo_move_to(cairo, x, y);
        cairo_curve_to(cairo, x + u * 2.0, y + length * 0.4, x + u * 3.0, y + length * 0.7,
                       x - u * 2.0, y + length);
        paint_source(cairo, dice_unit(dice) < 0.4 ? color_tint(hair, 0.22) : color_shade(hair, 0.6),
                     0.42);
        cairo_set_line_width(cairo, dice_range(dice, 1.0, 2.2));
        cairo_stroke(cairo);
    }
}

/* The beard follows the jaw from the ears, meets the moustache beside the mouth, and leaves the
 * lips free. */
static void beard_path(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    double center = figure_x(figure, 0.0) * 1.05;
    double mouth = figure->mouth_y;
    double left = figure_x(figure, -0.985) - 8.0;
    double right = figure_x(figure, 0.985) + 8.0;
    double chin = figure->chin_y + 28.0;
    cairo_new_path(cairo);
    cairo_move_to(cairo, left, 4.0);
    cairo_curve_to(cairo, left + 26.0, 60.0, left + 34.0, mouth - 2.0, center - 74.0, mouth - 8.0);
    cairo_curve_to(cairo, center - 62.0, mouth - 30.0, center - 30.0, mouth - 33.0, center,
                   mouth - 24.0);
    cairo_curve_to(cairo, center + 30.0, mouth - 33.0, center + 62.0, mouth - 30.0, center + 74.0,
                   mouth - 8.0);
    cairo_curve_to(cairo, right - 34.0, mouth - 2.0, right - 26.0, 60.0, right, 4.0);
    cairo_curve_to(cairo, right + 8.0, 120.0, center + 108.0, chin, center, chin);
    cairo_curve_to(cairo, center - 108.0, chin, left - 8.0, 120.0, left, 4.0);
    cairo_close_path(cairo);
    cairo_new_sub_path(cairo);
    cairo_move_to(cairo, center - 44.0, mouth - 3.0);
    cairo_curve_to(cairo, center - 22.0, mouth - 15.0, center + 22.0, mouth - 15.0, center + 44.0,
                   mouth - 3.0);
    cairo_curve_to(cairo, center + 24.0, mouth + 22.0, center - 24.0, mouth + 22.0, center - 44.0,
                   mouth - 3.0);
    cairo_close_path(cairo);
}

/* Short strokes across the beard's upper edge, so that it grows out of the cheek. */
static void draw_beard_edge(const struct figure *figure, struct dice *dice)
{
    cairo_t *cairo = figure->cairo;
    double center = figure_x(figure, 0.0) * 1.05;
    double mouth = figure->mouth_y;
    for (int index = 0; index < 170; index++) {
        double side = index % 2 == 0 ? -1.0 : 1.0;
        double ear = figure_x(figure, side * 0.985) + side * 8.0;
        struct point edge[4] = {{ear, 4.0},
                                {ear - side * 26.0, 60.0},
                                {ear - side * 34.0, mouth - 2.0},
                                {center + side * 74.0, mouth - 8.0}};
        struct point from = curve_at(edge, dice_unit(dice));
        double x = from.x + dice_range(dice, -3.0, 3.0);
        double y = from.y + dice_range(dice, -9.0, 2.0);
        cairo_move_to(cairo, x, y);
        cairo_line_to(cairo, x + side * 3.0, y + dice_range(dice, 8.0, 17.0));
        paint_source(cairo, color_shade(figure->spec->hair, 0.25), dice_range(dice, 0.15, 0.45));
        cairo_set_line_width(cairo, dice_range(dice, 0.9, 1.9));
        cairo_stroke(cairo);
    }
}

void figure_draw_beard(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    struct dice dice = dice_make(figure->spec->seed, "beard");
    struct color hair = figure->spec->hair;
    if (figure->spec->beard) {
        beard_path(figure);
        cairo_save(cairo);
        cairo_set_fill_rule(cairo, CAIRO_FILL_RULE_EVEN_ODD);
        cairo_clip(cairo);
        cairo_pattern_t *gradient =
            cairo_pattern_create_linear(0.0, 4.0, 0.0, figure->mouth_y - 30.0);
        paint_stop(gradient, 0.0, hair, 0.0);
        paint_stop(gradient, 1.0, color_shade(hair, 0.20), 0.94);
        cairo_set_source(cairo, gradient);
        cairo_paint(cairo);
        cairo_pattern_destroy(gradient);
        draw_whiskers(figure, &dice, 560);
        paint_spot(cairo, (struct spot){-figure->light * 130.0, 150.0, 110.0, 140.0, 0.0},
                   color_shade(hair, 0.9), 0.5);
        cairo_restore(cairo);
        draw_beard_edge(figure, &dice);
    }
    if (figure->spec->moustache && !figure->spec->beard) {
        double x = figure_x(figure, 0.0) * 1.05;
        double y = figure->mouth_y - 16.0;
        for (int side = -1; side <= 1; side += 2) {
            struct point curve[4] = {{x, y - 4.0},
                                     {x + side * 22.0, y - 14.0},
                                     {x + side * 44.0, y + 2.0},
                                     {x + side * 64.0, y + 18.0}};
            const double width[3] = {10.0, 17.0, 1.0};
            paint_source(cairo, color_shade(hair, 0.25), 0.96);
            paint_taper(cairo, curve, width);
        }
    }
}
