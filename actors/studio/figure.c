#include <math.h>

#include "actors/studio/dice.h"
#include "actors/studio/figure.h"

/* The head's turn in radians at turn 1. */
static const double TURN_ANGLE = 0.34;
/* The point that the head tilts about, at the root of the neck. */
static const double PIVOT_Y = 230.0;

static void set_pose(struct figure *figure)
{
    static const struct {
        double turn;
        double nod;
        double tilt;
    } POSES[] = {
        [POSE_FRONT] = {0.0, 0.0, 0.0},
        [POSE_TURNED_LEFT] = {-1.0, 0.0, -0.03},
        [POSE_TURNED_RIGHT] = {1.0, 0.0, 0.03},
        [POSE_LOOKING_UP] = {0.25, -1.0, 0.02},
        [POSE_LOOKING_DOWN] = {-0.25, 1.0, -0.02},
        [POSE_TILTED] = {0.35, 0.1, 0.10},
        [POSE_ACTION] = {0.8, -0.3, 0.13},
    };
    enum pose pose = figure->spec->pose;
    bool mirrored =
        (figure->spec->seed >> 7 & 1) != 0 && pose != POSE_TURNED_LEFT && pose != POSE_TURNED_RIGHT;
    double side = mirrored ? -1.0 : 1.0;
    figure->turn = POSES[pose].turn * side;
    figure->nod = POSES[pose].nod;
    figure->tilt = POSES[pose].tilt * side;
}

/* No two faces alike: small changes by the seed that keep the proportions pleasant. */
static void vary(struct figure *figure)
{
    struct dice dice = dice_make(figure->spec->seed, "face");
    double wide = dice_range(&dice, 0.955, 1.035);
    figure->cheek *= wide;
    figure->jaw *= wide * dice_range(&dice, 0.94, 1.05);
    figure->chin *= dice_range(&dice, 0.80, 1.20);
    figure->chin_y += dice_range(&dice, -8.0, 8.0);
    figure->nose_y += dice_range(&dice, -5.0, 6.0);
    figure->mouth_y += dice_range(&dice, -3.0, 4.0);
    figure->eye_u += dice_range(&dice, -0.012, 0.022);
    figure->eye_width *= dice_range(&dice, 0.94, 1.06);
    figure->eye_height *= dice_range(&dice, 0.93, 1.08);
    figure->nose = dice_range(&dice, 0.82, 1.18);
    figure->lips = dice_range(&dice, 0.85, 1.22);
    figure->brow = dice_range(&dice, 0.80, 1.25);
    figure->eye_slant = dice_range(&dice, -4.0, 3.0);
}

static void set_measures(struct figure *figure)
{
    const struct portrait_spec *spec = figure->spec;
    double masculine = spec->gender == GENDER_MASCULINE  ? 1.0
                       : spec->gender == GENDER_FEMININE ? 0.0
                                                         : 0.45;
    double child = figure->child;
    masculine *= 1.0 - child;
    figure->cheek = 150.0 + 2.0 * masculine;
    figure->jaw = 116.0 + 20.0 * masculine + 8.0 * child;
    figure->chin = 27.0 + 17.0 * masculine + 6.0 * child;
    figure->chin_y = 200.0 + 14.0 * masculine - 16.0 * child;
    figure->nose_y = 82.0 + 4.0 * masculine - 10.0 * child;
    figure->mouth_y = 129.0 + 7.0 * masculine - 10.0 * child;
    figure->eye_u = 0.455;
    figure->eye_width = 44.0 - 3.5 * masculine + 3.0 * child;
    figure->eye_height = 25.5 - 4.0 * masculine + 3.0 * child - 3.0 * figure->age;
    if (spec->style == STYLE_ANIME) {
        figure->eye_width *= 1.12;
        figure->eye_height *= 1.38;
    }
    vary(figure);
    figure->neck = 54.0 + 22.0 * masculine - 6.0 * child;
    figure->shoulder = 238.0 + 58.0 * masculine - 40.0 * child;
}

struct figure figure_make(const struct portrait_spec *spec, cairo_t *cairo, struct color ambient)
{
    struct figure figure = {.spec = spec, .cairo = cairo, .ambient = ambient};
    figure.light = (spec->seed >> 3 & 1) != 0 ? 1.0 : -1.0;
    figure.age = spec->age <= 20 ? 0.0 : (spec->age - 20.0) / (SPEC_AGE_MAX - 20.0);
    figure.child = spec->age >= 17 ? 0.0 : (17.0 - spec->age) / 11.0;
    bool tall = spec->hat || spec->crown || spec->horns || spec->hood || spec->ears == EARS_CAT ||
                spec->hair_arrangement == HAIR_MOHAWK || spec->hair_arrangement == HAIR_SPIKY ||
                spec->hair_arrangement == HAIR_BUN || spec->hair_texture == HAIR_TEXTURE_COILY;
    static const double NEAR[] = {1.0, 1.10, 0.90};
    figure.scale = (tall ? 1.0 : 1.13) * NEAR[spec->distance];
    figure.origin = point_make(512.0, (tall ? 474.0 : 424.0) + 40.0 * (NEAR[spec->distance] - 1.0));
    set_pose(&figure);
    set_measures(&figure);
    double luma = color_luma(spec->skin);
    figure.skin = spec->skin;
    figure.skin_light = color_tint(spec->skin, 0.34 + 0.10 * luma);
    figure.skin_shade = color_shade(spec->skin, 0.36);
    figure.skin_deep = color_shade(spec->skin, 0.80);
    return figure;
}

