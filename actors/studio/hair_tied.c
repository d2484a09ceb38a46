#include <math.h>

#include "actors/studio/hair_styles.h"

static void tie_draw(const struct figure *figure, double x, double y, double angle)
{
    cairo_t *cairo = figure->cairo;
    struct color color = figure->spec->inner_color;
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_rotate(cairo, angle);
    paint_ellipse(cairo, 0.0, 0.0, 13.0, 32.0);
    paint_fill_vertical(cairo, -32.0, 32.0, color_tint(color, 0.3), color_shade(color, 0.45));
    cairo_restore(cairo);
}

static void tail_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice)
{
    double side = -figure->light;
    struct hair_fan fan = {
        .from = {{side * 96.0, -236.0},
                 {side * 230.0, -330.0},
                 {side * 330.0, -130.0},
                 {side * 262.0, 318.0}},
        .to = {{side * 100.0, -210.0},
               {side * 170.0, -214.0},
               {side * 212.0, -10.0},
               {side * 160.0, 330.0}},
        .count = 9,
        .lock = hair_plain_lock(figure->spec, 56.0),
        .jitter = 18.0,
        .shade_from = 0.10,
        .shade_to = 0.50,
    };
    hair_fan_draw(figure, tones, &fan, dice);
    tie_draw(figure, side * 112.0, -232.0, side * 0.5);
}

static void bun_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice)
{
    double x = -8.0 * figure->turn;
    double y = -266.0;
    for (int index = 0; index < 18; index++) {
        double angle = index * 2.0 * M_PI / 18.0 + 0.4;
        double reach = 74.0;
        struct lock lock = {
            .control = {{x + cos(angle) * reach, y + sin(angle) * reach * 0.86},
                        {x + cos(angle + 0.9) * reach, y + sin(angle + 0.9) * reach * 0.86},
                        {x + cos(angle + 1.7) * reach * 0.7, y + sin(angle + 1.7) * reach * 0.6},
                        {x + cos(angle + 2.6) * 14.0, y + sin(angle + 2.6) * 12.0}},
            .width = 44.0,
            .root = 0.7,
            .full = 0.5,
            .shade = 0.30 - 0.26 * cos(angle) * figure->light + 0.16 * sin(angle),
        };
        hair_lock_draw(figure, tones, &lock, dice);
    }
}

void hair_tied_back_draw(const struct figure *figure, const struct hair_tones *tones,
                         struct dice *dice)
{
    if (figure->spec->hair_arrangement == HAIR_PONYTAIL) {
        tail_draw(figure, tones, dice);
    } else if (figure->spec->hair_arrangement == HAIR_BUN) {
        bun_draw(figure, tones, dice);
    }
}

/* One half of a plait's link: a leaning drop. */
static void link_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice, struct point from, struct point to, double width)
{
    double bend = (to.x - from.x) * 0.9;
    struct lock lock = {
        .control = {from, {from.x + bend, from.y + 2.0}, {to.x + bend * 0.3, to.y - 12.0}, to},
        .width = width,
        .root = 0.8,
        .full = 0.40,
        .shade = 0.12,
    };
    hair_lock_draw(figure, tones, &lock, dice);
}

static void braid_draw(const struct figure *figure, const struct hair_tones *tones,
                       struct dice *dice, double side)
{
    double x = side * 152.0 + 6.0 * figure->turn;
    double end = 40.0 + 11 * 33.0;
    double center = x;
    for (int index = 0; index < 11; index++) {
        double y = 40.0 + index * 33.0;
        double width = 46.0 - 1.2 * index;
        double half = 23.0 - 0.6 * index;
        center = x + side * (16.0 * sin(index * 0.28) - index * 1.5);
        link_draw(figure, tones, dice, point_make(center - half, y),
                  point_make(center + half * 0.5, y + 52.0), width);
        link_draw(figure, tones, dice, point_make(center + half, y + 14.0),
                  point_make(center - half * 0.5, y + 66.0), width);
    }
    for (int index = -2; index <= 2; index++) {
        struct lock lock = {
            .control = {{center, end + 10.0},
                        {center + index * 8.0, end + 30.0},
                        {center + index * 13.0, end + 52.0},
                        {center + index * 8.0, end + 84.0}},
            .width = 22.0,
            .root = 0.6,
            .full = 0.40,
        };
        hair_lock_draw(figure, tones, &lock, dice);
    }
    tie_draw(figure, center, end + 16.0, M_PI / 2.0);
}

