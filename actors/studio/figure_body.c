#include <math.h>

#include "actors/studio/figure.h"

/* How far the body is drawn above where its own measures would put it. */
static const double BODY_RISE = 20.0;

void figure_torso_path(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    double neck = figure->neck;
    double shoulder = figure->shoulder;
    double lean = 10.0 * figure->turn; /* the far shoulder comes forward a little */
    cairo_new_path(cairo);
    cairo_move_to(cairo, -neck - 6.0, 236.0);
    cairo_curve_to(cairo, -neck - 26.0, 286.0, -shoulder * 0.62, 298.0, -shoulder * 0.84 + lean,
                   322.0);
    cairo_curve_to(cairo, -shoulder * 1.08 + lean, 340.0, -shoulder * 1.20, 420.0, -shoulder * 1.27,
                   640.0);
    cairo_line_to(cairo, shoulder * 1.27, 640.0);
    cairo_curve_to(cairo, shoulder * 1.20, 420.0, shoulder * 1.08 + lean, 340.0,
                   shoulder * 0.84 + lean, 322.0);
    cairo_curve_to(cairo, shoulder * 0.62, 298.0, neck + 26.0, 286.0, neck + 6.0, 236.0);
    cairo_close_path(cairo);
}

static void neck_path(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    double neck = figure->neck;
    double lean = 14.0 * figure->turn;
    cairo_new_path(cairo);
    cairo_move_to(cairo, -neck + lean, 60.0);
    cairo_curve_to(cairo, -neck + lean * 0.6, 180.0, -neck, 220.0, -neck - 8.0, 252.0);
    cairo_curve_to(cairo, -neck - 26.0, 290.0, -figure->shoulder * 0.6, 300.0,
                   -figure->shoulder * 0.8, 322.0);
    cairo_line_to(cairo, -figure->shoulder, 640.0);
    cairo_line_to(cairo, figure->shoulder, 640.0);
    cairo_line_to(cairo, figure->shoulder * 0.8, 322.0);
    cairo_curve_to(cairo, figure->shoulder * 0.6, 300.0, neck + 26.0, 290.0, neck + 8.0, 252.0);
    cairo_curve_to(cairo, neck, 220.0, neck + lean * 0.6, 180.0, neck + lean, 60.0);
    cairo_close_path(cairo);
}

static void draw_neck(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    double dark = -figure->light;
    struct color deep = color_shade(figure->skin, 0.62);
    neck_path(figure);
    cairo_save(cairo);
    cairo_clip(cairo);
    paint_source(cairo, color_mix(figure->skin, figure->skin_shade, 0.30), 1.0);
    cairo_paint(cairo);
    paint_spot(cairo, (struct spot){-dark * 30.0, 300.0, 120.0, 60.0, 0.0}, figure->skin_light,
               0.35);
    paint_spot(cairo, (struct spot){dark * figure->neck, 220.0, figure->neck, 150.0, 0.0}, deep,
               0.55);
    /* What the chin shades. */
    paint_spot(cairo, (struct spot){40.0 * figure->turn, figure->chin_y - 4.0, 140.0, 88.0, 0.0},
               deep, 0.95);
    paint_spot(
        cairo,
        (struct spot){40.0 * figure->turn + dark * 18.0, figure->chin_y + 24.0, 110.0, 60.0, 0.0},
        deep, 0.60);
    for (int side = -1; side <= 1; side += 2) {
        struct point tendon[4] = {{side * figure->neck * 0.72, 214.0},
                                  {side * figure->neck * 0.60, 250.0},
                                  {side * figure->neck * 0.36, 284.0},
                                  {side * 14.0, 306.0}};
        const double width[3] = {0.5, 5.0, 1.0};
        paint_source(cairo, deep, 0.20);
        paint_taper(cairo, tendon, width);
        struct point bone[4] = {{side * 22.0, 312.0},
                                {side * 60.0, 300.0},
                                {side * 110.0, 306.0},
                                {side * 170.0, 318.0}};
        const double bone_width[3] = {4.0, 7.0, 1.0};
        paint_source(cairo, deep, 0.26);
        paint_taper(cairo, bone, bone_width);
        bone[0].y -= 7.0;
        bone[1].y -= 7.0;
        bone[2].y -= 7.0;
        paint_source(cairo, figure->skin_light, 0.35);
        paint_taper(cairo, bone, bone_width);
    }
    cairo_restore(cairo);
}

static void draw_necklace(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    struct color gold = color_from_hex(0xd8b25a);
    double neck = figure->neck;
    cairo_new_path(cairo);
    cairo_move_to(cairo, -neck - 4.0, 258.0);
    cairo_curve_to(cairo, -neck * 0.8, 320.0, -24.0, 350.0, 0.0, 356.0);
    cairo_curve_to(cairo, 24.0, 350.0, neck * 0.8, 320.0, neck + 4.0, 258.0);
    paint_source(cairo, color_shade(gold, 0.45), 0.9);
    cairo_set_line_width(cairo, 4.4);
    cairo_stroke_preserve(cairo);
    paint_source(cairo, gold, 1.0);
    cairo_set_line_width(cairo, 2.4);
    cairo_stroke(cairo);
    cairo_move_to(cairo, 0.0, 352.0);
    cairo_curve_to(cairo, 16.0, 366.0, 15.0, 384.0, 0.0, 394.0);
    cairo_curve_to(cairo, -15.0, 384.0, -16.0, 366.0, 0.0, 352.0);
    paint_source(cairo, gold, 1.0);
    cairo_fill(cairo);
    struct color gem =
        color_saturate(color_mix(figure->spec->eyes, color_from_hex(0x3050c0), 0.25), 0.4);
    paint_ellipse(cairo, 0.0, 374.0, 9.0, 12.0);
    paint_fill_vertical(cairo, 360.0, 388.0, color_tint(gem, 0.45), color_shade(gem, 0.4));
    paint_source(cairo, color_from_hex(0xffffff), 0.9);
    paint_ellipse(cairo, figure->light * 3.0, 369.0, 2.6, 3.2);
    cairo_fill(cairo);
}

void figure_draw_body(const struct figure *figure)
{
    cairo_save(figure->cairo);
    cairo_translate(figure->cairo, 0.0, -BODY_RISE);
    draw_neck(figure);
    enum garment garment = figure->spec->garment;
    bool below = garment == GARMENT_COAT || garment == GARMENT_SUIT || garment == GARMENT_SHIRT;
    if (figure->spec->necklace && below) {
        draw_necklace(figure);
    }
    figure_draw_clothes(figure);
    if (figure->spec->necklace && !below) {
        draw_necklace(figure);
    }
    if (figure->spec->scarf) {
        figure_draw_scarf(figure);
    }
    cairo_restore(figure->cairo);
}
