#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/studio/dice.h"
#include "actors/studio/motion.h"
#include "actors/studio/motion_canvas.h"

enum {
    CELL_SHIFT = 3,
    CELL = 1 << CELL_SHIFT, /* pixels: between its corners, movement and light run straight */
    MOTE_COUNT = 64,
    BLINK_FRAMES = 8,
    BLINKS_MAX = 4,
};

/* The canvas is this much larger than a frame: room for the camera. */
static const double MARGIN = 1.16;

/* What changes from place to place, in 16.16 fixed point. */
enum {
    NODE_X, /* where in the canvas to look */
    NODE_Y,
    NODE_GAIN,  /* of the luma above black */
    NODE_LIGHT, /* how far the luma goes towards white, times 256 */
    NODE_WARM,  /* taken from blue and given to red */
    NODE_VALUES,
};

/* Values at one corner of a cell. */
struct node {
    int32_t value[NODE_VALUES];
};

struct mote {
    double x; /* in shares of the frame, at the middle of its life */
    double y;
    double drift_x; /* over its whole life */
    double drift_y;
    double born;   /* place in the loop */
    double radius; /* pixels at 720 lines */
    double bright;
};

struct motion {
    struct motion_plan plan;
    struct canvas canvas;
    struct mote motes[MOTE_COUNT];
    struct node *nodes; /* (columns + 1) x (rows + 1) */
    int columns;
    int rows;
    double side; /* which way the camera leans first: -1 or 1 */
    int breaths; /* in the whole loop */
    int blink_frames[BLINKS_MAX];
    int blink_count;
    struct motion_eyes eyes; /* on the canvas, in its pixels */
};

static void make_motes(struct motion *motion)
{
    struct dice dice = dice_make(motion->plan.seed, "film motes");
    static const struct {
        double drift_x;
        double drift_y;
        double radius;
    } KINDS[] = {
        [MOTES_DUST] = {0.05, -0.06, 3.4},
        [MOTES_SNOW] = {0.06, 0.42, 4.6},
        [MOTES_EMBERS] = {0.08, -0.46, 3.2},
        [MOTES_PETALS] = {0.24, 0.26, 6.0},
    };
    double side = motion->side;
    for (int index = 0; index < MOTE_COUNT; index++) {
        struct mote *mote = &motion->motes[index];
        double size = dice_unit(&dice);
        *mote = (struct mote){
            .x = dice_unit(&dice),
            .y = dice_unit(&dice),
            .drift_x = KINDS[motion->plan.motes].drift_x * side * dice_range(&dice, 0.4, 1.4),
            .drift_y = KINDS[motion->plan.motes].drift_y * dice_range(&dice, 0.5, 1.3),
            .born = dice_unit(&dice),
            .radius = KINDS[motion->plan.motes].radius * (0.45 + size * size * 1.5),
            .bright = dice_range(&dice, 24.0, 92.0) * (1.0 - 0.5 * size),
        };
    }
}

static void place_eyes(struct motion *motion)
{
    const struct canvas *canvas = &motion->canvas;
    for (int eye = 0; eye < MOTION_EYE_COUNT; eye++) {
        motion->eyes.x[eye] = canvas->left + motion->plan.eyes.x[eye] * canvas->picture_width;
        motion->eyes.y[eye] = canvas->top + motion->plan.eyes.y[eye] * canvas->picture_height;
    }
    motion->eyes.half_width = motion->plan.eyes.half_width * canvas->picture_width;
    motion->eyes.top = motion->plan.eyes.top * canvas->picture_height;
    motion->eyes.bottom = motion->plan.eyes.bottom * canvas->picture_height;
    motion->eyes.brow = motion->plan.eyes.brow * canvas->picture_height;
    /* A frown leaves no lid to draw down. */
    if (!motion->plan.eyes_known || motion->eyes.brow < motion->eyes.top * 1.16) {
        return;
    }
    struct dice dice = dice_make(motion->plan.seed, "blinks");
    int seconds = motion->plan.frame_count / MOTION_FRAMES_A_SECOND;
    motion->blink_count = seconds >= 7 ? 3 : seconds >= 4 ? 2 : 1;
    for (int blink = 0; blink < motion->blink_count; blink++) {
        double share = (blink + dice_range(&dice, 0.30, 0.62)) / motion->blink_count;
        motion->blink_frames[blink] = (int)(share * motion->plan.frame_count);
    }
}

