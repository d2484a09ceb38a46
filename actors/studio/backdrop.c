#include <math.h>

#include "actors/studio/backdrop.h"
#include "actors/studio/dice.h"

enum {
    SKETCH_SIDE = 320, /* the scene is drawn small and blurred: it lies out of focus */
    SKETCH_BLUR = 4,
};

struct palette {
    unsigned top;
    unsigned middle;
    unsigned bottom;
    unsigned accent;
    unsigned far;
    unsigned near;
};

static const struct palette DAY[] = {
    [SCENE_STUDIO] = {0xc9b8d8, 0xe6cfc4, 0x8e7f9c, 0xffe2b8, 0xb49fb8, 0x7d6b8a},
    [SCENE_BOKEH] = {0x6d5a74, 0xc08a74, 0x4a3d58, 0xffcf8a, 0x8a6670, 0x4b3a50},
    [SCENE_FOREST] = {0xcfe3b0, 0x7fae7c, 0x2c5546, 0xfff0a8, 0x6c9c74, 0x27503f},
    [SCENE_SEA] = {0x8cc4e6, 0xf3e2c4, 0x3f83a3, 0xfff0c8, 0x64a5bd, 0x2f6d8c},
    [SCENE_MOUNTAINS] = {0x7f9fd2, 0xf6c79b, 0x6a5f8c, 0xffd09a, 0x9a8fb8, 0x4f4a78},
    [SCENE_CITY] = {0xa8c2dc, 0xf0d8c0, 0x6f7f98, 0xffdca8, 0x94a6bc, 0x5d6c86},
    [SCENE_STARS] = {0x1b1a4a, 0x5a3a86, 0x14122e, 0x9fb8ff, 0x38286a, 0x100e28},
    [SCENE_SNOW] = {0xb8cfe6, 0xe9f0f6, 0x93a9c4, 0xffffff, 0xc3d3e4, 0x8aa2be},
    [SCENE_DESERT] = {0x86bcd8, 0xf5d9a6, 0xc07a48, 0xffe6b0, 0xdca468, 0xa35f38},
    [SCENE_FIRE] = {0x2a1a24, 0x8a3a24, 0x2a1418, 0xffa64a, 0x5a2620, 0x1e1014},
};

static const struct palette NIGHT[] = {
    [SCENE_STUDIO] = {0x2c3454, 0x55507c, 0x1c1f38, 0x8fb4ff, 0x3b3f66, 0x1a1c34},
    [SCENE_BOKEH] = {0x1e2038, 0x4a3450, 0x15162a, 0xffb866, 0x2f2a48, 0x141428},
    [SCENE_FOREST] = {0x1d3a4e, 0x2f6a66, 0x0f2430, 0xa8e8c8, 0x23505a, 0x0d2029},
    [SCENE_SEA] = {0x1a2a54, 0x48689c, 0x0f2038, 0xcfe0ff, 0x2a4878, 0x0e1e38},
    [SCENE_MOUNTAINS] = {0x20254f, 0x6a4f8a, 0x181a38, 0xbfb4ff, 0x39386c, 0x15172f},
    [SCENE_CITY] = {0x171a36, 0x4a2f66, 0x10122a, 0xff9ac8, 0x2a2650, 0x0e1026},
    [SCENE_STARS] = {0x11122f, 0x3d2a6c, 0x0c0c22, 0x9fb8ff, 0x2a2054, 0x0b0b1e},
    [SCENE_SNOW] = {0x27406a, 0x7f9cc4, 0x1e3050, 0xdbe9ff, 0x49668f, 0x1e3252},
    [SCENE_DESERT] = {0x27305e, 0x8a5c7c, 0x3a2648, 0xffc89a, 0x5f4468, 0x2b1e3a},
    [SCENE_FIRE] = {0x1c1016, 0x74281c, 0x1c0c10, 0xff8c3a, 0x441a18, 0x150a0c},
};

