#include <math.h>

#include "actors/studio/hair_styles.h"

/* Where long and medium hair ends, in the head's space. */
static const double LENGTH_MEDIUM_Y = 216.0;
static const double LENGTH_LONG_Y = 450.0;
/* The widest part of the head of hair. */
static const double WIDEST_Y = -50.0;
/* Hair that lies behind a shoulder is seen in front down to here only. */
static const double SHOULDER_Y = 232.0;

bool hair_is_loose(const struct portrait_spec *spec)
{
    return spec->hair_arrangement == HAIR_LOOSE || spec->hair_arrangement == HAIR_SWEPT;
}

struct lock hair_plain_lock(const struct portrait_spec *spec, double width)
{
    static const double WAVES[] = {2.0, 11.0, 19.0, 15.0};
    static const double COUNTS[] = {0.8, 2.0, 4.2, 5.0};
    return (struct lock){.width = width,
                         .root = 0.45,
                         .full = spec->hair_length == HAIR_LENGTH_SHORT ? 0.45 : 0.74,
                         .wave = WAVES[spec->hair_texture],
                         .wave_count = COUNTS[spec->hair_texture]};
}

void hair_scalp_draw(const struct figure *figure, const struct hair_tones *tones, double hairline)
{
    cairo_t *cairo = figure->cairo;
    double x = figure->cheek + 8.0;
    double shift = 8.0 * figure->turn;
    cairo_new_path(cairo);
    cairo_move_to(cairo, -x + shift, -20.0);
    cairo_curve_to(cairo, -x - 10.0, -170.0, -x * 0.62, -244.0, 0.0, -244.0);
    cairo_curve_to(cairo, x * 0.62, -244.0, x + 10.0, -170.0, x + shift, -20.0);
    cairo_curve_to(cairo, x * 0.94 + shift, -60.0, x * 0.90 + shift, hairline + 34.0,
                   x * 0.66 + shift, hairline + 8.0);
    cairo_curve_to(cairo, x * 0.36 + shift, hairline - 10.0, -x * 0.36 + shift, hairline - 10.0,
                   -x * 0.66 + shift, hairline + 8.0);
    cairo_curve_to(cairo, -x * 0.90 + shift, hairline + 34.0, -x * 0.94 + shift, -60.0, -x + shift,
                   -20.0);
    cairo_close_path(cairo);
    paint_source(cairo, color_mix(tones->base, tones->shade, 0.70), 1.0);
    cairo_fill(cairo);
}

/* The part is off the middle, on the side away from the light, for swept hair; near it
 * otherwise. */
static double parting_of(const struct figure *figure)
{
    double shift = figure->spec->hair_arrangement == HAIR_SWEPT ? 52.0 : 10.0;
    return -figure->light * shift + 10.0 * figure->turn;
}

/* Whether the hair of one side lies behind the shoulder. */
static bool is_behind(const struct figure *figure, double side)
{
    struct dice dice = dice_make(figure->spec->seed, "behind");
    unsigned choice = dice_pick(&dice, 4);
    bool long_hair = figure->spec->hair_length == HAIR_LENGTH_LONG;
    return long_hair && (choice == 0 || (choice == 1 && side > 0.0) || (choice == 2 && side < 0.0));
}

static void set_outer_guide(const struct figure *figure, double side,
                            struct point out[LOCK_CONTROLS])
{
    const struct portrait_spec *spec = figure->spec;
    double part = parting_of(figure);
    double far = fmax(0.0, side * figure->turn);
    double volume = (spec->hair_texture == HAIR_TEXTURE_STRAIGHT ? 4.0 : 20.0) - 10.0 * far;
    double wide = side * (176.0 + volume) + 8.0 * figure->turn;
    double top = -250.0 - volume * 0.6;
    bool long_hair = spec->hair_length == HAIR_LENGTH_LONG;
    double end = long_hair ? LENGTH_LONG_Y : LENGTH_MEDIUM_Y;
    double flare = side * (long_hair ? 26.0 + volume : -6.0);
    double tip = side * (long_hair ? -18.0 : -46.0);
    out[0] = point_make(part, top + 10.0);
    out[1] = point_make(part + (wide - part) * 0.50, top - 4.0);
    out[2] = point_make(wide, WIDEST_Y - 116.0);
    out[3] = point_make(wide, WIDEST_Y);
    out[4] = point_make(wide, WIDEST_Y + (end - WIDEST_Y) * 0.34);
    out[5] = point_make(wide + flare, WIDEST_Y + (end - WIDEST_Y) * 0.70);
    out[6] = point_make(wide + tip, end);
}

