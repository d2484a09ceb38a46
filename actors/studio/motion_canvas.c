#include <math.h>
#include <stdlib.h>

#include "actors/studio/motion_canvas.h"

enum {
    SOFT_SIDE = 128, /* the soft copy is made this wide */
    SOFT_BLUR = 7,
};

/* How much higher than the canvas the picture lies: what is cut off is mostly below. */
static const double OVERSCAN = 1.22;
static const double CUT_ABOVE = 0.08;
/* The share of the picture's width that melts away at each side. */
static const double FEATHER = 0.16;

static void place_picture(struct canvas *canvas, const struct pixels *picture)
{
    double scale =
        fmax(OVERSCAN * canvas->height / picture->height, 1.02 * canvas->height / picture->height);
    double wide = (double)canvas->width / picture->width;
    if ((double)picture->width / picture->height > 1.35) {
        scale = fmax(wide, (double)canvas->height / picture->height); /* wide enough to fill it */
    }
    canvas->picture_width = picture->width * scale;
    canvas->picture_height = picture->height * scale;
    canvas->left = (canvas->width - canvas->picture_width) / 2.0;
    canvas->top = (canvas->height - canvas->picture_height) * CUT_ABOVE;
}

static void paint_scaled(cairo_t *cairo, cairo_surface_t *surface, double x, double y,
                         double scale_x, double scale_y, cairo_pattern_t *mask)
{
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_scale(cairo, scale_x, scale_y);
    cairo_set_source_surface(cairo, surface, 0.0, 0.0);
    cairo_pattern_set_extend(cairo_get_source(cairo), CAIRO_EXTEND_PAD);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_GOOD);
    if (mask != NULL) {
        cairo_identity_matrix(cairo);
        cairo_mask(cairo, mask);
    } else {
        cairo_paint(cairo);
    }
    cairo_restore(cairo);
}

static enum status paint_soft(cairo_t *cairo, const struct canvas *canvas, cairo_surface_t *picture,
                              double picture_width, double picture_height)
{
    struct pixels soft;
    double cover = fmax(canvas->width / picture_width, canvas->height / picture_height);
    int height = (int)(SOFT_SIDE * (double)canvas->height / canvas->width);
    enum status status = pixels_init(&soft, SOFT_SIDE, height < 1 ? 1 : height);
    if (status != STATUS_OK) {
        return status;
    }
    cairo_surface_t *surface = pixels_surface(&soft);
    status = surface == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK) {
        double shrink = (double)SOFT_SIDE / canvas->width;
        cairo_t *small = cairo_create(surface);
        paint_scaled(small, picture, (canvas->width - picture_width * cover) / 2.0 * shrink,
                     (canvas->height - picture_height * cover) * 0.2 * shrink, cover * shrink,
                     cover * shrink, NULL);
        cairo_destroy(small);
        cairo_surface_flush(surface);
        status = pixels_blur(&soft, SOFT_BLUR);
        cairo_surface_mark_dirty(surface);
    }
    if (status == STATUS_OK) {
        paint_scaled(cairo, surface, 0.0, 0.0, (double)canvas->width / soft.width,
                     (double)canvas->height / soft.height, NULL);
    }
    cairo_surface_destroy(surface);
    pixels_fini(&soft);
    return status;
}

static cairo_pattern_t *feather_mask(const struct canvas *canvas)
{
    double right = canvas->left + canvas->picture_width;
    cairo_pattern_t *mask = cairo_pattern_create_linear(canvas->left, 0.0, right, 0.0);
    for (int step = 0; step <= 8; step++) {
        double place = step / 8.0;
        double alpha = place * place * (3.0 - 2.0 * place);
        cairo_pattern_add_color_stop_rgba(mask, place * FEATHER, 0, 0, 0, alpha);
        cairo_pattern_add_color_stop_rgba(mask, 1.0 - place * FEATHER, 0, 0, 0, alpha);
    }
    return mask;
}

