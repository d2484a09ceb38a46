#include <math.h>

#include "actors/studio/hair_styles.h"

/* Where long and medium hair ends, in the head's space. */
static const double LENGTH_MEDIUM_Y = 236.0;
static const double LENGTH_LONG_Y = 436.0;

bool hair_is_loose(const struct portrait_spec *spec)
{
    return spec->hair_arrangement == HAIR_LOOSE || spec->hair_arrangement == HAIR_SWEPT;
}

static double wave_of(const struct portrait_spec *spec)
{
    static const double WAVES[] = {1.5, 11.0, 19.0, 15.0};
    return WAVES[spec->hair_texture];
}

static double wave_count_of(const struct portrait_spec *spec)
{
    static const double COUNTS[] = {0.8, 1.9, 3.6, 5.0};
    return COUNTS[spec->hair_texture];
}

static double length_of(const struct portrait_spec *spec)
{
    return spec->hair_length == HAIR_LENGTH_LONG ? LENGTH_LONG_Y : LENGTH_MEDIUM_Y;
}

/* The part is off the middle, on the side away from the light, for swept hair; near the middle
 * otherwise. */
static double parting_of(const struct figure *figure)
{
    double shift = figure->spec->hair_arrangement == HAIR_SWEPT ? 58.0 : 12.0;
    return -figure->light * shift + 10.0 * figure->turn;
}

static struct lock plain_lock(const struct portrait_spec *spec, double width)
{
    return (struct lock){.width = width,
                         .root = 0.45,
                         .full = spec->hair_length == HAIR_LENGTH_SHORT ? 0.45 : 0.70,
                         .wave = wave_of(spec),
                         .wave_count = wave_count_of(spec)};
}

static void tail_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice)
{
    double side = -figure->light;
    struct hair_fan fan = {
        .from = {{side * 30.0, -226.0},
                 {side * 170.0, -330.0},
                 {side * 330.0, -120.0},
                 {side * 268.0, 300.0}},
        .to = {{side * 60.0, -196.0},
               {side * 170.0, -230.0},
               {side * 215.0, 0.0},
               {side * 172.0, 330.0}},
        .count = 8,
        .lock = plain_lock(figure->spec, 60.0),
        .jitter = 16.0,
        .shade_from = 0.15,
        .shade_to = 0.55,
    };
    hair_fan_draw(figure, tones, &fan, dice);
    paint_source(figure->cairo, figure->spec->inner_color, 1.0);
    cairo_save(figure->cairo);
    cairo_translate(figure->cairo, side * 92.0, -246.0);
    cairo_rotate(figure->cairo, side * 0.6);
    paint_ellipse(figure->cairo, 0.0, 0.0, 18.0, 34.0);
    cairo_restore(figure->cairo);
    cairo_fill(figure->cairo);
}

static void bun_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice)
{
    double x = -8.0 * figure->turn;
    double y = -262.0;
    for (int index = 0; index < 16; index++) {
        double angle = index * 2.0 * M_PI / 16.0 + 0.4;
        double reach = 74.0;
        struct lock lock = {
            .control = {{x + cos(angle) * reach, y + sin(angle) * reach * 0.86},
                        {x + cos(angle + 0.9) * reach, y + sin(angle + 0.9) * reach * 0.86},
                        {x + cos(angle + 1.7) * reach * 0.7, y + sin(angle + 1.7) * reach * 0.6},
                        {x + cos(angle + 2.6) * 14.0, y + sin(angle + 2.6) * 12.0}},
            .width = 46.0,
            .root = 0.7,
            .full = 0.45,
            .shade = 0.25 + 0.30 * sin(angle - 0.8 * figure->light),
        };
        hair_lock_draw(figure, tones, &lock, dice);
    }
}

