#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "actors/studio/dice.h"
#include "actors/studio/portrait_style.h"

enum {
    OIL_RADIUS = 4, /* pixels: the size of a brush's touch */
    PIXEL_SIDE = 8,
    RELIEF_BLUR = 1,
};

static struct color pixel_color(uint32_t pixel)
{
    return color_from_hex(pixel & 0xffffff);
}

static uint32_t byte_of(double value)
{
    return value <= 0.0 ? 0 : value >= 1.0 ? 255 : (uint32_t)(value * 255.0 + 0.5);
}

static uint32_t color_pixel(struct color color)
{
    return 0xff000000u | byte_of(color.red) << 16 | byte_of(color.green) << 8 | byte_of(color.blue);
}

static struct color grade_noir(struct color color)
{
    double luma = color_luma(color);
    double curve = luma * luma * (3.0 - 2.0 * luma);
    double tone = 0.35 * luma + 0.65 * curve;
    return (struct color){tone * 1.01, tone, tone * 0.97 + 0.015};
}

static struct color grade_neon(struct color color)
{
    double luma = color_luma(color);
    struct color cool = color_mix(color, color_from_hex(0x2a1a6e), 0.42 * (1.0 - luma));
    struct color hot =
        color_mix(cool, color_from_hex(0xff5ac8), 0.24 * luma * (1.0 - luma) * 4.0 * 0.6);
    return color_saturate(hot, 0.32);
}

static struct color grade_pastel(struct color color)
{
    struct color soft = color_saturate(color, -0.12);
    return color_mix(color_mix(soft, color_from_hex(0xfff3ea), 0.20), color_from_hex(0xe8d4ee),
                     0.10);
}

static struct color grade_anime(struct color color)
{
    return color_saturate(color_mix(color, color_from_hex(0xffffff), 0.04), 0.24);
}

static void grade(struct pixels *picture, struct color (*change)(struct color))
{
    size_t count = (size_t)picture->width * (size_t)picture->height;
    for (size_t index = 0; index < count; index++) {
        picture->data[index] = color_pixel(change(pixel_color(picture->data[index])));
    }
}

/* Running sums of values and squares over the whole picture, for means over any rectangle. */
struct tables {
    uint32_t *sums; /* (width + 1) x (height + 1) rows of red, green, blue, luma */
    uint64_t *squares;
    int width;
};

