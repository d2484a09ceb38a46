#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/studio/pixels.h"

enum {
    BLUR_PASSES = 3,
    BLUR_RADIUS_MAX = 64,
};

enum status pixels_init(struct pixels *pixels, int width, int height)
{
    *pixels = (struct pixels){0};
    if (width < 1 || height < 1 || width > PIXELS_SIDE_MAX || height > PIXELS_SIDE_MAX) {
        return STATUS_TOO_LARGE;
    }
    pixels->data = calloc((size_t)width * (size_t)height, sizeof *pixels->data);
    if (pixels->data == NULL) {
        return STATUS_NO_MEMORY;
    }
    pixels->width = width;
    pixels->height = height;
    return STATUS_OK;
}

void pixels_fini(struct pixels *pixels)
{
    free(pixels->data);
    *pixels = (struct pixels){0};
}

cairo_surface_t *pixels_surface(struct pixels *pixels)
{
    cairo_surface_t *surface =
        cairo_image_surface_create_for_data((unsigned char *)pixels->data, CAIRO_FORMAT_ARGB32,
                                            pixels->width, pixels->height, pixels->width * 4);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(surface);
        return NULL;
    }
    return surface;
}

struct sums {
    uint32_t alpha;
    uint32_t red;
    uint32_t green;
    uint32_t blue;
};

static void sums_add(struct sums *sums, uint32_t pixel)
{
    sums->alpha += pixel >> 24;
    sums->red += pixel >> 16 & 0xff;
    sums->green += pixel >> 8 & 0xff;
    sums->blue += pixel & 0xff;
}

static void sums_remove(struct sums *sums, uint32_t pixel)
{
    sums->alpha -= pixel >> 24;
    sums->red -= pixel >> 16 & 0xff;
    sums->green -= pixel >> 8 & 0xff;
    sums->blue -= pixel & 0xff;
}

/* Divides by the window with a 16-bit reciprocal, which is exact enough for 8-bit channels. */
static uint32_t sums_mean(const struct sums *sums, uint32_t reciprocal)
{
    uint32_t half = 1u << 15;
    return (sums->alpha * reciprocal + half) >> 16 << 24 |
           (sums->red * reciprocal + half) >> 16 << 16 |
           (sums->green * reciprocal + half) >> 16 << 8 | (sums->blue * reciprocal + half) >> 16;
}

/* One box pass along a line of count pixels that lie stride apart; the ends repeat outwards. */
static void blur_line(uint32_t *line, int count, int stride, int radius, uint32_t *copy)
{
    uint32_t reciprocal = 65536u / (uint32_t)(2 * radius + 1);
    struct sums sums = {0};
    for (int index = 0; index < count; index++) {
        copy[index] = line[(ptrdiff_t)index * stride];
    }
    for (int index = -radius; index <= radius; index++) {
        sums_add(&sums, copy[index < 0 ? 0 : index >= count ? count - 1 : index]);
    }
    for (int index = 0; index < count; index++) {
        line[(ptrdiff_t)index * stride] = sums_mean(&sums, reciprocal);
        int leaves = index - radius;
        int enters = index + radius + 1;
        sums_remove(&sums, copy[leaves < 0 ? 0 : leaves]);
        sums_add(&sums, copy[enters >= count ? count - 1 : enters]);
    }
}

enum status pixels_blur(struct pixels *pixels, int radius)
{
    assert(radius >= 1 && radius <= BLUR_RADIUS_MAX);
    int longest = pixels->width > pixels->height ? pixels->width : pixels->height;
    uint32_t *copy = malloc((size_t)longest * sizeof *copy);
    if (copy == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (int pass = 0; pass < BLUR_PASSES; pass++) {
        for (int y = 0; y < pixels->height; y++) {
            blur_line(pixels->data + (ptrdiff_t)y * pixels->width, pixels->width, 1, radius, copy);
        }
        for (int x = 0; x < pixels->width; x++) {
            blur_line(pixels->data + x, pixels->height, pixels->width, radius, copy);
        }
    }
    free(copy);
    return STATUS_OK;
}