static void mass_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice)
{
    double end =
        length_of(figure->spec) - (figure->spec->hair_length == HAIR_LENGTH_LONG ? 10.0 : 4.0);
    double flare = figure->spec->hair_texture == HAIR_TEXTURE_STRAIGHT ? 0.0 : 34.0;
    struct hair_fan fan = {
        .from = {{-60.0, -236.0}, {-190.0, -244.0}, {-226.0 - flare, -60.0}, {-190.0 - flare, end}},
        .to = {{60.0, -236.0}, {190.0, -244.0}, {226.0 + flare, -60.0}, {190.0 + flare, end}},
        .count = 15,
        .lock = plain_lock(figure->spec, 88.0),
        .jitter = 14.0,
        .shade_from = 0.78,
        .shade_to = 0.78,
    };
    /* A solid heart, so that no background shows between the locks. */
    cairo_t *cairo = figure->cairo;
    cairo_new_path(cairo);
    cairo_move_to(cairo, -150.0, -150.0);
    cairo_curve_to(cairo, -200.0, -40.0, -186.0, 120.0, -150.0, fmin(end, 240.0));
    cairo_line_to(cairo, 150.0, fmin(end, 240.0));
    cairo_curve_to(cairo, 186.0, 120.0, 200.0, -40.0, 150.0, -150.0);
    cairo_close_path(cairo);
    paint_source(cairo, color_shade(tones->shade, 0.25), 1.0);
    cairo_fill(cairo);
    hair_fan_draw(figure, tones, &fan, dice);
}

void hair_back_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice)
{
    const struct portrait_spec *spec = figure->spec;
    if (spec->hair_arrangement == HAIR_PONYTAIL) {
        tail_draw(figure, tones, dice);
    } else if (spec->hair_arrangement == HAIR_BUN) {
        bun_draw(figure, tones, dice);
    } else if (spec->hair_arrangement == HAIR_SLICKED || spec->hair_arrangement == HAIR_BRAIDS ||
               spec->hair_arrangement == HAIR_SPIKY || spec->hair_arrangement == HAIR_MOHAWK) {
        return;
    } else if (spec->hair_length != HAIR_LENGTH_SHORT) {
        mass_draw(figure, tones, dice);
    }
}

/* The solid part under a fan, between its two guides. */
static void fan_base_draw(const struct figure *figure, const struct hair_tones *tones,
                          const struct hair_fan *fan)
{
    cairo_t *cairo = figure->cairo;
    cairo_new_path(cairo);
    cairo_move_to(cairo, fan->from[0].x, fan->from[0].y);
    cairo_curve_to(cairo, fan->from[1].x, fan->from[1].y, fan->from[2].x, fan->from[2].y,
                   fan->from[3].x, fan->from[3].y);
    cairo_line_to(cairo, fan->to[3].x, fan->to[3].y);
    cairo_curve_to(cairo, fan->to[2].x, fan->to[2].y, fan->to[1].x, fan->to[1].y, fan->to[0].x,
                   fan->to[0].y);
    cairo_close_path(cairo);
    paint_source(cairo, color_mix(tones->base, tones->shade, 0.6), 1.0);
    cairo_fill(cairo);
}

static void curtain_draw(const struct figure *figure, const struct hair_tones *tones,
                         struct dice *dice, double side)
{
    const struct portrait_spec *spec = figure->spec;
    double part = parting_of(figure);
    double end = length_of(spec);
    double far = fmax(0.0, side * figure->turn);
    double volume = (spec->hair_texture == HAIR_TEXTURE_STRAIGHT ? 8.0 : 26.0) - 14.0 * far;
    double inward = spec->hair_length == HAIR_LENGTH_MEDIUM ? 26.0 : 0.0;
    double shift = 8.0 * figure->turn;
    struct hair_fan fan = {
        .from = {{part, -240.0},
                 {side * (128.0 + volume) + shift, -252.0},
                 {side * (206.0 + volume) + shift, -128.0},
                 {side * (186.0 + volume - inward) + shift, end - 8.0}},
        .to = {{part, FIGURE_HAIRLINE_Y - 34.0},
               {part * 0.5 + side * 74.0 + shift, FIGURE_HAIRLINE_Y - 28.0},
               {side * (158.0 + 12.0 * far) + shift, -66.0},
               {side * (140.0 + 16.0 * far - inward * 0.4) + shift, end}},
        .count = 8,
        .lock = plain_lock(spec, 52.0),
        .jitter = 10.0,
        .shade_from = side == figure->light ? 0.25 : 0.50,
        .shade_to = side == figure->light ? 0.0 : 0.22,
    };
    fan.lock.root = 0.30;
    struct hair_fan base = fan;
    base.from[3].y = base.to[3].y = end * 0.55;
    fan_base_draw(figure, tones, &base);
    hair_fan_draw(figure, tones, &fan, dice);
}