static enum status tables_init(struct tables *tables, const struct pixels *picture)
{
    tables->width = picture->width + 1;
    size_t count = (size_t)tables->width * (size_t)(picture->height + 1);
    tables->sums = calloc(count * 4, sizeof *tables->sums);
    tables->squares = calloc(count, sizeof *tables->squares);
    if (tables->sums == NULL || tables->squares == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (int y = 1; y <= picture->height; y++) {
        const uint32_t *row = picture->data + (ptrdiff_t)(y - 1) * picture->width;
        uint32_t line[4] = {0};
        uint64_t line_square = 0;
        for (int x = 1; x <= picture->width; x++) {
            uint32_t pixel = row[x - 1];
            uint32_t part[4] = {pixel >> 16 & 0xff, pixel >> 8 & 0xff, pixel & 0xff, 0};
            part[3] = (part[0] * 2 + part[1] * 5 + part[2]) / 8;
            size_t at = (size_t)y * (size_t)tables->width + (size_t)x;
            size_t above = at - (size_t)tables->width;
            for (size_t channel = 0; channel < 4; channel++) {
                line[channel] += part[channel];
                tables->sums[at * 4 + channel] = tables->sums[above * 4 + channel] + line[channel];
            }
            line_square += (uint64_t)part[3] * part[3];
            tables->squares[at] = tables->squares[above] + line_square;
        }
    }
    return STATUS_OK;
}

static void tables_fini(struct tables *tables)
{
    free(tables->sums);
    free(tables->squares);
}

struct corners {
    size_t at[4]; /* top left, top right, bottom left, bottom right */
    double count;
};

static double corner_sum(const struct tables *tables, const struct corners *corners, size_t channel)
{
    const uint32_t *sums = tables->sums + channel;
    uint32_t sum = sums[corners->at[3] * 4] - sums[corners->at[1] * 4] - sums[corners->at[2] * 4] +
                   sums[corners->at[0] * 4];
    return sum / corners->count;
}

/* Kuwahara's filter: each pixel becomes the mean of the calmest of its four neighbouring
 * squares. */
static uint32_t oil_pixel(const struct tables *tables, const struct pixels *picture, int x, int y)
{
    double best = INFINITY;
    uint32_t result = 0;
    for (int quarter = 0; quarter < 4; quarter++) {
        int left = x - (quarter % 2 == 0 ? OIL_RADIUS : 0);
        int top = y - (quarter / 2 == 0 ? OIL_RADIUS : 0);
        int right = left + OIL_RADIUS + 1;
        int bottom = top + OIL_RADIUS + 1;
        left = left < 0 ? 0 : left;
        top = top < 0 ? 0 : top;
        right = right > picture->width ? picture->width : right;
        bottom = bottom > picture->height ? picture->height : bottom;
        size_t width = (size_t)tables->width;
        struct corners corners = {
            .at = {(size_t)top * width + (size_t)left, (size_t)top * width + (size_t)right,
                   (size_t)bottom * width + (size_t)left, (size_t)bottom * width + (size_t)right},
            .count = (double)(right - left) * (bottom - top),
        };
        double mean = corner_sum(tables, &corners, 3);
        uint64_t squares = tables->squares[corners.at[3]] - tables->squares[corners.at[1]] -
                           tables->squares[corners.at[2]] + tables->squares[corners.at[0]];
        double variance = (double)squares / corners.count - mean * mean;
        if (variance < best) {
            best = variance;
            result = 0xff000000u | (uint32_t)corner_sum(tables, &corners, 0) << 16 |
                     (uint32_t)corner_sum(tables, &corners, 1) << 8 |
                     (uint32_t)corner_sum(tables, &corners, 2);
        }
    }
    return result;
}

static enum status paint_oil(struct pixels *picture)
{
    struct tables tables = {0};
    enum status status = tables_init(&tables, picture);
    for (int y = 0; status == STATUS_OK && y < picture->height; y++) {
        for (int x = 0; x < picture->width; x++) {
            picture->data[(ptrdiff_t)y * picture->width + x] = oil_pixel(&tables, picture, x, y);
        }
    }
    tables_fini(&tables);
    return status;
}

/* Unequal light on paper or dried paint: blurred noise, so that no pattern shows. Returns OK or
 * NO_MEMORY. */
static enum status paint_relief(const struct portrait_spec *spec, struct pixels *picture,
                                double strength)
{
    struct dice dice = dice_make(spec->seed, "relief");
    struct pixels noise;
    enum status status = pixels_init(&noise, picture->width, picture->height);
    size_t count = (size_t)picture->width * (size_t)picture->height;
    if (status != STATUS_OK) {
        return status;
    }
    for (size_t index = 0; index < count; index++) {
        noise.data[index] = (uint32_t)(dice_next(&dice) >> 40) & 0xff;
    }
    status = pixels_blur(&noise, RELIEF_BLUR);
    for (size_t index = 0; status == STATUS_OK && index < count; index++) {
        double lift = 1.0 + strength * ((double)(noise.data[index] & 0xff) - 127.5) / 16.0;
        struct color color = pixel_color(picture->data[index]);
        picture->data[index] =
            color_pixel((struct color){color.red * lift, color.green * lift, color.blue * lift});
    }
    pixels_fini(&noise);
    return status;
}

/* Paper shows through towards the edges, where the brush has not been. */
static void fade_to_paper(const struct portrait_spec *spec, struct pixels *picture)
{
    struct dice dice = dice_make(spec->seed, "paper");
    double phase[4];
    for (int wave = 0; wave < 4; wave++) {
        phase[wave] = dice_range(&dice, 0.0, 2.0 * M_PI);
    }
    struct color paper = color_from_hex(0xfaf5ea);
    double half = picture->width / 2.0;
    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < picture->width; x++) {
            uint32_t *pixel = &picture->data[(ptrdiff_t)y * picture->width + x];
            double away_x = (x - half) / half;
            double away_y = (y - half) / half;
            double angle = atan2(away_y, away_x);
            double rim = 0.955 + 0.020 * sin(5.0 * angle + phase[0]) +
                         0.013 * sin(13.0 * angle + phase[1] + 2.0 * away_x) +
                         0.009 * sin(31.0 * angle + phase[2]) +
                         0.006 * sin(67.0 * angle + phase[3]);
            double away =
                sqrt(sqrt(away_x * away_x * away_x * away_x + away_y * away_y * away_y * away_y));
            double fade = fmin(1.0, fmax(0.0, (away - rim + 0.09) / 0.10));
            struct color color = color_mix(pixel_color(*pixel), paper, 0.16);
            double pool = fade > 0.0 && fade < 0.45
                              ? 0.16 * fade
                              : 0.0; /* colour gathers at the edge of a wash */
            *pixel = color_pixel(
                color_mix(color_shade(color, pool), paper, fade * fade * (3.0 - 2.0 * fade)));
        }
    }
}

