#include <math.h>

#include "actors/studio/figure.h"

/* A hand as seen from its palm: the wrist at the origin, fingers up, the thumb at positive x. */
struct finger {
    double x; /* where it leaves the palm */
    double y;
    double angle; /* radians from straight up */
    double length;
    double width;
};

static void limb_path(cairo_t *cairo, const struct finger *finger)
{
    cairo_move_to(cairo, finger->x, finger->y);
    cairo_line_to(cairo, finger->x + sin(finger->angle) * finger->length,
                  finger->y - cos(finger->angle) * finger->length);
}

static void palm_path(cairo_t *cairo)
{
    cairo_new_path(cairo);
    cairo_move_to(cairo, -22.0, 14.0);
    cairo_curve_to(cairo, -30.0, -20.0, -42.0, -44.0, -40.0, -76.0);
    cairo_curve_to(cairo, -38.0, -98.0, 34.0, -100.0, 38.0, -78.0);
    cairo_curve_to(cairo, 44.0, -48.0, 30.0, -20.0, 22.0, 14.0);
    cairo_close_path(cairo);
}

/* Everything twice: wider and darker first, which leaves an outline. */
static void hand_draw(const struct figure *figure)
{
    static const struct finger FINGERS[] = {
        {-30.0, -78.0, -0.26, 62.0, 19.0}, {-11.0, -86.0, -0.09, 78.0, 21.0},
        {10.0, -86.0, 0.07, 80.0, 21.0},   {29.0, -78.0, 0.22, 68.0, 20.0},
        {26.0, -34.0, 0.86, 58.0, 22.0},
    };
    cairo_t *cairo = figure->cairo;
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    for (int pass = 0; pass < 2; pass++) {
        struct color color = pass == 0 ? color_shade(figure->skin, 0.62) : figure->skin;
        paint_source(cairo, color, 1.0);
        palm_path(cairo);
        if (pass == 0) {
            cairo_set_line_width(cairo, 5.0);
            cairo_stroke(cairo);
        } else {
            cairo_fill(cairo);
        }
        for (size_t index = 0; index < sizeof FINGERS / sizeof FINGERS[0]; index++) {
            cairo_new_path(cairo);
            limb_path(cairo, &FINGERS[index]);
            cairo_set_line_width(cairo, FINGERS[index].width + (pass == 0 ? 5.0 : 0.0));
            cairo_stroke(cairo);
        }
    }
    paint_spot(cairo, (struct spot){-10.0, -60.0, 34.0, 40.0, 0.0}, figure->skin_light, 0.45);
    paint_spot(cairo, (struct spot){22.0, -40.0, 20.0, 34.0, 0.5}, figure->skin_shade, 0.40);
    paint_spot(cairo, (struct spot){0.0, 4.0, 34.0, 22.0, 0.0}, figure->skin_shade, 0.55);
    struct point line[4] = {{26.0, -58.0}, {6.0, -52.0}, {-6.0, -30.0}, {-8.0, -8.0}};
    const double width[3] = {0.5, 2.6, 0.5};
    paint_source(cairo, figure->skin_deep, 0.30);
    paint_taper(cairo, line, width);
}

/* A sleeve from the picture's lower edge to a wrist, with its cuff. */
static void sleeve_draw(const struct figure *figure, const struct point arm[4])
{
    cairo_t *cairo = figure->cairo;
    struct color color = figure->spec->garment_color;
    bool bare = figure->spec->garment == GARMENT_DRESS || figure->spec->garment == GARMENT_TEE;
    color = bare ? figure->skin : color;
    const double shadow[3] = {150.0, 112.0, 66.0};
    const double width[3] = {140.0, 104.0, 60.0};
    const double fold[3] = {16.0, 12.0, 2.0};
    paint_source(cairo, color_shade(color, 0.75), 0.9);
    paint_taper(cairo, arm, shadow);
    paint_source(cairo, color_shade(color, 0.10), 1.0);
    paint_taper(cairo, arm, width);
    for (int side = -1; side <= 1; side += 2) {
        struct point edge[4];
        for (int index = 0; index < 4; index++) {
            double reach = side * (34.0 - 8.0 * index);
            edge[index] = point_make(arm[index].x + reach, arm[index].y);
        }
        bool lit = side * figure->light > 0.0;
        paint_source(cairo, lit ? color_tint(color, 0.5) : color_shade(color, 0.8),
                     lit ? 0.25 : 0.40);
        paint_taper(cairo, edge, fold);
    }
    if (!bare) {
        struct point wrist = curve_at(arm, 0.985);
        struct point normal = curve_normal(arm, 0.97);
        double reach = 33.0;
        cairo_move_to(cairo, wrist.x - normal.x * reach, wrist.y - normal.y * reach);
        cairo_line_to(cairo, wrist.x + normal.x * reach, wrist.y + normal.y * reach);
        paint_source(cairo, color_tint(color, 0.16), 1.0);
        cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
        cairo_set_line_width(cairo, 17.0);
        cairo_stroke(cairo);
    }
}