static void bangs_draw(const struct figure *figure, const struct hair_tones *tones,
                       struct dice *dice)
{
    double center = figure_x(figure, 0.0) * 0.8;
    double lean = -figure->light * 26.0;
    for (int pass = 0; pass < 2; pass++) {
        for (int index = -4; index <= 4; index++) {
            double u = (pass == 0 ? index : index + 0.5) / 4.6;
            if (u > 0.98) {
                continue;
            }
            double end = -58.0 + 30.0 * u * u + dice_range(dice, -7.0, 7.0);
            struct lock lock = {
                .control = {{center * 0.4 + u * 44.0, -236.0},
                            {center * 0.6 + u * 132.0, -232.0},
                            {center + u * 146.0, -150.0},
                            {center + u * 136.0 + lean, end}},
                .width = 47.0,
                .root = 0.5,
                .full = 0.50,
                .wave = wave_of(figure->spec) * 0.4,
                .wave_count = 1.0,
                .shade = pass == 0 ? 0.25 : 0.02,
            };
            hair_lock_draw(figure, tones, &lock, dice);
        }
    }
}

void hair_curtains_draw(const struct figure *figure, const struct hair_tones *tones,
                        struct dice *dice)
{
    double first = -figure->light; /* the side in the light lies on top */
    curtain_draw(figure, tones, dice, first);
    curtain_draw(figure, tones, dice, -first);
    if (figure->spec->hair_bangs) {
        bangs_draw(figure, tones, dice);
    }
}

static void side_hair_draw(const struct figure *figure, const struct hair_tones *tones,
                           struct dice *dice, double side)
{
    double far = fmax(0.0, side * figure->turn);
    double x = side * (figure->cheek + 8.0 - 6.0 * far) + 8.0 * figure->turn;
    struct hair_fan fan = {
        .from = {{x * 0.96, -172.0}, {x * 1.10, -120.0}, {x * 1.10, -70.0}, {x * 1.02, 12.0}},
        .to = {{x * 0.80, -168.0}, {x * 0.90, -130.0}, {x * 0.95, -80.0}, {x * 0.955, 24.0}},
        .count = 5,
        .lock = plain_lock(figure->spec, 26.0),
        .jitter = 3.0,
        .shade_from = 0.55,
        .shade_to = 0.35,
    };
    fan.lock.wave *= 0.3;
    fan_base_draw(figure, tones, &fan);
    hair_fan_draw(figure, tones, &fan, dice);
}