struct backdrop backdrop_make(const struct portrait_spec *spec)
{
    const struct palette *palette = spec->scene_night ? &NIGHT[spec->scene] : &DAY[spec->scene];
    struct backdrop backdrop = {
        color_from_hex(palette->top),    color_from_hex(palette->middle),
        color_from_hex(palette->bottom), color_from_hex(palette->accent),
        color_from_hex(palette->far),    color_from_hex(palette->near),
    };
    if (spec->scene == SCENE_STUDIO) {
        /* A plain studio takes its hue from the seed, so that two sitters rarely share a wall. */
        struct dice dice = dice_make(spec->seed, "wall");
        double hue = dice_unit(&dice);
        double depth = spec->scene_night ? 0.30 : 0.0;
        backdrop.top = color_from_hsl(hue, 0.36, 0.66 - depth);
        backdrop.middle = color_from_hsl(hue + 0.09, 0.46, 0.76 - depth * 1.2);
        backdrop.bottom = color_from_hsl(hue - 0.06, 0.34, 0.44 - depth * 0.7);
        backdrop.accent = color_from_hsl(hue + 0.12, 0.80, 0.82);
        backdrop.far = color_from_hsl(hue - 0.03, 0.32, 0.60 - depth);
        backdrop.near = color_from_hsl(hue - 0.08, 0.34, 0.40 - depth * 0.6);
    }
    if (spec->style == STYLE_NEON) {
        backdrop.accent = color_from_hex(0x35e8f0);
        backdrop.middle = color_mix(backdrop.middle, color_from_hex(0xd02a9a), 0.45);
        backdrop.top = color_mix(backdrop.top, color_from_hex(0x1a1250), 0.6);
    }
    return backdrop;
}

static void draw_sky(const struct backdrop *backdrop, cairo_t *cairo, double side, double light)
{
    cairo_pattern_t *sky = cairo_pattern_create_linear(0.0, 0.0, 0.0, side);
    paint_stop(sky, 0.0, backdrop->top, 1.0);
    paint_stop(sky, 0.55, backdrop->middle, 1.0);
    paint_stop(sky, 1.0, backdrop->bottom, 1.0);
    cairo_set_source(cairo, sky);
    cairo_paint(cairo);
    cairo_pattern_destroy(sky);
    paint_spot(
        cairo,
        (struct spot){side * (0.5 + 0.34 * light), side * 0.24, side * 0.52, side * 0.46, 0.0},
        backdrop->accent, 0.55);
}

/* A rolling line from side to side at height y, filled down to the edge. */
static void draw_ridge(cairo_t *cairo, double side, double y, double rise, struct dice *dice,
                       struct color color, bool sharp)
{
    double height[9];
    for (int index = 0; index < 9; index++) {
        height[index] = y - dice_range(dice, 0.0, rise);
    }
    cairo_new_path(cairo);
    cairo_move_to(cairo, 0.0, side);
    cairo_line_to(cairo, 0.0, height[0]);
    for (int index = 1; index < 9; index++) {
        double x = side * index / 8.0;
        double before = side * (index - 1) / 8.0;
        double soft = sharp ? 0.1 : 0.5;
        cairo_curve_to(cairo, before + (x - before) * soft, height[index - 1],
                       x - (x - before) * soft, height[index], x, height[index]);
    }
    cairo_line_to(cairo, side, side);
    cairo_close_path(cairo);
    paint_source(cairo, color, 1.0);
    cairo_fill(cairo);
}

static void draw_trees(const struct backdrop *backdrop, cairo_t *cairo, double side,
                       struct dice *dice)
{
    for (int layer = 0; layer < 3; layer++) {
        struct color color = color_mix(backdrop->far, backdrop->near, layer / 2.0);
        for (int tree = 0; tree < 7; tree++) {
            double x = dice_range(dice, -0.05, 1.05) * side;
            double width = side * dice_range(dice, 0.018, 0.036) * (1.0 + 0.6 * layer);
            cairo_rectangle(cairo, x, 0.0, width, side);
            paint_source(cairo, color, 0.62 + 0.15 * layer);
            cairo_fill(cairo);
            paint_spot(cairo,
                       (struct spot){x, dice_range(dice, -0.05, 0.45) * side, side * 0.16,
                                     side * 0.11, 0.0},
                       color, 0.75);
        }
    }
    for (int beam = 0; beam < 4; beam++) {
        double x = side * dice_range(dice, 0.1, 0.9);
        paint_spot(cairo, (struct spot){x, side * 0.35, side * 0.05, side * 0.62, 0.38},
                   backdrop->accent, 0.30);
    }
    paint_spot(cairo, (struct spot){side * 0.5, side * 1.02, side * 0.8, side * 0.30, 0.0},
               backdrop->near, 0.8);
}

static void draw_towers(const struct backdrop *backdrop, cairo_t *cairo, double side,
                        struct dice *dice, bool night)
{
    for (int layer = 0; layer < 2; layer++) {
        double x = -0.05 * side;
        while (x < side) {
            double width = side * dice_range(dice, 0.06, 0.13);
            double top = side * dice_range(dice, 0.18, 0.52) + layer * 0.16 * side;
            cairo_rectangle(cairo, x, top, width * 0.94, side);
            paint_fill_vertical(cairo, top, side,
                                color_mix(backdrop->far, backdrop->near, layer * 0.8),
                                color_mix(backdrop->near, backdrop->middle, 0.25));
            for (int window = 0; window < 22; window++) {
                cairo_rectangle(cairo, x + dice_unit(dice) * width * 0.8,
                                top + dice_unit(dice) * side * 0.5, side * 0.012, side * 0.016);
                paint_source(cairo,
                             color_mix(backdrop->accent, color_from_hex(0xffe9b0), dice_unit(dice)),
                             night ? 0.85 : 0.28);
                cairo_fill(cairo);
            }
            x += width;
        }
    }
}