enum status motion_new(const struct pixels *picture, const struct motion_plan *plan,
                       struct motion **out)
{
    assert(plan->width > 0 && plan->width % 2 == 0 && plan->height > 0 && plan->height % 2 == 0);
    struct motion *motion = calloc(1, sizeof *motion);
    if (motion == NULL) {
        return STATUS_NO_MEMORY;
    }
    motion->plan = *plan;
    motion->columns = (plan->width + CELL - 1) / CELL;
    motion->rows = (plan->height + CELL - 1) / CELL;
    motion->side = (plan->seed >> 5 & 1) != 0 ? 1.0 : -1.0;
    motion->breaths = (int)lround(plan->frame_count / (MOTION_FRAMES_A_SECOND * 2.6));
    motion->nodes =
        calloc((size_t)(motion->columns + 1) * (size_t)(motion->rows + 1), sizeof *motion->nodes);
    enum status status = motion->nodes == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK) {
        int width = (int)(plan->width * MARGIN) & ~1;
        int height = (int)(plan->height * MARGIN) & ~1;
        status = canvas_init(&motion->canvas, picture, width, height);
    }
    if (status != STATUS_OK) {
        motion_destroy(&motion);
        return status;
    }
    make_motes(motion);
    place_eyes(motion);
    *out = motion;
    return STATUS_OK;
}

void motion_destroy(struct motion **motion)
{
    if (*motion != NULL) {
        canvas_fini(&(*motion)->canvas);
        free((*motion)->nodes);
        free(*motion);
        *motion = NULL;
    }
}

static double bell(double x, double y, double radius_x, double radius_y)
{
    return exp(-(x * x) / (radius_x * radius_x) - (y * y) / (radius_y * radius_y));
}

static double ramp(double value, double low, double high)
{
    double place = fmin(1.0, fmax(0.0, (value - low) / (high - low)));
    return place * place * (3.0 - 2.0 * place);
}

/* How far the eyes are closed in a frame, 0..1. */
static double blink_at(const struct motion *motion, int frame)
{
    static const double CLOSED[BLINK_FRAMES] = {0.30, 0.82, 1.0, 1.0, 0.80, 0.50, 0.24, 0.07};
    for (int blink = 0; blink < motion->blink_count; blink++) {
        int since = frame - motion->blink_frames[blink];
        if (since >= 0 && since < BLINK_FRAMES) {
            return CLOSED[since];
        }
    }
    return 0.0;
}

/* Pulls the skin between brow and lashes down over an eye: the canvas row to look at for row y. */
static double blink_row(const struct motion *motion, double x, double y, double closed)
{
    const struct motion_eyes *eyes = &motion->eyes;
    for (int eye = 0; eye < MOTION_EYE_COUNT; eye++) {
        double across = (x - eyes->x[eye]) / (eyes->half_width * 1.45);
        double height = y - eyes->y[eye];
        if (fabs(across) >= 1.0 || height <= -eyes->brow || height >= eyes->bottom) {
            continue;
        }
        double share = ramp(1.0 - fabs(across), 0.0, 0.45);
        double lashes = -eyes->top + closed * share * (eyes->top + eyes->bottom) * 0.90;
        double skin = (height + eyes->brow) * (eyes->brow - eyes->top) / (lashes + eyes->brow);
        double eyeball = (height - lashes) * (eyes->bottom + eyes->top) / (eyes->bottom - lashes);
        return eyes->y[eye] + (height < lashes ? skin - eyes->brow : eyeball - eyes->top);
    }
    return y;
}

static int32_t fixed(double value)
{
    return (int32_t)lround(value * 65536.0);
}

