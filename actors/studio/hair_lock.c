#include <math.h>

#include "actors/studio/hair_lock.h"

enum {
    LOCK_STEPS = 40,
    STRANDS_MAX = 24,
};

struct ribbon {
    struct point center[LOCK_STEPS + 1];
    struct point normal[LOCK_STEPS + 1];
    double half[LOCK_STEPS + 1];
};

struct hair_tones hair_tones_make(const struct portrait_spec *spec)
{
    struct color hair = spec->hair;
    double luma = color_luma(hair);
    struct color tip = spec->hair_streaked ? spec->hair_streak : color_shade(hair, 0.22);
    struct color warm = color_saturate(color_tint(hair, 0.42 - 0.10 * luma), 0.05);
    return (struct hair_tones){hair, warm, color_shade(hair, 0.62 - 0.18 * luma), tip};
}

static double profile(const struct lock *lock, double place)
{
    double root =
        place < 0.22 ? lock->root + (1.0 - lock->root) * sin(place / 0.22 * M_PI / 2.0) : 1.0;
    double tip = place > lock->full
                     ? pow(cos((place - lock->full) / (1.0 - lock->full) * M_PI / 2.0), 0.75)
                     : 1.0;
    return root * tip;
}

/* The half of a lock that a place lies on; the place becomes that within the half. */
static const struct point *curve_of(const struct lock *lock, double *place)
{
    if (!lock->jointed) {
        return lock->control;
    }
    bool first = *place < 0.5;
    *place = first ? *place * 2.0 : *place * 2.0 - 1.0;
    return first ? lock->control : lock->control + 3;
}

static void ribbon_make(const struct lock *lock, struct ribbon *ribbon)
{
    for (int step = 0; step <= LOCK_STEPS; step++) {
        double place = (double)step / LOCK_STEPS;
        double within = place;
        const struct point *curve = curve_of(lock, &within);
        struct point normal = curve_normal(curve, within);
        struct point point = curve_at(curve, within);
        double swing =
            lock->wave * place * sin(2.0 * M_PI * lock->wave_count * place + lock->wave_phase);
        ribbon->center[step] = point_make(point.x + normal.x * swing, point.y + normal.y * swing);
        ribbon->normal[step] = normal;
        ribbon->half[step] = 0.5 * lock->width * profile(lock, place);
    }
}

static struct point ribbon_at(const struct ribbon *ribbon, int step, double across)
{
    double reach = ribbon->half[step] * across;
    return point_make(ribbon->center[step].x + ribbon->normal[step].x * reach,
                      ribbon->center[step].y + ribbon->normal[step].y * reach);
}

static void ribbon_line(cairo_t *cairo, const struct ribbon *ribbon, double across, int first,
                        int last)
{
    for (int step = first; step <= last; step++) {
        struct point point = ribbon_at(ribbon, step, across);
        if (step == first) {
            cairo_move_to(cairo, point.x, point.y);
        } else {
            cairo_line_to(cairo, point.x, point.y);
        }
    }
}

static void fill_ribbon(const struct figure *figure, const struct hair_tones *tones,
                        const struct lock *lock, const struct ribbon *ribbon)
{
    cairo_t *cairo = figure->cairo;
    struct point root = ribbon->center[0];
    struct point tip = ribbon->center[LOCK_STEPS];
    cairo_pattern_t *gradient = cairo_pattern_create_linear(root.x, root.y, tip.x, tip.y);
    double shade = lock->shade;
    paint_stop(gradient, 0.0,
               color_mix(color_mix(tones->base, tones->shade, 0.45), tones->shade, shade), 1.0);
    paint_stop(gradient, 0.16, color_mix(tones->base, tones->shade, shade), 1.0);
    paint_stop(gradient, 0.30,
               color_mix(color_mix(tones->base, tones->sheen, 0.55), tones->shade, shade), 1.0);
    paint_stop(gradient, 0.46, color_mix(tones->base, tones->shade, shade), 1.0);
    paint_stop(gradient, 0.72,
               color_mix(color_mix(tones->base, tones->tip, 0.5), tones->shade, shade * 0.8), 1.0);
    paint_stop(gradient, 1.0, color_mix(tones->tip, tones->shade, shade * 0.5), 1.0);
    cairo_set_source(cairo, gradient);
    cairo_new_path(cairo);
    for (int step = 0; step <= LOCK_STEPS; step++) {
        struct point point = ribbon_at(ribbon, step, 1.0);
        cairo_line_to(cairo, point.x, point.y);
    }
    for (int step = LOCK_STEPS; step >= 0; step--) {
        struct point point = ribbon_at(ribbon, step, -1.0);
        cairo_line_to(cairo, point.x, point.y);
    }
    cairo_close_path(cairo);
    cairo_fill(cairo);
    cairo_pattern_destroy(gradient);
}

