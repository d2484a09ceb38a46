#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "actors/studio/dice.h"
#include "actors/studio/portrait_finish.h"
#include "actors/studio/portrait_style.h"

enum {
    HALF = 2, /* masks and blooms are made at half and quarter size: nobody can tell */
    QUARTER = 4,
    RIM_BLUR = 4,
    BLOOM_BLUR = 9,
};

static int clamp_byte(double value)
{
    return value < 0.0 ? 0 : value > 255.0 ? 255 : (int)(value + 0.5);
}

static uint32_t pixel_make(unsigned alpha, double red, double green, double blue)
{
    return alpha << 24 | (uint32_t)clamp_byte(red) << 16 | (uint32_t)clamp_byte(green) << 8 |
           (uint32_t)clamp_byte(blue);
}

/* Every step-th pixel of every step-th row. */
static enum status shrink(const struct pixels *from, int step, struct pixels *out)
{
    enum status status = pixels_init(out, from->width / step, from->height / step);
    if (status != STATUS_OK) {
        return status;
    }
    for (int y = 0; y < out->height; y++) {
        const uint32_t *row = from->data + (ptrdiff_t)y * step * from->width;
        for (int x = 0; x < out->width; x++) {
            out->data[(ptrdiff_t)y * out->width + x] = row[(ptrdiff_t)x * step];
        }
    }
    return STATUS_OK;
}

/* One channel of a small picture at a place in a large one, between its pixels. */
static double channel_at(const struct pixels *small, double x, double y, int shift)
{
    x = fmin(fmax(x, 0.0), small->width - 1.001);
    y = fmin(fmax(y, 0.0), small->height - 1.001);
    int left = (int)x;
    int top = (int)y;
    const uint32_t *at = small->data + (ptrdiff_t)top * small->width + left;
    double share_x = x - left;
    double share_y = y - top;
    double upper = (at[0] >> shift & 0xff) * (1.0 - share_x) + (at[1] >> shift & 0xff) * share_x;
    const uint32_t *below = at + small->width;
    double lower =
        (below[0] >> shift & 0xff) * (1.0 - share_x) + (below[1] >> shift & 0xff) * share_x;
    return upper * (1.0 - share_y) + lower * share_y;
}

enum status portrait_finish_person(const struct finish *finish, struct pixels *person)
{
    struct pixels mask = {0};
    enum status status = shrink(person, HALF, &mask);
    if (status == STATUS_OK) {
        status = pixels_blur(&mask, RIM_BLUR);
    }
    for (int y = 0; status == STATUS_OK && y < person->height; y++) {
        uint32_t *row = person->data + (ptrdiff_t)y * person->width;
        for (int x = 0; x < person->width; x++) {
            unsigned alpha = row[x] >> 24;
            if (alpha < 8) {
                continue;
            }
            /* How little of the person lies a step away from the lamp and up: an edge that faces
             * the light behind. */
            double beyond =
                channel_at(&mask, (x - finish->light * 7.0) / HALF, (y - 5.0) / HALF, 24);
            double edge = 1.0 - beyond / 255.0;
            double amount = edge * edge * 1.30 * (alpha / 255.0);
            if (amount < 0.01) {
                continue;
            }
            amount = fmin(amount, 0.80);
            double red = row[x] >> 16 & 0xff;
            double green = row[x] >> 8 & 0xff;
            double blue = row[x] & 0xff;
            row[x] = pixel_make(alpha, fmin(alpha, red + (alpha - red) * amount * finish->rim.red),
                                fmin(alpha, green + (alpha - green) * amount * finish->rim.green),
                                fmin(alpha, blue + (alpha - blue) * amount * finish->rim.blue));
        }
    }
    pixels_fini(&mask);
    return status;
}

static enum status bloom(struct pixels *picture, double strength)
{
    struct pixels glow = {0};
    enum status status = shrink(picture, QUARTER, &glow);
    if (status == STATUS_OK) {
        status = pixels_blur(&glow, BLOOM_BLUR);
    }
    for (int y = 0; status == STATUS_OK && y < picture->height; y++) {
        uint32_t *row = picture->data + (ptrdiff_t)y * picture->width;
        for (int x = 0; x < picture->width; x++) {
            double light[3];
            for (int channel = 0; channel < 3; channel++) {
                int shift = 16 - 8 * channel;
                double value = row[x] >> shift & 0xff;
                double around = channel_at(&glow, (double)x / QUARTER, (double)y / QUARTER, shift);
                double extra = fmax(0.0, around - 96.0) * strength;
                light[channel] = value + extra * (255.0 - value) / 255.0;
            }
            row[x] = pixel_make(255, light[0], light[1], light[2]);
        }
    }
    pixels_fini(&glow);
    return status;
}

/* Darkens the corners and breaks up gradients by less than one step of brightness. */
static void vignette(const struct portrait_spec *spec, struct pixels *picture, double strength)
{
    struct dice dice = dice_make(spec->seed, "grain");
    double half = picture->width / 2.0;
    for (int y = 0; y < picture->height; y++) {
        uint32_t *row = picture->data + (ptrdiff_t)y * picture->width;
        for (int x = 0; x < picture->width; x++) {
            double away_x = (x - half) / half;
            double away_y = (y - half * 0.94) / half;
            double away = away_x * away_x + away_y * away_y;
            double dim = 1.0 - strength * away * away * 0.105;
            double grain = ((double)(dice_next(&dice) >> 56) - 127.5) * 0.010;
            row[x] = pixel_make(255, (row[x] >> 16 & 0xff) * dim + grain,
                                (row[x] >> 8 & 0xff) * dim + grain, (row[x] & 0xff) * dim + grain);
        }
    }
}

enum status portrait_finish_picture(const struct portrait_spec *spec, struct pixels *picture)
{
    double strength = spec->style == STYLE_NEON ? 0.75 : spec->style == STYLE_PASTEL ? 0.55 : 0.34;
    enum status status = bloom(picture, strength);
    if (status == STATUS_OK) {
        status = portrait_style_apply(spec, picture);
    }
    if (status == STATUS_OK) {
        vignette(spec, picture, spec->style == STYLE_WATERCOLOR ? 0.0 : 1.0);
    }
    return status;
}