/* Where the camera is in a frame, computed once a frame. */
struct camera {
    double phase; /* 0..2 pi over the loop */
    double zoom;
    double cosine;
    double sine;
    double pan_x; /* canvas pixels */
    double pan_y;
    double closed; /* eyes */
    double sweep;  /* where the band of light is, in frame heights */
};

static struct camera camera_at(const struct motion *motion, int frame)
{
    double phase = 2.0 * M_PI * frame / motion->plan.frame_count;
    double strength = motion->plan.strength;
    double height = motion->plan.height;
    double angle = 0.0085 * strength * motion->side * sin(phase + 0.6);
    return (struct camera){
        .phase = phase,
        .zoom = 1.035 + 0.055 * fmin(strength, 1.6) * (0.5 - 0.5 * cos(phase)),
        .cosine = cos(angle),
        .sine = sin(angle),
        .pan_x = motion->side * 0.016 * strength * height * sin(phase),
        .pan_y = -0.010 * strength * height * sin(phase + 1.1),
        .closed = blink_at(motion, frame),
        .sweep = -1.5 + 3.6 * frame / motion->plan.frame_count,
    };
}

static void set_place(const struct motion *motion, const struct camera *camera, double u, double v,
                      struct node *node)
{
    double height = motion->plan.height;
    double strength = motion->plan.strength;
    double head = bell(u, v + 0.10, 0.30, 0.36);
    double person = bell(u, v - 0.10, 0.42, 0.80);
    double chest = ramp(v, 0.12, 0.42) * bell(u, 0.0, 0.55, 1.0);
    double loose = bell(u, v, 0.62, 0.72) * ramp(u * u + (v + 0.1) * (v + 0.1), 0.05, 0.16);
    double breath = sin(camera->phase * motion->breaths);
    double x = u * height / camera->zoom;
    double y = v * height / camera->zoom;
    double turned_x = x * camera->cosine - y * camera->sine;
    double turned_y = x * camera->sine + y * camera->cosine;
    /* What is near moves against what is far. */
    turned_x += camera->pan_x * (1.0 - 1.7 * person);
    turned_y += camera->pan_y * (1.0 - 1.2 * person);
    turned_x -= motion->side * 0.0105 * strength * height * head * sin(camera->phase + 0.5);
    turned_y -= 0.0048 * strength * height * head * sin(2.0 * camera->phase + 0.3);
    turned_y += 0.0062 * strength * height * chest * breath;
    turned_x += 0.0030 * strength * height * chest * u * breath;
    turned_x += 0.0026 * strength * height * loose * sin(9.0 * v - 3.0 * camera->phase + 4.0 * u);
    double at_x = motion->canvas.width / 2.0 + turned_x;
    double at_y = motion->canvas.height / 2.0 + turned_y;
    if (camera->closed > 0.0) {
        at_y = blink_row(motion, at_x, at_y, camera->closed);
    }
    node->value[NODE_X] = fixed(fmin(fmax(at_x, 0.0), motion->canvas.width - 2.0));
    node->value[NODE_Y] = fixed(fmin(fmax(at_y, 0.0), motion->canvas.height - 2.0));
}

/* Light is told in steps of luma at black; the whole range has 219. */
static const double LIGHT_SCALE = 256.0 / 219.0;

static void set_light(const struct motion *motion, const struct camera *camera, double u, double v,
                      struct node *node)
{
    double across = u * motion->side + 0.45 * v - camera->sweep;
    double band = exp(-across * across / 0.045);
    double leak_y = v + 0.62 - 0.05 * sin(camera->phase);
    double leak_x = u * motion->side + 0.80 + 0.06 * cos(camera->phase);
    double leak = bell(leak_x, leak_y, 0.62, 0.55) * (0.72 + 0.28 * sin(camera->phase - 0.8));
    double edge = fmin(1.0, (u * u * 0.42 + v * v * 1.1));
    node->value[NODE_GAIN] =
        fixed(1.0 - 0.26 * edge * edge + 0.015 * sin(2.0 * camera->phase) + 0.10 * band);
    node->value[NODE_LIGHT] = fixed(LIGHT_SCALE * (7.0 * band + 26.0 * leak));
    node->value[NODE_WARM] = fixed(1.2 * band + 9.0 * leak);
}

