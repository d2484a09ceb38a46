#include <math.h>

#include "actors/studio/dice.h"
#include "actors/studio/figure.h"

/* How a mood moves lids and brows; lengths in picture units, angles by raising inner and outer
 * ends. */
struct look {
    double open;       /* of the upper lid; 1 is relaxed */
    double squint;     /* how far the lower lid rises, 0..1 */
    double slant;      /* outer corner down (sad) when positive */
    double brow;       /* whole brow up */
    double brow_inner; /* inner end up */
    double brow_outer;
};

static struct look look_of(enum mood mood)
{
    static const struct look LOOKS[] = {
        [MOOD_NEUTRAL] = {0.96, 0.05, 0.0, 0.0, 0.0, 0.0},
        [MOOD_HAPPY] = {0.98, 0.22, 0.0, 3.0, 2.0, 0.0},
        [MOOD_JOYFUL] = {0.86, 0.50, -1.0, 8.0, 3.0, 1.0},
        [MOOD_SAD] = {0.84, 0.05, 4.0, 2.0, 11.0, -6.0},
        [MOOD_ANGRY] = {0.80, 0.22, -3.0, -6.0, -11.0, 8.0},
        [MOOD_SURPRISED] = {1.28, -0.12, 0.0, 15.0, 2.0, 0.0},
        [MOOD_DETERMINED] = {0.85, 0.16, -2.0, -3.0, -7.0, 4.0},
        [MOOD_CALM] = {0.80, 0.08, 1.0, 1.0, 2.0, -1.0},
        [MOOD_SLY] = {0.78, 0.26, -3.0, 0.0, -3.0, 6.0},
        [MOOD_SHY] = {0.88, 0.10, 2.0, 3.0, 8.0, -2.0},
    };
    return LOOKS[mood];
}

struct eye {
    const struct figure *figure;
    struct look look;
    double width;
    double top; /* how far the upper lid arches above the middle */
    double bottom;
    double gaze_x;
    double gaze_y;
};

/* In the eye's own space: the nose is at negative x, whichever eye it is. */
static void upper_lid(const struct eye *eye, double lift)
{
    double slant = eye->look.slant;
    cairo_curve_to(eye->figure->cairo, -eye->width * 0.62, -eye->top * 1.16 - lift,
                   eye->width * 0.34, -eye->top * 1.36 - lift, eye->width,
                   -3.0 + slant - lift * 0.4);
}

static void eye_path(const struct eye *eye)
{
    cairo_t *cairo = eye->figure->cairo;
    cairo_new_path(cairo);
    cairo_move_to(cairo, -eye->width, 7.0);
    upper_lid(eye, 0.0);
    cairo_curve_to(cairo, eye->width * 0.66, eye->bottom * 1.12, -eye->width * 0.36,
                   eye->bottom * 1.22, -eye->width, 7.0);
    cairo_close_path(cairo);
}

static void draw_iris(const struct eye *eye)
{
    cairo_t *cairo = eye->figure->cairo;
    struct color iris = eye->figure->spec->eyes;
    double radius = eye->figure->eye_height * 0.96;
    cairo_save(cairo);
    cairo_translate(cairo, eye->gaze_x, -1.0 + eye->gaze_y);
    cairo_pattern_t *gradient =
        cairo_pattern_create_radial(0.0, radius * 0.25, radius * 0.15, 0.0, 0.0, radius);
    paint_stop(gradient, 0.0, color_tint(color_saturate(iris, 0.35), 0.42), 1.0);
    paint_stop(gradient, 0.55, color_saturate(iris, 0.2), 1.0);
    paint_stop(gradient, 0.86, color_shade(iris, 0.55), 1.0);
    paint_stop(gradient, 1.0, color_shade(iris, 0.95), 1.0);
    cairo_set_source(cairo, gradient);
    cairo_arc(cairo, 0.0, 0.0, radius, 0.0, 2.0 * M_PI);
    cairo_fill(cairo);
    cairo_pattern_destroy(gradient);
    for (int ray = 0; ray < 28; ray++) {
        double angle = ray * 2.0 * M_PI / 28.0;
        double reach = radius * (ray % 3 == 0 ? 0.88 : 0.74);
        cairo_move_to(cairo, cos(angle) * radius * 0.42, sin(angle) * radius * 0.42);
        cairo_line_to(cairo, cos(angle) * reach, sin(angle) * reach);
    }
    paint_source(cairo, color_tint(iris, 0.55), 0.22);
    cairo_set_line_width(cairo, 1.1);
    cairo_stroke(cairo);
    paint_spot(cairo, (struct spot){0.0, radius * 0.58, radius * 0.66, radius * 0.36, 0.0},
               color_tint(color_saturate(iris, 0.4), 0.6), 0.75);
    paint_source(cairo, color_from_hex(0x120d14), 1.0);
    cairo_arc(cairo, 0.0, 0.0, radius * 0.43, 0.0, 2.0 * M_PI);
    cairo_fill(cairo);
    cairo_restore(cairo);
    /* What the lid shades. */
    paint_spot(cairo, (struct spot){0.0, -eye->top * 1.05, eye->width * 1.1, eye->top * 0.95, 0.0},
               color_from_hex(0x20141e), 0.62);
}