double figure_x(const struct figure *figure, double u)
{
    return figure->cheek * sin(asin(u) + figure->turn * TURN_ANGLE);
}

double figure_narrow(const struct figure *figure, double u)
{
    return cos(asin(u) + figure->turn * TURN_ANGLE) / cos(asin(u));
}

void figure_enter_head(const struct figure *figure)
{
    cairo_save(figure->cairo);
    cairo_translate(figure->cairo, 0.0, PIVOT_Y);
    cairo_rotate(figure->cairo, figure->tilt);
    cairo_translate(figure->cairo, 0.0, -PIVOT_Y);
}

/* A point of the outline: the far side of a turned head is narrower, and lower parts move with
 * the face. */
static struct point outline(const struct figure *figure, double side, double x, double y,
                            double shift)
{
    double far = fmax(0.0, side * figure->turn);
    double near = fmax(0.0, -side * figure->turn);
    double low =
        fmin(1.0, fmax(0.0, (y - 20.0) / 120.0)); /* the jaw recedes more than the temple */
    double narrow = 1.0 - (0.09 + 0.13 * low) * far + 0.02 * near;
    return point_make(side * x * narrow + shift * figure->turn, y + figure->nod * y * 0.02);
}

static void curve_to(cairo_t *cairo, struct point first, struct point second, struct point end)
{
    cairo_curve_to(cairo, first.x, first.y, second.x, second.y, end.x, end.y);
}

/* One half of the outline, from the top of the skull to the chin (side 1) or back up (side -1). */
static void half_path(const struct figure *figure, double side, bool down)
{
    double cheek = figure->cheek;
    double jaw = figure->jaw;
    double chin_y = figure->chin_y;
    struct point points[] = {
        outline(figure, side, 0.0, FIGURE_SKULL_Y, 4.0),
        outline(figure, side, cheek * 0.66, FIGURE_SKULL_Y, 4.0),
        outline(figure, side, cheek * 1.06, -150.0, 8.0),
        outline(figure, side, cheek * 1.055, -40.0, 14.0),
        outline(figure, side, cheek * 1.06, 10.0, 18.0),
        outline(figure, side, cheek * 1.01 + figure->child * 4.0, 58.0, 26.0),
        outline(figure, side, jaw, chin_y * 0.56, 34.0),
        outline(figure, side, jaw * 0.86, chin_y * 0.76, 40.0),
        outline(figure, side, figure->chin * 1.75, chin_y * 0.985, 46.0),
        outline(figure, side, figure->chin * 0.9, chin_y, 48.0),
        outline(figure, side, figure->chin * 0.6, chin_y + 3.0, 48.0),
        outline(figure, side, figure->chin * 0.3, chin_y + 4.0, 48.0),
        outline(figure, side, 0.0, chin_y + 4.0, 48.0),
    };
    for (int index = 0; index < 4; index++) {
        int at = down ? 1 + 3 * index : 11 - 3 * index;
        int step = down ? 1 : -1;
        curve_to(figure->cairo, points[at], points[at + step], points[at + 2 * step]);
    }
}

void figure_face_path(const struct figure *figure)
{
    struct point top = outline(figure, 1.0, 0.0, FIGURE_SKULL_Y, 4.0);
    cairo_new_path(figure->cairo);
    cairo_move_to(figure->cairo, top.x, top.y);
    half_path(figure, 1.0, true);
    half_path(figure, -1.0, false);
    cairo_close_path(figure->cairo);
}

void figure_draw_features(const struct figure *figure)
{
    figure_draw_marks(figure);
    figure_draw_nose(figure);
    figure_draw_mouth(figure);
    figure_draw_beard(figure);
    figure_draw_eyes(figure);
}

static struct point head_to_picture(const struct figure *figure, double x, double y)
{
    double below = y - PIVOT_Y;
    double turned_x = x * cos(figure->tilt) - below * sin(figure->tilt);
    double turned_y = x * sin(figure->tilt) + below * cos(figure->tilt) + PIVOT_Y;
    return point_make(figure->origin.x + figure->scale * turned_x,
                      figure->origin.y + figure->scale * turned_y);
}

struct figure_landmarks figure_landmarks(const struct figure *figure)
{
    struct figure_landmarks landmarks = {.eye_width = figure->eye_width * figure->scale};
    figure_eye_lids(figure, &landmarks.lids);
    landmarks.lids.top *= figure->scale;
    landmarks.lids.bottom *= figure->scale;
    landmarks.lids.brow *= figure->scale;
    for (int index = 0; index < 2; index++) {
        double u = index == 0 ? -figure->eye_u : figure->eye_u;
        landmarks.eyes[index] = head_to_picture(figure, figure_x(figure, u), figure->nod * 10.0);
    }
    return landmarks;
}