static void set_nodes(struct motion *motion, int frame)
{
    struct camera camera = camera_at(motion, frame);
    double height = motion->plan.height;
    for (int row = 0; row <= motion->rows; row++) {
        for (int column = 0; column <= motion->columns; column++) {
            struct node *node = &motion->nodes[(ptrdiff_t)row * (motion->columns + 1) + column];
            double u = (column * CELL - motion->plan.width / 2.0) / height;
            double v = (row * CELL - height / 2.0) / height;
            set_place(motion, &camera, u, v, node);
            set_light(motion, &camera, u, v, node);
        }
    }
}

/* Values along one row, between two corners of each cell. */
struct span {
    int32_t value[NODE_VALUES];
    int32_t step[NODE_VALUES];
};

/* shift: the size of a cell in this plane as a power of two. */
static struct span span_make(const struct motion *motion, int column, int y, int shift)
{
    int step = y & ((1 << shift) - 1);
    const struct node *above =
        &motion->nodes[(ptrdiff_t)(y >> shift) * (motion->columns + 1) + column];
    const struct node *below = above + motion->columns + 1;
    struct span span;
    for (int index = 0; index < NODE_VALUES; index++) {
        int32_t left_rise = below[0].value[index] - above[0].value[index];
        int32_t right_rise = below[1].value[index] - above[1].value[index];
        int32_t left = above[0].value[index] + (left_rise * step >> shift);
        int32_t right = above[1].value[index] + (right_rise * step >> shift);
        span.value[index] = left;
        span.step[index] = (right - left) >> shift;
    }
    return span;
}

/* The plane at a place in 16.16 fixed point, between its pixels; 8.8 fixed point. */
static inline int32_t sample(const uint8_t *plane, int stride, int32_t x, int32_t y)
{
    const uint8_t *at = plane + (ptrdiff_t)(y >> 16) * stride + (x >> 16);
    int32_t share_x = x >> 8 & 0xff;
    int32_t share_y = y >> 8 & 0xff;
    int32_t upper = (at[0] << 8) + (at[1] - at[0]) * share_x;
    int32_t lower = (at[stride] << 8) + (at[stride + 1] - at[stride]) * share_x;
    return upper + ((lower - upper) * share_y >> 8);
}

static inline uint8_t limited(int32_t value, int32_t high)
{
    return (uint8_t)(value < 16 ? 16 : value > high ? high : value);
}

static void draw_luma(const struct motion *motion, const struct motion_planes *planes, int y)
{
    uint8_t *row = planes->data[0] + (ptrdiff_t)y * planes->stride[0];
    const struct canvas *canvas = &motion->canvas;
    for (int column = 0; column < motion->columns; column++) {
        struct span span = span_make(motion, column, y, CELL_SHIFT);
        int last = (column + 1) * CELL;
        last = last > motion->plan.width ? motion->plan.width : last;
        for (int x = column * CELL; x < last; x++) {
            int32_t luma =
                sample(canvas->planes[0], canvas->width, span.value[NODE_X], span.value[NODE_Y]) -
                (16 << 8);
            luma = luma * (span.value[NODE_GAIN] >> 8) >> 8;
            /* Light fills what is dark more than what is bright. */
            luma += (span.value[NODE_LIGHT] >> 8) * ((219 << 8) - luma) >> 16;
            row[x] = limited((luma >> 8) + 16, 235);
            for (int index = 0; index < NODE_WARM; index++) {
                span.value[index] += span.step[index];
            }
        }
    }
}