static void draw_catchlights(const struct eye *eye, double side)
{
    cairo_t *cairo = eye->figure->cairo;
    double radius = eye->figure->eye_height * 0.96;
    /* Both eyes mirror the same lamp, so the eye's own mirroring is undone. */
    double lamp = eye->figure->light * side;
    double x = eye->gaze_x + lamp * radius * 0.34;
    double y = eye->gaze_y - radius * 0.40;
    paint_source(cairo, color_from_hex(0xffffff), 0.96);
    paint_ellipse(cairo, x, y, radius * 0.25, radius * 0.28);
    cairo_fill(cairo);
    paint_source(cairo, color_from_hex(0xffffff), 0.70);
    paint_ellipse(cairo, eye->gaze_x - lamp * radius * 0.36, eye->gaze_y + radius * 0.34,
                  radius * 0.11, radius * 0.11);
    cairo_fill(cairo);
}

static void draw_lashes(const struct eye *eye)
{
    cairo_t *cairo = eye->figure->cairo;
    struct color dark =
        color_mix(color_from_hex(0x1a1116), color_shade(eye->figure->spec->hair, 0.9), 0.35);
    bool soft = eye->figure->spec->gender == GENDER_MASCULINE;
    double thick = soft ? 4.2 : 6.6;
    paint_source(cairo, dark, 0.94);
    cairo_new_path(cairo);
    cairo_move_to(cairo, -eye->width - 1.0, 8.0);
    upper_lid(eye, thick);
    cairo_line_to(cairo, eye->width + (soft ? 3.0 : 11.0),
                  -8.0 + eye->look.slant - (soft ? 0.0 : 5.0));
    cairo_line_to(cairo, eye->width, 0.0 + eye->look.slant);
    cairo_curve_to(cairo, eye->width * 0.34, -eye->top * 1.36, -eye->width * 0.62, -eye->top * 1.16,
                   -eye->width, 7.0);
    cairo_close_path(cairo);
    cairo_fill(cairo);
    for (int lash = 0; !soft && lash < 3; lash++) {
        double x = eye->width * (0.54 + 0.18 * lash);
        double y = -eye->top * (0.84 - 0.25 * lash) - 4.0 + eye->look.slant * 0.25 * lash;
        struct point curve[4] = {
            {x, y}, {x + 3.0, y - 4.0}, {x + 7.0, y - 7.0}, {x + 10.0 + lash, y - 9.0}};
        const double width[3] = {4.2, 2.4, 0.4};
        paint_taper(cairo, curve, width);
    }
    struct point lower[4] = {{-eye->width * 0.5, eye->bottom * 0.92},
                             {0.0, eye->bottom * 1.10},
                             {eye->width * 0.6, eye->bottom * 0.95},
                             {eye->width, eye->look.slant - 1.0}};
    const double lower_width[3] = {0.4, 1.7, 2.6};
    paint_source(cairo, dark, 0.50);
    paint_taper(cairo, lower, lower_width);
    struct point crease[4] = {{-eye->width * 0.86, -eye->top * 0.62 - 5.0},
                              {-eye->width * 0.4, -eye->top * 1.30 - 9.0},
                              {eye->width * 0.4, -eye->top * 1.42 - 9.0},
                              {eye->width * 1.04, -eye->top * 0.30 - 9.0}};
    const double crease_width[3] = {0.4, 2.6, 0.8};
    paint_source(cairo, eye->figure->skin_deep, 0.50);
    paint_taper(cairo, crease, crease_width);
}