static void draw_stars(const struct backdrop *backdrop, cairo_t *cairo, double side,
                       struct dice *dice)
{
    for (int cloud = 0; cloud < 12; cloud++) {
        struct color color = color_mix(backdrop->middle,
                                       cloud % 3 == 0 ? color_from_hex(0xd85aa0) : backdrop->accent,
                                       dice_unit(dice) * 0.8);
        paint_spot(cairo,
                   (struct spot){dice_unit(dice) * side, dice_unit(dice) * side,
                                 side * dice_range(dice, 0.12, 0.34),
                                 side * dice_range(dice, 0.06, 0.16), -0.6},
                   color, 0.34);
    }
}

static void draw_sea(const struct backdrop *backdrop, cairo_t *cairo, double side,
                     struct dice *dice, double light)
{
    double horizon = side * 0.50;
    cairo_rectangle(cairo, 0.0, horizon, side, side);
    paint_fill_vertical(cairo, horizon, side, backdrop->far, backdrop->near);
    for (int glint = 0; glint < 60; glint++) {
        double share = dice_unit(dice);
        double y = horizon + share * share * side * 0.5;
        double x =
            side * (0.5 + 0.34 * light) + dice_range(dice, -1.0, 1.0) * side * (0.05 + 0.3 * share);
        cairo_rectangle(cairo, x, y, side * (0.02 + 0.05 * share), side * 0.006);
        paint_source(cairo, backdrop->accent, 0.5);
        cairo_fill(cairo);
    }
}

static void draw_scene(const struct backdrop *backdrop, const struct portrait_spec *spec,
                       cairo_t *cairo, double side, double light)
{
    struct dice dice = dice_make(spec->seed, "scene shapes");
    switch (spec->scene) {
    case SCENE_STUDIO:
    case SCENE_BOKEH:
    case SCENE_FIRE:
        paint_spot(
            cairo,
            (struct spot){side * (0.5 - 0.4 * light), side * 0.95, side * 0.7, side * 0.5, 0.0},
            backdrop->near, 0.55);
        for (int shape = 0; shape < 5; shape++) {
            paint_spot(cairo,
                       (struct spot){dice_unit(&dice) * side, dice_range(&dice, 0.1, 0.9) * side,
                                     side * dice_range(&dice, 0.1, 0.3),
                                     side * dice_range(&dice, 0.1, 0.3), 0.0},
                       shape % 2 == 0 ? backdrop->far : backdrop->accent, 0.30);
        }
        break;
    case SCENE_FOREST:
        draw_trees(backdrop, cairo, side, &dice);
        break;
    case SCENE_SEA:
        draw_sea(backdrop, cairo, side, &dice, light);
        break;
    case SCENE_MOUNTAINS:
    case SCENE_SNOW:
    case SCENE_DESERT:
        for (int ridge = 0; ridge < 3; ridge++) {
            bool sharp = spec->scene == SCENE_MOUNTAINS && ridge < 2;
            draw_ridge(cairo, side, side * (0.56 + 0.15 * ridge), side * (0.30 - 0.08 * ridge),
                       &dice,
                       color_mix(color_mix(backdrop->middle, backdrop->far, 0.7), backdrop->near,
                                 ridge / 2.0),
                       sharp);
        }
        break;
    case SCENE_CITY:
        draw_towers(backdrop, cairo, side, &dice, spec->scene_night);
        break;
    case SCENE_STARS:
        draw_stars(backdrop, cairo, side, &dice);
        break;
    }
}

/* A light out of focus: a disc with a slightly brighter rim. */
static void draw_disc(cairo_t *cairo, double x, double y, double radius, struct color color,
                      double alpha)
{
    cairo_pattern_t *gradient = cairo_pattern_create_radial(x, y, 0.0, x, y, radius);
    paint_stop(gradient, 0.0, color, alpha * 0.62);
    paint_stop(gradient, 0.80, color, alpha * 0.72);
    paint_stop(gradient, 0.92, color_tint(color, 0.4), alpha);
    paint_stop(gradient, 1.0, color, 0.0);
    cairo_set_source(cairo, gradient);
    cairo_new_path(cairo);
    cairo_arc(cairo, x, y, radius, 0.0, 2.0 * M_PI);
    cairo_fill(cairo);
    cairo_pattern_destroy(gradient);
}