static void draw_chroma(const struct motion *motion, const struct motion_planes *planes, int y)
{
    uint8_t *blue = planes->data[1] + (ptrdiff_t)y * planes->stride[1];
    uint8_t *red = planes->data[2] + (ptrdiff_t)y * planes->stride[2];
    const struct canvas *canvas = &motion->canvas;
    for (int column = 0; column < motion->columns; column++) {
        struct span span = span_make(motion, column, y, CELL_SHIFT - 1);
        int last = (column + 1) * (CELL / 2);
        last = last > motion->plan.width / 2 ? motion->plan.width / 2 : last;
        for (int x = column * (CELL / 2); x < last; x++) {
            int32_t at_x = span.value[NODE_X] >> 1;
            int32_t at_y = span.value[NODE_Y] >> 1;
            int32_t warm = span.value[NODE_WARM] >> 8;
            blue[x] = limited(
                (sample(canvas->planes[1], canvas->width / 2, at_x, at_y) - warm) >> 8, 240);
            red[x] = limited((sample(canvas->planes[2], canvas->width / 2, at_x, at_y) + warm) >> 8,
                             240);
            for (int index = 0; index < NODE_VALUES; index++) {
                span.value[index] += span.step[index];
            }
        }
    }
}

static void add_dot(const struct motion *motion, const struct motion_planes *planes,
                    double center_x, double center_y, double radius, double bright)
{
    int first = (int)fmax(0.0, center_y - radius);
    int last = (int)fmin(motion->plan.height - 1.0, center_y + radius);
    for (int y = first; y <= last; y++) {
        uint8_t *row = planes->data[0] + (ptrdiff_t)y * planes->stride[0];
        int left = (int)fmax(0.0, center_x - radius);
        int right = (int)fmin(motion->plan.width - 1.0, center_x + radius);
        for (int x = left; x <= right; x++) {
            double away_x = (x - center_x) / radius;
            double away_y = (y - center_y) / radius;
            double rest = 1.0 - away_x * away_x - away_y * away_y;
            if (rest > 0.0) {
                row[x] =
                    limited(row[x] + (int32_t)(bright * rest * rest * (235 - row[x]) / 200.0), 235);
            }
        }
    }
}

static void draw_motes(const struct motion *motion, const struct motion_planes *planes, int frame)
{
    for (int index = 0; index < MOTE_COUNT; index++) {
        const struct mote *mote = &motion->motes[index];
        double age = (double)frame / motion->plan.frame_count + mote->born;
        age -= floor(age);
        double glow = sin(M_PI * age);
        double x = mote->x + mote->drift_x * (age - 0.5) +
                   0.006 * sin(2.0 * M_PI * (2.0 * age + mote->born));
        double y = mote->y + mote->drift_y * (age - 0.5);
        add_dot(motion, planes, x * motion->plan.width, y * motion->plan.height,
                mote->radius * motion->plan.height / 720.0 * 1.6, mote->bright * glow * glow);
    }
}

void motion_draw(struct motion *motion, int frame, const struct motion_planes *planes)
{
    assert(frame >= 0 && frame < motion->plan.frame_count);
    set_nodes(motion, frame);
    for (int y = 0; y < motion->plan.height; y++) {
        draw_luma(motion, planes, y);
    }
    for (int y = 0; y < motion->plan.height / 2; y++) {
        draw_chroma(motion, planes, y);
    }
    draw_motes(motion, planes, frame);
}

void motion_eyes_format(const struct motion_eyes *eyes, char out[MOTION_EYES_TEXT_SIZE])
{
    snprintf(out, MOTION_EYES_TEXT_SIZE, "eyes %.4f %.4f %.4f %.4f %.4f %.4f %.4f %.4f", eyes->x[0],
             eyes->y[0], eyes->x[1], eyes->y[1], eyes->half_width, eyes->top, eyes->bottom,
             eyes->brow);
}

bool motion_eyes_parse(const char *text, struct motion_eyes *out)
{
    double value[8];
    if (sscanf(text, "eyes %lf %lf %lf %lf %lf %lf %lf %lf", &value[0], &value[1], &value[2],
               &value[3], &value[4], &value[5], &value[6], &value[7]) != 8) {
        return false;
    }
    for (int index = 0; index < 8; index++) {
        if (!(value[index] > 0.0 && value[index] < 1.0)) {
            return false;
        }
    }
    *out = (struct motion_eyes){
        {value[0], value[2]}, {value[1], value[3]}, value[4], value[5], value[6], value[7]};
    return true;
}