static void draw_strands(const struct figure *figure, const struct hair_tones *tones,
                         const struct lock *lock, const struct ribbon *ribbon, struct dice *dice)
{
    cairo_t *cairo = figure->cairo;
    int count = (int)(lock->width / 3.4);
    count = count > STRANDS_MAX ? STRANDS_MAX : count;
    for (int strand = 0; strand < count; strand++) {
        double across = dice_range(dice, -0.92, 0.92);
        int first = (int)dice_range(dice, 0.0, LOCK_STEPS * 0.30);
        int last = (int)dice_range(dice, LOCK_STEPS * 0.55, LOCK_STEPS);
        bool bright = dice_unit(dice) < 0.5 - 0.3 * lock->shade;
        cairo_new_path(cairo);
        ribbon_line(cairo, ribbon, across, first, last);
        paint_source(cairo, bright ? tones->sheen : tones->shade,
                     bright ? dice_range(dice, 0.10, 0.34) : dice_range(dice, 0.12, 0.34));
        cairo_set_line_width(cairo, dice_range(dice, 0.8, 2.1));
        cairo_stroke(cairo);
    }
    /* The edge away from the light parts this lock from what lies below. */
    double edge = ribbon->normal[LOCK_STEPS / 2].x * figure->light > 0.0 ? -0.97 : 0.97;
    cairo_new_path(cairo);
    ribbon_line(cairo, ribbon, edge, LOCK_STEPS / 6, LOCK_STEPS);
    paint_source(cairo, tones->shade, 0.50);
    cairo_set_line_width(cairo, 2.2);
    cairo_stroke(cairo);
    cairo_new_path(cairo);
    ribbon_line(cairo, ribbon, -edge * 0.94, LOCK_STEPS / 8, LOCK_STEPS * 6 / 10);
    paint_source(cairo, tones->sheen, 0.30 * (1.0 - lock->shade));
    cairo_set_line_width(cairo, 1.8);
    cairo_stroke(cairo);
}

void hair_lock_draw(const struct figure *figure, const struct hair_tones *tones,
                    const struct lock *lock, struct dice *dice)
{
    struct ribbon ribbon;
    ribbon_make(lock, &ribbon);
    cairo_set_line_cap(figure->cairo, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(figure->cairo, CAIRO_LINE_JOIN_ROUND);
    fill_ribbon(figure, tones, lock, &ribbon);
    draw_strands(figure, tones, lock, &ribbon, dice);
}

void hair_fan_draw(const struct figure *figure, const struct hair_tones *tones,
                   const struct hair_fan *fan, struct dice *dice)
{
    for (int index = 0; index < fan->count; index++) {
        double share = fan->count == 1 ? 0.5 : (double)index / (fan->count - 1);
        struct lock lock = fan->lock;
        int controls = lock.jointed ? LOCK_CONTROLS : 4;
        for (int control = 0; control < controls; control++) {
            struct point point = point_mix(fan->from[control], fan->to[control], share);
            double stray = fan->jitter * control / (controls - 1.0);
            lock.control[control] = point_make(point.x + dice_range(dice, -stray, stray),
                                               point.y + dice_range(dice, -stray, stray));
        }
        lock.shade = fan->shade_from + (fan->shade_to - fan->shade_from) * share;
        lock.width *= dice_range(dice, 0.88, 1.12);
        lock.wave_phase += dice_range(dice, -0.7, 0.7);
        hair_lock_draw(figure, tones, &lock, dice);
    }
}