static void wisps_draw(const struct figure *figure, const struct hair_tones *tones,
                       struct dice *dice)
{
    if (figure->spec->gender == GENDER_MASCULINE) {
        return;
    }
    for (int side = -1; side <= 1; side += 2) {
        double shift = 10.0 * figure->turn;
        struct lock lock = {
            .control = {{side * 56.0, -186.0},
                        {side * 150.0 + shift, -160.0},
                        {side * 172.0 + shift, -40.0},
                        {side * 146.0 + shift, 84.0 + dice_range(dice, -20.0, 20.0)}},
            .width = 22.0,
            .root = 0.5,
            .full = 0.5,
            .wave = 9.0,
            .wave_count = 1.4,
        };
        hair_lock_draw(figure, tones, &lock, dice);
    }
}

/* The finest hairs, where hair begins: they take the edge off the hairline. */
static void down_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice)
{
    cairo_t *cairo = figure->cairo;
    for (int index = 0; index < 300; index++) {
        double u = dice_range(dice, -1.0, 1.0);
        double arch = FIGURE_HAIRLINE_Y - 6.0 + 44.0 * u * u + 84.0 * u * u * u * u;
        double x = u * (figure->cheek * 0.97) + 8.0 * figure->turn;
        double y = arch + dice_range(dice, -6.0, 12.0);
        double length = dice_range(dice, 16.0, 34.0);
        cairo_move_to(cairo, x, y);
        cairo_curve_to(cairo, x + u * 3.0, y - length * 0.4, x + u * 2.0, y - length * 0.8,
                       x - u * 4.0, y - length);
        paint_source(cairo, dice_unit(dice) < 0.3 ? tones->sheen : tones->base,
                     dice_range(dice, 0.2, 0.55));
        cairo_set_line_width(cairo, dice_range(dice, 0.7, 1.6));
        cairo_stroke(cairo);
    }
}

void hair_pulled_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice)
{
    double crown = -252.0;
    double shift = 8.0 * figure->turn;
    hair_scalp_draw(figure, tones, FIGURE_HAIRLINE_Y - 12.0);
    /* From the temples up to the crown, the outer ones first, then the middle over them. */
    for (int index = 0; index <= 30; index++) {
        double u = (index % 2 == 0 ? -1.0 : 1.0) * (1.0 - index / 31.0);
        double arch = FIGURE_HAIRLINE_Y - 6.0 + 44.0 * u * u + 84.0 * u * u * u * u;
        struct lock lock = {
            .control = {{u * (figure->cheek * 0.99) + shift,
                         arch - 6.0 + dice_range(dice, -3.0, 5.0)},
                        {u * 176.0 + shift, arch - 70.0},
                        {u * 134.0, crown - 8.0 + 34.0 * u * u},
                        {u * 20.0, crown + 14.0}},
            .width = 46.0,
            .root = 0.45,
            .full = 0.62,
            .wave = figure->spec->hair_texture == HAIR_TEXTURE_STRAIGHT ? 0.0 : 5.0,
            .wave_count = 1.5,
            .shade = 0.04 + 0.30 * fabs(u) + (u * figure->light < 0.0 ? 0.12 : 0.0),
        };
        hair_lock_draw(figure, tones, &lock, dice);
    }
    down_draw(figure, tones, dice);
    wisps_draw(figure, tones, dice);
    if (figure->spec->hair_arrangement == HAIR_BRAIDS) {
        braid_draw(figure, tones, dice, -1.0);
        braid_draw(figure, tones, dice, 1.0);
    }
}