static void set_inner_guide(const struct figure *figure, double side,
                            struct point out[LOCK_CONTROLS])
{
    double part = parting_of(figure);
    double far = fmax(0.0, side * figure->turn);
    double shift = 10.0 * figure->turn;
    bool long_hair = figure->spec->hair_length == HAIR_LENGTH_LONG;
    double end = (long_hair ? LENGTH_LONG_Y : LENGTH_MEDIUM_Y) + (long_hair ? -34.0 : 10.0);
    double frame = side * (150.0 + 10.0 * far) + shift;
    out[0] = point_make(part, FIGURE_HAIRLINE_Y - 30.0);
    out[1] = point_make(part + side * 46.0, FIGURE_HAIRLINE_Y - 22.0);
    out[2] = point_make(frame * 0.93, FIGURE_HAIRLINE_Y + 12.0);
    out[3] = point_make(frame, WIDEST_Y);
    out[4] = point_make(frame + side * 10.0, WIDEST_Y + 80.0);
    out[5] = point_make(frame + side * (long_hair ? -16.0 : 0.0), end * 0.5);
    out[6] = point_make(frame + side * (long_hair ? -34.0 : -30.0), end);
}

static void side_draw(const struct figure *figure, const struct hair_tones *tones, double side)
{
    struct dice dice = dice_make(figure->spec->seed, side < 0.0 ? "left hair" : "right hair");
    bool lit = side * figure->light > 0.0;
    struct hair_fan fan = {
        .count = 9,
        .lock = hair_plain_lock(figure->spec, 50.0),
        .jitter = 12.0,
        .shade_from = lit ? 0.26 : 0.50,
        .shade_to = lit ? 0.0 : 0.22,
    };
    fan.lock.jointed = true;
    fan.lock.root = 0.34;
    set_outer_guide(figure, side, fan.from);
    set_inner_guide(figure, side, fan.to);
    hair_fan_draw(figure, tones, &fan, &dice);
}

void hair_loose_back_draw(const struct figure *figure, const struct hair_tones *tones,
                          struct dice *dice)
{
    struct hair_fan fan = {
        .count = 13,
        .lock = hair_plain_lock(figure->spec, 78.0),
        .jitter = 14.0,
        .shade_from = 0.80,
        .shade_to = 0.80,
    };
    fan.lock.jointed = true;
    set_outer_guide(figure, -1.0, fan.from);
    set_outer_guide(figure, 1.0, fan.to);
    cairo_t *cairo = figure->cairo;
    double end = figure->spec->hair_length == HAIR_LENGTH_LONG ? 300.0 : 150.0;
    /* A solid heart, so that no background shows between the locks. */
    cairo_new_path(cairo);
    cairo_move_to(cairo, -150.0, -150.0);
    cairo_curve_to(cairo, -196.0, -40.0, -180.0, 60.0, -160.0, end);
    cairo_line_to(cairo, 160.0, end);
    cairo_curve_to(cairo, 180.0, 60.0, 196.0, -40.0, 150.0, -150.0);
    cairo_close_path(cairo);
    paint_source(cairo, color_shade(tones->shade, 0.30), 1.0);
    cairo_fill(cairo);
    hair_fan_draw(figure, tones, &fan, dice);
    for (int side = -1; side <= 1; side += 2) {
        if (is_behind(figure, side)) {
            side_draw(figure, tones, side);
        }
    }
}

/* A fringe: straight across, or swept to the side that is lit. */
void hair_fringe_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice)
{
    double center = figure_x(figure, 0.0) * 0.8;
    double part = parting_of(figure);
    bool swept = (figure->spec->seed >> 9 & 1) != 0;
    for (int index = 0; index < 13; index++) {
        /* From the sides to the middle, so that the middle lies on top. */
        double u = (index % 2 == 0 ? -1.0 : 1.0) * (1.0 - index / 13.0);
        double lean = figure->light * (swept ? 74.0 : 16.0);
        double end = -54.0 + 26.0 * u * u + dice_range(dice, -12.0, 10.0) +
                     (swept ? 10.0 * u * figure->light : 0.0);
        struct lock lock = {
            .control = {{part + u * 26.0, -238.0},
                        {center * 0.5 + u * 108.0, -232.0},
                        {center + u * 140.0 - lean * 0.1, -150.0},
                        {center + u * 126.0 + lean * (1.0 - 0.5 * fabs(u)), end}},
            .width = 44.0,
            .root = 0.5,
            .full = 0.62,
            .wave = hair_plain_lock(figure->spec, 1.0).wave * 0.35,
            .wave_count = 1.1,
            .wave_phase = dice_range(dice, -0.5, 0.5),
            .shade = 0.26 * fabs(u) + (u * figure->light < 0.0 ? 0.10 : 0.0),
        };
        hair_lock_draw(figure, tones, &lock, dice);
    }
}

void hair_curtains_draw(const struct figure *figure, const struct hair_tones *tones,
                        struct dice *dice)
{
    cairo_t *cairo = figure->cairo;
    double order[2] = {-figure->light, figure->light}; /* the side in the light lies on top */
    for (int index = 0; index < 2; index++) {
        cairo_save(cairo);
        if (is_behind(figure, order[index])) {
            cairo_rectangle(cairo, -600.0, -600.0, 1200.0, 600.0 + SHOULDER_Y);
            cairo_clip(cairo);
        }
        side_draw(figure, tones, order[index]);
        cairo_restore(cairo);
    }
    if (figure->spec->hair_bangs) {
        hair_fringe_draw(figure, tones, dice);
    }
}