static enum status lay_out(struct canvas *canvas, const struct pixels *picture, struct pixels *laid)
{
    struct pixels borrowed = *picture;
    cairo_surface_t *from = pixels_surface(&borrowed);
    cairo_surface_t *to = pixels_surface(laid);
    enum status status = STATUS_NO_MEMORY;
    if (from == NULL || to == NULL) {
        goto out;
    }
    bool narrow = canvas->picture_width < canvas->width;
    cairo_t *cairo = cairo_create(to);
    status = narrow ? paint_soft(cairo, canvas, from, picture->width, picture->height) : STATUS_OK;
    if (status == STATUS_OK) {
        cairo_pattern_t *mask = narrow ? feather_mask(canvas) : NULL;
        double scale = canvas->picture_width / picture->width;
        paint_scaled(cairo, from, canvas->left, canvas->top, scale, scale, mask);
        if (mask != NULL) {
            cairo_pattern_destroy(mask);
        }
    }
    cairo_destroy(cairo);
    cairo_surface_flush(to);
out:
    cairo_surface_destroy(from);
    cairo_surface_destroy(to);
    return status;
}

/* BT.709, limited range, 16 bits of fraction. */
static uint8_t luma_of(uint32_t red, uint32_t green, uint32_t blue)
{
    return (uint8_t)((11966 * red + 40254 * green + 4064 * blue + (16u << 16) + 32768) >> 16);
}

static uint8_t chroma_of(int32_t red, int32_t green, int32_t blue, bool is_red)
{
    int32_t sum = is_red ? 28784 * red - 26145 * green - 2639 * blue
                         : -6596 * red - 22188 * green + 28784 * blue;
    return (uint8_t)((sum + (128 << 16) + 32768) >> 16);
}

static void to_planes(struct canvas *canvas, const struct pixels *laid)
{
    for (int y = 0; y < canvas->height; y++) {
        for (int x = 0; x < canvas->width; x++) {
            uint32_t pixel = laid->data[(ptrdiff_t)y * laid->width + x];
            canvas->planes[0][(ptrdiff_t)y * canvas->width + x] =
                luma_of(pixel >> 16 & 0xff, pixel >> 8 & 0xff, pixel & 0xff);
        }
    }
    for (int y = 0; y < canvas->height / 2; y++) {
        for (int x = 0; x < canvas->width / 2; x++) {
            const uint32_t *at = laid->data + (ptrdiff_t)y * 2 * laid->width + x * 2;
            uint32_t four[4] = {at[0], at[1], at[laid->width], at[laid->width + 1]};
            int32_t sums[3] = {2, 2, 2};
            for (int index = 0; index < 4; index++) {
                sums[0] += four[index] >> 16 & 0xff;
                sums[1] += four[index] >> 8 & 0xff;
                sums[2] += four[index] & 0xff;
            }
            ptrdiff_t place = (ptrdiff_t)y * (canvas->width / 2) + x;
            canvas->planes[1][place] = chroma_of(sums[0] / 4, sums[1] / 4, sums[2] / 4, false);
            canvas->planes[2][place] = chroma_of(sums[0] / 4, sums[1] / 4, sums[2] / 4, true);
        }
    }
}

enum status canvas_init(struct canvas *canvas, const struct pixels *picture, int width, int height)
{
    *canvas = (struct canvas){.width = width, .height = height};
    place_picture(canvas, picture);
    size_t size = (size_t)width * (size_t)height;
    struct pixels laid;
    enum status status = pixels_init(&laid, width, height);
    for (int plane = 0; plane < 3; plane++) {
        /* One row more than is shown: sampling between pixels reads the next one. */
        size_t extra = (size_t)width + 2;
        canvas->planes[plane] = calloc((plane == 0 ? size : size / 4) + extra, 1);
        if (canvas->planes[plane] == NULL) {
            status = STATUS_NO_MEMORY;
        }
    }
    if (status == STATUS_OK) {
        status = lay_out(canvas, picture, &laid);
    }
    if (status == STATUS_OK) {
        to_planes(canvas, &laid);
    } else {
        canvas_fini(canvas);
    }
    pixels_fini(&laid);
    return status;
}

void canvas_fini(struct canvas *canvas)
{
    for (int plane = 0; plane < 3; plane++) {
        free(canvas->planes[plane]);
    }
    *canvas = (struct canvas){0};
}