/* Short hair rises from a parting and falls over the top to the other side. */
void hair_short_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice)
{
    double over = figure->light; /* the larger part falls towards the light */
    bool swept = figure->spec->hair_arrangement == HAIR_SWEPT;
    double part = -over * (swept ? 84.0 : 40.0) + 8.0 * figure->turn;
    double rise = figure->spec->hair_texture == HAIR_TEXTURE_STRAIGHT ? 30.0 : 44.0;
    side_hair_draw(figure, tones, dice, -1.0);
    side_hair_draw(figure, tones, dice, 1.0);
    struct hair_fan small = {
        .from = {{part, -226.0},
                 {part - over * 40.0, -250.0},
                 {-over * 176.0, -224.0},
                 {-over * 168.0, -84.0}},
        .to = {{part, -168.0},
               {part - over * 26.0, -196.0},
               {-over * 140.0, -178.0},
               {-over * 150.0, -92.0}},
        .count = 6,
        .lock = plain_lock(figure->spec, 42.0),
        .jitter = 8.0,
        .shade_from = 0.35,
        .shade_to = 0.30,
    };
    struct hair_fan large = {
        .from = {{part - over * 8.0, -216.0},
                 {part + over * 20.0, -262.0 - rise},
                 {over * 196.0, -270.0 - rise},
                 {over * 178.0, -96.0}},
        .to = {{part, -162.0},
               {part + over * 34.0, -226.0},
               {over * 104.0, -206.0},
               {over * 148.0, -104.0}},
        .count = 9,
        .lock = plain_lock(figure->spec, 54.0),
        .jitter = 12.0,
        .shade_from = 0.22,
        .shade_to = 0.0,
    };
    small.lock.wave *= 0.5;
    large.lock.wave *= 0.6;
    fan_base_draw(figure, tones, &small);
    fan_base_draw(figure, tones, &large);
    hair_fan_draw(figure, tones, &small, dice);
    hair_fan_draw(figure, tones, &large, dice);
    if (figure->spec->hair_bangs || (!swept && figure->spec->gender != GENDER_MASCULINE)) {
        bangs_draw(figure, tones, dice);
    }
}

void hair_spiky_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice)
{
    side_hair_draw(figure, tones, dice, -1.0);
    side_hair_draw(figure, tones, dice, 1.0);
    for (int pass = 0; pass < 3; pass++) {
        for (int index = -5; index <= 5; index++) {
            double u = (index + (pass == 1 ? 0.5 : 0.0)) / 5.5;
            double height = 300.0 - 26.0 * pass + dice_range(dice, -20.0, 26.0);
            double angle = u * 1.25 + 0.12 * figure->light;
            double base = 150.0 - 10.0 * pass;
            struct lock lock = {
                .control = {{u * 118.0, -base + 26.0 * u * u},
                            {sin(angle) * base * 1.1, -cos(angle) * base * 1.35},
                            {sin(angle) * height * 0.8, -cos(angle) * height * 0.9},
                            {sin(angle + 0.14 * figure->light) * height * 0.92,
                             -cos(angle + 0.14 * figure->light) * height}},
                .width = 74.0,
                .root = 0.8,
                .full = 0.40,
                .shade = 0.55 - 0.25 * pass,
            };
            hair_lock_draw(figure, tones, &lock, dice);
        }
    }
    for (int index = -3; index <= 3; index++) {
        double u = index / 4.0;
        struct lock lock = {
            .control = {{u * 70.0, -214.0},
                        {u * 120.0, -214.0},
                        {u * 136.0, -150.0},
                        {u * 118.0 - 26.0 * figure->light, -84.0 + 20.0 * u * u}},
            .width = 50.0,
            .root = 0.7,
            .full = 0.45,
            .shade = 0.05,
        };
        hair_lock_draw(figure, tones, &lock, dice);
    }
}

void hair_mohawk_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice)
{
    for (int pass = 0; pass < 3; pass++) {
        for (int index = -3; index <= 3; index++) {
            double u = (index + (pass == 1 ? 0.5 : 0.0)) / 3.5;
            double height = 372.0 - 30.0 * pass + dice_range(dice, -12.0, 14.0) - 40.0 * u * u;
            struct lock lock = {
                .control = {{u * 34.0, -158.0 - 18.0 * pass},
                            {u * 60.0, -230.0},
                            {u * 92.0, -height * 0.8},
                            {u * 104.0 + 16.0 * figure->light, -height}},
                .width = 54.0,
                .root = 0.8,
                .full = 0.40,
                .shade = 0.45 - 0.2 * pass,
            };
            hair_lock_draw(figure, tones, &lock, dice);
        }
    }
}