static void draw_brow(const struct figure *figure, const struct look *look)
{
    cairo_t *cairo = figure->cairo;
    bool heavy = figure->spec->gender == GENDER_MASCULINE;
    double luma = color_luma(figure->spec->hair);
    struct color color = color_mix(color_shade(figure->spec->hair, luma > 0.6 ? 0.45 : 0.35),
                                   figure->skin_deep, 0.25);
    double base = -figure->eye_height - 27.0 - look->brow;
    double width = figure->eye_width;
    struct point curve[4] = {
        {-width * 0.98, base + 7.0 - look->brow_inner},
        {-width * 0.30, base - 7.0 - look->brow_inner * 0.4},
        {width * 0.55, base - 14.0 - look->brow_outer * 0.7},
        {width * 1.26, base + 4.0 - look->brow_outer},
    };
    double full = figure->brow;
    const double thick[3] = {(heavy ? 13.0 : 8.0) * full, (heavy ? 12.5 : 7.6) * full, 1.0};
    paint_source(cairo, color, 0.86);
    paint_taper(cairo, curve, thick);
    paint_source(cairo, color_shade(color, 0.5), 0.35);
    cairo_set_line_width(cairo, 1.2);
    for (int hair = 0; hair < 14; hair++) {
        double place = hair / 14.0;
        struct point point = curve_at(curve, place);
        cairo_move_to(cairo, point.x, point.y + 3.5);
        cairo_line_to(cairo, point.x + 6.0 + 4.0 * place, point.y - 4.5 + 4.0 * place);
    }
    cairo_stroke(cairo);
}

static void draw_eye(const struct figure *figure, double side)
{
    cairo_t *cairo = figure->cairo;
    struct eye eye = {.figure = figure, .look = look_of(figure->spec->mood)};
    double u = side * figure->eye_u;
    if (figure->spec->mood == MOOD_SLY && side == figure->light) {
        eye.look.brow += 9.0; /* one raised brow */
    }
    eye.width = figure->eye_width;
    eye.look.slant += figure->eye_slant;
    eye.top = figure->eye_height * eye.look.open * (1.0 - 0.10 * fmax(0.0, figure->nod));
    eye.bottom = figure->eye_height * (0.80 - 0.55 * eye.look.squint);
    eye.gaze_x = side * figure->turn * -2.0;
    eye.gaze_y = figure->nod * 4.0 + (figure->spec->mood == MOOD_SHY ? 3.0 : 0.0);
    cairo_save(cairo);
    cairo_translate(cairo, figure_x(figure, u), figure->nod * 10.0);
    cairo_scale(cairo, side * figure_narrow(figure, u), 1.0);
    if (figure->spec->gender == GENDER_FEMININE) {
        struct color shadow = color_mix(figure->skin_deep, color_from_hex(0x7a3a5a), 0.4);
        paint_spot(cairo, (struct spot){8.0, -eye.top, eye.width * 1.15, 22.0, -0.1}, shadow, 0.34);
    }
    eye_path(&eye);
    cairo_save(cairo);
    cairo_clip(cairo);
    paint_source(cairo, color_mix(color_from_hex(0xf6f1ec), figure->ambient, 0.05), 1.0);
    cairo_paint(cairo);
    paint_spot(cairo, (struct spot){-eye.width, 6.0, 12.0, 9.0, 0.0}, color_from_hex(0xd98a80),
               0.8);
    draw_iris(&eye);
    draw_catchlights(&eye, side);
    cairo_restore(cairo);
    draw_lashes(&eye);
    draw_brow(figure, &eye.look);
    cairo_restore(cairo);
}

void figure_eye_lids(const struct figure *figure, struct figure_lids *out)
{
    struct look look = look_of(figure->spec->mood);
    double base = figure->eye_height + 27.0 + look.brow;
    double thick = 6.5 * figure->brow;
    out->top = figure->eye_height * look.open * 1.02 + 6.6;
    out->bottom = figure->eye_height * (0.80 - 0.55 * look.squint);
    out->brow = fmin(base - 7.0 + look.brow_inner, base - 4.0 + look.brow_outer) - thick;
}

void figure_draw_eyes(const struct figure *figure)
{
    draw_eye(figure, -1.0);
    draw_eye(figure, 1.0);
}