static void paint_pixels(struct pixels *picture)
{
    for (int top = 0; top + PIXEL_SIDE <= picture->height; top += PIXEL_SIDE) {
        for (int left = 0; left + PIXEL_SIDE <= picture->width; left += PIXEL_SIDE) {
            struct color sum = {0.0, 0.0, 0.0};
            for (int cell = 0; cell < PIXEL_SIDE * PIXEL_SIDE; cell++) {
                ptrdiff_t at = (ptrdiff_t)(top + cell / PIXEL_SIDE) * picture->width + left +
                               cell % PIXEL_SIDE;
                struct color color = pixel_color(picture->data[at]);
                sum.red += color.red;
                sum.green += color.green;
                sum.blue += color.blue;
            }
            double scale = 1.0 / (PIXEL_SIDE * PIXEL_SIDE);
            struct color mean = {round(sum.red * scale * 20.0) / 20.0,
                                 round(sum.green * scale * 20.0) / 20.0,
                                 round(sum.blue * scale * 20.0) / 20.0};
            uint32_t pixel = color_pixel(color_saturate(mean, 0.2));
            for (int cell = 0; cell < PIXEL_SIDE * PIXEL_SIDE; cell++) {
                picture->data[(ptrdiff_t)(top + cell / PIXEL_SIDE) * picture->width + left +
                              cell % PIXEL_SIDE] = pixel;
            }
        }
    }
}

enum status portrait_style_apply(const struct portrait_spec *spec, struct pixels *picture)
{
    enum status status = STATUS_OK;
    switch (spec->style) {
    case STYLE_ILLUSTRATION:
        break;
    case STYLE_PAINTERLY:
        status = paint_oil(picture);
        if (status == STATUS_OK) {
            status = paint_relief(spec, picture, 0.009);
        }
        break;
    case STYLE_ANIME:
        grade(picture, grade_anime);
        break;
    case STYLE_WATERCOLOR:
        status = paint_oil(picture);
        fade_to_paper(spec, picture);
        if (status == STATUS_OK) {
            status = paint_relief(spec, picture, 0.011);
        }
        break;
    case STYLE_NOIR:
        grade(picture, grade_noir);
        break;
    case STYLE_NEON:
        grade(picture, grade_neon);
        break;
    case STYLE_PASTEL:
        grade(picture, grade_pastel);
        break;
    case STYLE_PIXEL:
        paint_pixels(picture);
        break;
    }
    return status;
}
