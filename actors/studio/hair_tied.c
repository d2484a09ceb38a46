#include <math.h>

#include "actors/studio/hair_styles.h"

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
    cairo_t *cairo = figure->cairo;
    double x = side * 150.0 + 6.0 * figure->turn;
    for (int index = 0; index < 11; index++) {
        double y = 44.0 + index * 33.0;
        double drift = side * 16.0 * sin(index * 0.28) - side * index * 1.5;
        double width = 44.0 - 1.2 * index;
        double half = 22.0 - 0.6 * index;
        double center = x + drift;
        link_draw(figure, tones, dice, point_make(center - half, y),
                  point_make(center + half * 0.5, y + 52.0), width);
        link_draw(figure, tones, dice, point_make(center + half, y + 14.0),
                  point_make(center - half * 0.5, y + 66.0), width);
    }
    double end = 44.0 + 11 * 33.0;
    double center = x + side * 16.0 * sin(11 * 0.28) - side * 11 * 1.5;
    for (int index = -2; index <= 2; index++) {
        struct lock lock = {
            .control = {{center, end + 6.0},
                        {center + index * 8.0, end + 28.0},
                        {center + index * 13.0, end + 48.0},
                        {center + index * 8.0, end + 78.0}},
            .width = 22.0,
            .root = 0.6,
            .full = 0.40,
        };
        hair_lock_draw(figure, tones, &lock, dice);
    }
    paint_source(cairo, figure->spec->inner_color, 1.0);
    paint_ellipse(cairo, center, end + 14.0, 17.0, 10.0);
    cairo_fill(cairo);
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
            .control = {{side * 64.0, -186.0},
                        {side * 148.0 + shift, -150.0},
                        {side * 166.0 + shift, -40.0},
                        {side * 140.0 + shift, 96.0 + dice_range(dice, -20.0, 20.0)}},
            .width = 26.0,
            .root = 0.5,
            .full = 0.50,
            .wave = 8.0,
            .wave_count = 1.4,
        };
        hair_lock_draw(figure, tones, &lock, dice);
    }
}

void hair_pulled_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice)
{
    bool high = figure->spec->hair_arrangement == HAIR_SLICKED;
    double crown = high ? -282.0 : -246.0;
    double shift = 8.0 * figure->turn;
    /* From the temples up to the crown, the outer ones first, then the middle over them. */
    for (int index = 0; index <= 16; index++) {
        double u = (index % 2 == 0 ? -1.0 : 1.0) * (1.0 - index / 17.0);
        double arch = FIGURE_HAIRLINE_Y - 12.0 + 62.0 * u * u + 46.0 * u * u * u * u;
        struct lock lock = {
            .control = {{u * (figure->cheek * 0.985) + shift, arch},
                        {u * 172.0 + shift, arch - 66.0},
                        {u * 130.0, crown - 6.0 + 34.0 * u * u},
                        {u * 26.0, crown + (high ? 2.0 : 10.0)}},
            .width = 58.0,
            .root = 0.82,
            .full = 0.60,
            .wave = figure->spec->hair_texture == HAIR_TEXTURE_STRAIGHT ? 0.0 : 5.0,
            .wave_count = 1.5,
            .shade = 0.10 + 0.30 * fabs(u) + (u * figure->light < 0.0 ? 0.12 : 0.0),
        };
        hair_lock_draw(figure, tones, &lock, dice);
    }
    wisps_draw(figure, tones, dice);
    if (figure->spec->hair_arrangement == HAIR_BRAIDS) {
        braid_draw(figure, tones, dice, -1.0);
        braid_draw(figure, tones, dice, 1.0);
    }
}

static void curl_draw(const struct figure *figure, const struct hair_tones *tones,
                      struct dice *dice, struct point at, double radius, double shade)
{
    cairo_t *cairo = figure->cairo;
    double lamp = figure->light;
    cairo_pattern_t *gradient = cairo_pattern_create_radial(
        at.x + lamp * radius * 0.4, at.y - radius * 0.45, radius * 0.1, at.x, at.y, radius * 1.05);
    paint_stop(gradient, 0.0,
               color_mix(color_mix(tones->base, tones->sheen, 0.40), tones->shade, shade), 1.0);
    paint_stop(gradient, 0.55, color_mix(tones->base, tones->shade, shade), 1.0);
    paint_stop(gradient, 1.0, color_mix(tones->shade, tones->base, 0.1), 1.0);
    cairo_set_source(cairo, gradient);
    cairo_new_path(cairo);
    cairo_arc(cairo, at.x, at.y, radius, 0.0, 2.0 * M_PI);
    cairo_fill(cairo);
    cairo_pattern_destroy(gradient);
    for (int ring = 0; ring < 4; ring++) {
        double start = dice_range(dice, 0.0, 2.0 * M_PI);
        double reach = radius * dice_range(dice, 0.30, 0.96);
        bool bright = dice_unit(dice) < 0.45 - 0.3 * shade;
        cairo_new_path(cairo);
        cairo_arc(cairo, at.x + dice_range(dice, -3.0, 3.0), at.y + dice_range(dice, -3.0, 3.0),
                  reach, start, start + dice_range(dice, 1.2, 3.2));
        paint_source(cairo, bright ? tones->sheen : color_shade(tones->shade, 0.3),
                     bright ? 0.34 : 0.40);
        cairo_set_line_width(cairo, dice_range(dice, 1.2, 2.8));
        cairo_stroke(cairo);
    }
}

void hair_cloud_draw(const struct figure *figure, const struct hair_tones *tones, struct dice *dice,
                     bool back)
{
    static const double GROWTH[] = {1.0, 1.0, 1.0, 1.20, 1.40};
    double grow = GROWTH[figure->spec->hair_length];
    double reach = 192.0 * grow + 10.0;
    double lift = 30.0 * (grow - 1.0);
    int count = back ? 150 : 120;
    for (int index = 0; index < count; index++) {
        /* Back: the whole disc, from its rim inwards. Front: only a crown above the hairline. */
        double share = (double)index / count;
        double spread = back ? M_PI * 1.36 : M_PI * 0.98;
        double angle = -M_PI / 2.0 + dice_range(dice, -0.5, 0.5) * spread;
        double inner = back ? 0.45 : (172.0 + 10.0 * fabs(cos(angle))) / reach;
        double radius = reach * (1.0 - share * (1.0 - inner)) * dice_range(dice, 0.95, 1.02);
        struct point at = {cos(angle) * radius * 0.98 + 6.0 * figure->turn,
                           sin(angle) * radius * 0.98 - 22.0 - lift};
        if (!back && at.y > -84.0 && fabs(at.x) < figure->cheek * 0.93) {
            continue;
        }
        double size = dice_range(dice, 17.0, 30.0) * (back ? 1.15 : 0.92);
        double side = cos(angle) * figure->light;
        curl_draw(figure, tones, dice, at, size, (back ? 0.55 : 0.18) - 0.16 * side);
    }
}