static void draw_lights(const struct backdrop *backdrop, const struct portrait_spec *spec,
                        cairo_t *cairo, double side)
{
    static const int COUNTS[] = {
        [SCENE_STUDIO] = 9,    [SCENE_BOKEH] = 34, [SCENE_FOREST] = 18, [SCENE_SEA] = 8,
        [SCENE_MOUNTAINS] = 8, [SCENE_CITY] = 20,  [SCENE_STARS] = 6,   [SCENE_SNOW] = 14,
        [SCENE_DESERT] = 6,    [SCENE_FIRE] = 22,
    };
    struct dice dice = dice_make(spec->seed, "lights");
    for (int index = 0; index < COUNTS[spec->scene]; index++) {
        double x = dice_unit(&dice) * side;
        double y = dice_range(&dice, 0.02, 0.95) * side;
        double radius = side * dice_range(&dice, 0.012, 0.055);
        struct color color = color_mix(backdrop->accent,
                                       index % 3 == 0 ? backdrop->middle : color_from_hex(0xfff2da),
                                       dice_unit(&dice) * 0.7);
        draw_disc(cairo, x, y, radius, color, dice_range(&dice, 0.10, 0.40));
    }
    for (int star = 0; spec->scene == SCENE_STARS && star < 240; star++) {
        double x = dice_unit(&dice) * side;
        double y = dice_unit(&dice) * side;
        double radius = side * dice_range(&dice, 0.0006, 0.0024);
        paint_spot(cairo, (struct spot){x, y, radius * 2.4, radius * 2.4, 0.0},
                   color_from_hex(0xf4f4ff), dice_range(&dice, 0.4, 1.0));
    }
}

enum status backdrop_draw(const struct backdrop *backdrop, const struct portrait_spec *spec,
                          double light, cairo_t *cairo, int side)
{
    struct pixels sketch;
    enum status status = pixels_init(&sketch, SKETCH_SIDE, SKETCH_SIDE);
    if (status != STATUS_OK) {
        return status;
    }
    cairo_surface_t *surface = pixels_surface(&sketch);
    status = surface == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status != STATUS_OK) {
        goto out;
    }
    cairo_t *small = cairo_create(surface);
    draw_sky(backdrop, small, SKETCH_SIDE, light);
    draw_scene(backdrop, spec, small, SKETCH_SIDE, light);
    cairo_destroy(small);
    cairo_surface_flush(surface);
    status = pixels_blur(&sketch, SKETCH_BLUR);
    cairo_surface_mark_dirty(surface);
    if (status != STATUS_OK) {
        goto out;
    }
    cairo_save(cairo);
    cairo_scale(cairo, (double)side / SKETCH_SIDE, (double)side / SKETCH_SIDE);
    cairo_set_source_surface(cairo, surface, 0.0, 0.0);
    cairo_pattern_set_extend(cairo_get_source(cairo), CAIRO_EXTEND_PAD);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_BILINEAR);
    cairo_paint(cairo);
    cairo_restore(cairo);
    draw_lights(backdrop, spec, cairo, side);
    /* A glow behind the head parts it from the scene. */
    paint_spot(cairo, (struct spot){side * 0.5, side * 0.42, side * 0.46, side * 0.50, 0.0},
               color_mix(backdrop->accent, backdrop->middle, 0.35), 0.50);
out:
    cairo_surface_destroy(surface);
    pixels_fini(&sketch);
    return status;
}

void backdrop_draw_motes(const struct backdrop *backdrop, const struct portrait_spec *spec,
                         cairo_t *cairo, int side)
{
    struct dice dice = dice_make(spec->seed, "motes");
    bool snow = spec->scene == SCENE_SNOW;
    bool embers = spec->scene == SCENE_FIRE;
    int count = snow ? 70 : embers ? 46 : 22;
    for (int index = 0; index < count; index++) {
        double x = dice_unit(&dice) * side;
        double y = dice_unit(&dice) * side;
        double radius = side * dice_range(&dice, 0.0015, snow ? 0.008 : 0.005);
        struct color color = snow ? color_from_hex(0xffffff) : color_tint(backdrop->accent, 0.3);
        bool face = fabs(x / side - 0.5) < 0.16 && fabs(y / side - 0.5) < 0.2;
        paint_spot(cairo, (struct spot){x, y, radius * 2.0, radius * 2.0, 0.0}, color,
                   dice_range(&dice, 0.25, 0.8) * (face ? 0.25 : 1.0));
    }
}
