#include <math.h>

#include "actors/studio/hair_styles.h"

static void side_hair_draw(const struct figure *figure, const struct hair_tones *tones,
                           struct dice *dice, double side)
{
    double far = fmax(0.0, side * figure->turn);
    double x = side * (figure->cheek + 8.0 - 6.0 * far) + 8.0 * figure->turn;
    struct hair_fan fan = {
        .from = {{x * 0.92, -196.0}, {x * 1.10, -150.0}, {x * 1.11, -80.0}, {x * 1.035, 14.0}},
        .to = {{x * 0.80, -160.0}, {x * 0.90, -130.0}, {x * 0.955, -80.0}, {x * 0.955, 30.0}},
        .count = 7,
        .lock = hair_plain_lock(figure->spec, 24.0),
        .jitter = 3.0,
        .shade_from = 0.60,
        .shade_to = 0.38,
    };
    fan.lock.wave *= 0.3;
    hair_fan_draw(figure, tones, &fan, dice);
}

/* Locks over the top, from a parting to one side. */
static void top_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice,
                     double part, double side, double rise, bool large)
{
    double shift = 8.0 * figure->turn;
    double reach = large ? 1.0 : 0.96;
    struct hair_fan fan = {
        .from = {{part - side * 6.0, -228.0},
                 {part + side * 26.0, -258.0 - rise},
                 {side * 190.0 * reach + shift, -262.0 - rise * 0.8},
                 {side * 176.0 * reach + shift, -92.0}},
        .to = {{part, FIGURE_HAIRLINE_Y - 24.0},
               {part + side * 30.0, FIGURE_HAIRLINE_Y - 70.0},
               {side * 118.0 + shift, FIGURE_HAIRLINE_Y - 52.0},
               {side * 146.0 + shift, -84.0}},
        .count = large ? 11 : 7,
        .lock = hair_plain_lock(figure->spec, large ? 48.0 : 40.0),
        .jitter = 13.0,
        .shade_from = large ? 0.26 : 0.38,
        .shade_to = large ? 0.0 : 0.30,
    };
    fan.lock.wave *= 0.7;
    fan.lock.root = 0.35;
    fan.lock.full = 0.55;
    hair_fan_draw(figure, tones, &fan, dice);
}

/* A few strands that fall onto the forehead. */
static void forelock_draw(const struct figure *figure, const struct hair_tones *tones,
                          struct dice *dice, double part)
{
    double side = figure->light;
    for (int index = 0; index < 5; index++) {
        double u = 0.15 + 0.2 * index;
        struct lock lock = {
            .control = {{part + side * 6.0, -206.0 - 4.0 * index},
                        {part + side * (40.0 + 20.0 * index), -236.0},
                        {side * (20.0 + 30.0 * index), -180.0},
                        {side * (34.0 + 118.0 * u) + 8.0 * figure->turn,
                         -112.0 + dice_range(dice, -8.0, 22.0)}},
            .width = 34.0,
            .root = 0.4,
            .full = 0.35,
            .wave = hair_plain_lock(figure->spec, 1.0).wave * 0.5,
            .wave_count = 1.2,
            .shade = 0.02 * index,
        };
        hair_lock_draw(figure, tones, &lock, dice);
    }
}

void hair_short_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice)
{
    double over = figure->light; /* the larger part falls towards the light */
    bool slicked = figure->spec->hair_arrangement == HAIR_SLICKED;
    bool swept = figure->spec->hair_arrangement == HAIR_SWEPT || slicked;
    double part = -over * (swept ? 80.0 : 34.0) + 8.0 * figure->turn;
    double rise = figure->spec->hair_texture == HAIR_TEXTURE_STRAIGHT ? 22.0 : 38.0;
    rise += slicked ? 18.0 : 0.0;
    hair_scalp_draw(figure, tones, FIGURE_HAIRLINE_Y - 14.0);
    side_hair_draw(figure, tones, dice, -1.0);
    side_hair_draw(figure, tones, dice, 1.0);
    top_draw(figure, tones, dice, part, -over, rise * 0.5, false);
    top_draw(figure, tones, dice, part, over, rise, true);
    if (figure->spec->hair_bangs || (!swept && figure->spec->gender != GENDER_MASCULINE)) {
        hair_fringe_draw(figure, tones, dice);
    } else if (!swept) {
        forelock_draw(figure, tones, dice, part);
    }
}

void hair_spiky_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice)
{
    hair_scalp_draw(figure, tones, FIGURE_HAIRLINE_Y - 10.0);
    side_hair_draw(figure, tones, dice, -1.0);
    side_hair_draw(figure, tones, dice, 1.0);
    for (int pass = 0; pass < 3; pass++) {
        for (int index = -5; index <= 5; index++) {
            double u = (index + (pass == 1 ? 0.5 : 0.0)) / 5.5;
            double height = 306.0 - 26.0 * pass + dice_range(dice, -22.0, 26.0);
            double angle = u * 1.25 + 0.12 * figure->light;
            double base = 150.0 - 10.0 * pass;
            double bend = angle + 0.20 * figure->light;
            struct lock lock = {
                .control = {{u * 118.0, -base + 26.0 * u * u},
                            {sin(angle) * base * 1.1, -cos(angle) * base * 1.35},
                            {sin(angle) * height * 0.8, -cos(angle) * height * 0.9},
                            {sin(bend) * height * 0.94, -cos(bend) * height}},
                .width = 76.0,
                .root = 0.8,
                .full = 0.30,
                .shade = 0.55 - 0.25 * pass,
            };
            hair_lock_draw(figure, tones, &lock, dice);
        }
    }
    for (int index = 0; index < 7; index++) {
        double u = (index % 2 == 0 ? -1.0 : 1.0) * (1.0 - index / 7.0);
        struct lock lock = {
            .control = {{u * 60.0, -218.0},
                        {u * 120.0, -218.0},
                        {u * 140.0, -150.0},
                        {u * 120.0 - 30.0 * figure->light,
                         -82.0 + 30.0 * u * u + dice_range(dice, -10.0, 14.0)}},
            .width = 56.0,
            .root = 0.7,
            .full = 0.35,
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
            double height = 380.0 - 34.0 * pass + dice_range(dice, -16.0, 18.0) - 46.0 * u * u;
            struct lock lock = {
                .control = {{u * 34.0, -150.0 - 22.0 * pass},
                            {u * 60.0, -230.0},
                            {u * 92.0, -height * 0.8},
                            {u * 108.0 + 26.0 * figure->light, -height}},
                .width = 58.0,
                .root = 0.6,
                .full = 0.45,
                .shade = 0.45 - 0.2 * pass,
            };
            hair_lock_draw(figure, tones, &lock, dice);
        }
    }
}