static void draw_wave(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    double side = -figure->light;
    double x = side * (figure->shoulder + 22.0);
    struct point arm[4] = {{side * (figure->shoulder + 34.0), 700.0},
                           {side * (figure->shoulder + 66.0), 520.0},
                           {side * (figure->shoulder + 40.0), 380.0},
                           {x, 262.0}};
    cairo_save(cairo);
    cairo_translate(cairo, x, 250.0);
    cairo_scale(cairo, -side * 1.12, 1.12);
    cairo_rotate(cairo, 0.10);
    hand_draw(figure);
    cairo_restore(cairo);
    sleeve_draw(figure, arm);
}

/* Curled fingers below the chin, the forefinger along the cheek. */
static void draw_chin(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    double side = -figure->light;
    double x = 30.0 * figure->turn + side * 26.0;
    double y = figure->chin_y + 34.0;
    struct point arm[4] = {{side * 240.0, 720.0},
                           {side * 190.0, 560.0},
                           {side * 110.0, 440.0},
                           {x + side * 26.0, y + 66.0}};
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    for (int pass = 0; pass < 2; pass++) {
        double extra = pass == 0 ? 5.0 : 0.0;
        paint_source(cairo, pass == 0 ? color_shade(figure->skin, 0.66) : figure->skin, 1.0);
        paint_ellipse(cairo, x + side * 12.0, y + 30.0, 50.0 + extra / 2.0, 44.0 + extra / 2.0);
        cairo_fill(cairo);
        struct finger fore = {x + side * 44.0, y + 10.0, side * 0.30, 92.0, 23.0};
        cairo_new_path(cairo);
        limb_path(cairo, &fore);
        cairo_set_line_width(cairo, fore.width + extra);
        cairo_stroke(cairo);
        for (int index = 0; index < 3; index++) {
            struct finger curled = {x + side * (24.0 - 6.0 * index), y + 2.0 + 21.0 * index,
                                    -side * 1.45, 46.0, 23.0};
            cairo_new_path(cairo);
            limb_path(cairo, &curled);
            paint_source(cairo,
                         pass == 0 ? color_shade(figure->skin, 0.66)
                                   : color_mix(figure->skin, figure->skin_light, 0.25),
                         1.0);
            cairo_set_line_width(cairo, curled.width + extra);
            cairo_stroke(cairo);
        }
    }
    paint_spot(cairo, (struct spot){x + side * 30.0, y + 56.0, 50.0, 30.0, 0.0}, figure->skin_shade,
               0.5);
    sleeve_draw(figure, arm);
}

static void page_draw(const struct figure *figure, double side)
{
    cairo_t *cairo = figure->cairo;
    struct color paper = color_from_hex(0xf6edda);
    bool lit = side * figure->light > 0.0;
    cairo_new_path(cairo);
    cairo_move_to(cairo, 0.0, 420.0);
    cairo_curve_to(cairo, side * 60.0, 388.0, side * 160.0, 384.0, side * 226.0, 404.0);
    cairo_line_to(cairo, side * 240.0, 600.0);
    cairo_curve_to(cairo, side * 160.0, 582.0, side * 60.0, 588.0, 0.0, 620.0);
    cairo_close_path(cairo);
    paint_fill_vertical(cairo, 390.0, 610.0, lit ? paper : color_shade(paper, 0.16),
                        color_shade(paper, lit ? 0.14 : 0.34));
    for (int line = 0; line < 7; line++) {
        double y = 428.0 + 22.0 * line;
        struct point text[4] = {{side * 30.0, y},
                                {side * 80.0, y - 20.0},
                                {side * 150.0, y - 22.0},
                                {side * (line == 6 ? 120.0 : 204.0), y - 12.0}};
        const double width[3] = {3.0, 3.4, 3.0};
        paint_source(cairo, color_from_hex(0x5a4a44), 0.28);
        paint_taper(cairo, text, width);
    }
}

static void draw_book(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    struct color cover = color_shade(color_saturate(figure->spec->inner_color, 0.3), 0.45);
    cairo_new_path(cairo);
    cairo_move_to(cairo, -244.0, 396.0);
    cairo_line_to(cairo, 244.0, 396.0);
    cairo_line_to(cairo, 258.0, 640.0);
    cairo_line_to(cairo, -258.0, 640.0);
    cairo_close_path(cairo);
    paint_source(cairo, cover, 1.0);
    cairo_fill(cairo);
    page_draw(figure, -1.0);
    page_draw(figure, 1.0);
    paint_spot(cairo, (struct spot){0.0, 500.0, 22.0, 130.0, 0.0}, color_from_hex(0x6a5648), 0.5);
    for (int side = -1; side <= 1; side += 2) {
        cairo_save(cairo);
        cairo_translate(cairo, side * 262.0, 596.0);
        cairo_scale(cairo, -side, 1.0);
        cairo_rotate(cairo, 0.60);
        hand_draw(figure);
        cairo_restore(cairo);
    }
}

void figure_draw_gesture(const struct figure *figure)
{
    switch (figure->spec->gesture) {
    case GESTURE_NONE:
        break;
    case GESTURE_WAVE:
        draw_wave(figure);
        break;
    case GESTURE_CHIN:
        draw_chin(figure);
        break;
    case GESTURE_BOOK:
        draw_book(figure);
        break;
    }
}
