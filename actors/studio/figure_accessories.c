#include <math.h>

#include "actors/studio/figure.h"

static void draw_glasses(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    double y = 2.0 + figure->nod * 10.0;
    for (int side = -1; side <= 1; side += 2) {
        double u = side * figure->eye_u;
        double narrow = figure_narrow(figure, u);
        double x = figure_x(figure, u);
        paint_ellipse(cairo, x, y, 58.0 * narrow, 47.0);
        paint_source(cairo, color_from_hex(0xdfeaf4), 0.12);
        cairo_fill_preserve(cairo);
        paint_source(cairo, color_from_hex(0x2a2226), 0.95);
        cairo_set_line_width(cairo, 5.5);
        cairo_stroke(cairo);
        struct point gleam[4] = {{x - 34.0 * narrow, y + 16.0},
                                 {x - 20.0 * narrow, y - 2.0},
                                 {x - 4.0, y - 18.0},
                                 {x + 14.0 * narrow, y - 34.0}};
        const double width[3] = {1.0, 8.0, 1.0};
        paint_source(cairo, color_from_hex(0xffffff), 0.22);
        paint_taper(cairo, gleam, width);
        double arm = figure_x(figure, side * 0.985);
        cairo_move_to(cairo, x + side * 57.0 * narrow, y - 8.0);
        cairo_line_to(cairo, arm + side * 8.0, y - 4.0);
        paint_source(cairo, color_from_hex(0x2a2226), 0.95);
        cairo_stroke(cairo);
    }
    double left = figure_x(figure, -figure->eye_u) + 56.0 * figure_narrow(figure, -figure->eye_u);
    double right = figure_x(figure, figure->eye_u) - 56.0 * figure_narrow(figure, figure->eye_u);
    cairo_move_to(cairo, left, y - 8.0);
    cairo_curve_to(cairo, left + 5.0, y - 20.0, right - 5.0, y - 20.0, right, y - 8.0);
    cairo_stroke(cairo);
}

static void draw_crown(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    struct color gold = color_from_hex(0xdcae48);
    double shift = 8.0 * figure->turn;
    cairo_new_path(cairo);
    cairo_move_to(cairo, -136.0 + shift, -186.0);
    for (int peak = 0; peak < 5; peak++) {
        double left = -136.0 + 54.4 * peak + shift;
        double height = peak == 2 ? -338.0 : peak % 2 == 0 ? -288.0 : -306.0;
        double dip = -236.0 - 12.0 * (2.0 - fabs(peak - 2.0));
        cairo_line_to(cairo, left + 27.2, height);
        cairo_line_to(cairo, left + 54.4, peak == 4 ? -186.0 : dip);
    }
    cairo_curve_to(cairo, 80.0 + shift, -228.0, -80.0 + shift, -228.0, -136.0 + shift, -186.0);
    cairo_close_path(cairo);
    cairo_pattern_t *gradient =
        cairo_pattern_create_linear(-140.0 * figure->light, 0.0, 140.0 * figure->light, 0.0);
    paint_stop(gradient, 0.0, color_shade(gold, 0.60), 1.0);
    paint_stop(gradient, 0.5, gold, 1.0);
    paint_stop(gradient, 0.78, color_tint(gold, 0.75), 1.0);
    paint_stop(gradient, 1.0, gold, 1.0);
    cairo_set_source(cairo, gradient);
    cairo_fill_preserve(cairo);
    cairo_pattern_destroy(gradient);
    paint_source(cairo, color_shade(gold, 0.8), 0.7);
    cairo_set_line_width(cairo, 3.0);
    cairo_stroke(cairo);
    static const unsigned GEMS[] = {0x3f8ad6, 0xc2334a, 0x3f8ad6};
    for (int gem = -1; gem <= 1; gem++) {
        double y = gem == 0 ? -242.0 : -228.0;
        paint_ellipse(cairo, gem * 62.0 + shift, y, 11.0, 13.0);
        struct color color = color_from_hex(GEMS[gem + 1]);
        paint_fill_vertical(cairo, y - 13.0, y + 13.0, color_tint(color, 0.5),
                            color_shade(color, 0.45));
    }
}

static void draw_horns(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    struct color horn = color_from_hex(0x5b4a45);
    for (int side = -1; side <= 1; side += 2) {
        struct point curve[4] = {{side * 84.0, -196.0},
                                 {side * 130.0, -290.0},
                                 {side * 236.0, -290.0},
                                 {side * 222.0, -400.0}};
        const double width[3] = {58.0, 40.0, 1.0};
        paint_source(cairo,
                     side * figure->light > 0.0 ? color_tint(horn, 0.10) : color_shade(horn, 0.35),
                     1.0);
        paint_taper(cairo, curve, width);
        for (int ring = 1; ring < 9; ring++) {
            double place = ring / 10.0;
            struct point point = curve_at(curve, place);
            struct point normal = curve_normal(curve, place);
            double half = 27.0 * (1.0 - place) + 1.0;
            struct point mark[4] = {
                {point.x - normal.x * half, point.y - normal.y * half},
                {point.x - normal.x * half * 0.3, point.y - normal.y * half * 0.3 - 7.0},
                {point.x + normal.x * half * 0.3, point.y + normal.y * half * 0.3 - 7.0},
                {point.x + normal.x * half, point.y + normal.y * half}};
            const double line[3] = {1.0, 4.0, 1.0};
            paint_source(cairo, color_shade(horn, 0.9), 0.45);
            paint_taper(cairo, mark, line);
        }
    }
}

static void draw_cat_ears(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    struct color hair = figure->spec->hair;
    for (int side = -1; side <= 1; side += 2) {
        cairo_save(cairo);
        cairo_translate(cairo, side * 112.0 + 6.0 * figure->turn, -218.0);
        cairo_scale(cairo, side, 1.0);
        cairo_rotate(cairo, 0.22);
        cairo_new_path(cairo);
        cairo_move_to(cairo, -58.0, 40.0);
        cairo_curve_to(cairo, -50.0, -30.0, -10.0, -100.0, 22.0, -122.0);
        cairo_curve_to(cairo, 52.0, -80.0, 66.0, -10.0, 56.0, 60.0);
        cairo_close_path(cairo);
        paint_fill_vertical(cairo, -120.0, 50.0, color_tint(hair, 0.12), color_shade(hair, 0.3));
        cairo_move_to(cairo, -30.0, 30.0);
        cairo_curve_to(cairo, -26.0, -20.0, 0.0, -66.0, 20.0, -88.0);
        cairo_curve_to(cairo, 36.0, -56.0, 44.0, -10.0, 38.0, 40.0);
        cairo_close_path(cairo);
        paint_fill_vertical(cairo, -90.0, 40.0,
                            color_mix(figure->skin, color_from_hex(0xe87f93), 0.45),
                            color_shade(hair, 0.4));
        cairo_restore(cairo);
    }
}

static void draw_flower(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    double x = figure->light * 128.0 + 6.0 * figure->turn;
    double y = -132.0;
    struct color petal = color_mix(figure->spec->inner_color, color_from_hex(0xf06f8e), 0.6);
    for (int index = 0; index < 6; index++) {
        double angle = index * M_PI / 3.0 + 0.3;
        cairo_save(cairo);
        cairo_translate(cairo, x, y);
        cairo_rotate(cairo, angle);
        paint_ellipse(cairo, 25.0, 0.0, 24.0, 16.0);
        cairo_pattern_t *gradient = cairo_pattern_create_linear(0.0, 0.0, 50.0, 0.0);
        paint_stop(gradient, 0.0, color_shade(petal, 0.45), 1.0);
        paint_stop(gradient, 0.5, petal, 1.0);
        paint_stop(gradient, 1.0, color_tint(petal, 0.5), 1.0);
        cairo_set_source(cairo, gradient);
        cairo_fill(cairo);
        cairo_pattern_destroy(gradient);
        cairo_restore(cairo);
    }
    paint_ellipse(cairo, x, y, 11.0, 11.0);
    paint_fill_vertical(cairo, y - 11.0, y + 11.0, color_from_hex(0xffe08a),
                        color_from_hex(0xd99a2b));
}

static void draw_hat(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    struct color color = figure->spec->hat_color;
    double lit = figure->light;
    cairo_new_path(cairo);
    cairo_move_to(cairo, -158.0, -168.0);
    cairo_curve_to(cairo, -166.0, -300.0, -130.0, -366.0, -70.0, -360.0);
    cairo_curve_to(cairo, -30.0, -356.0, -20.0, -346.0, 0.0, -346.0);
    cairo_curve_to(cairo, 20.0, -346.0, 30.0, -356.0, 70.0, -360.0);
    cairo_curve_to(cairo, 130.0, -366.0, 166.0, -300.0, 158.0, -168.0);
    cairo_close_path(cairo);
    cairo_pattern_t *gradient = cairo_pattern_create_linear(lit * 160.0, 0.0, lit * -160.0, 0.0);
    paint_stop(gradient, 0.0, color_tint(color, 0.20), 1.0);
    paint_stop(gradient, 0.5, color, 1.0);
    paint_stop(gradient, 1.0, color_shade(color, 0.6), 1.0);
    cairo_set_source(cairo, gradient);
    cairo_fill(cairo);
    cairo_move_to(cairo, -161.0, -224.0);
    cairo_curve_to(cairo, -80.0, -196.0, 80.0, -196.0, 161.0, -224.0);
    cairo_line_to(cairo, 159.0, -172.0);
    cairo_curve_to(cairo, 80.0, -148.0, -80.0, -148.0, -159.0, -172.0);
    cairo_close_path(cairo);
    paint_source(cairo, color_shade(figure->spec->inner_color, 0.15), 1.0);
    cairo_fill(cairo);
    cairo_move_to(cairo, -292.0, -150.0);
    cairo_curve_to(cairo, -220.0, -206.0, -150.0, -196.0, -120.0, -184.0);
    cairo_curve_to(cairo, -40.0, -160.0, 40.0, -160.0, 120.0, -184.0);
    cairo_curve_to(cairo, 150.0, -196.0, 220.0, -206.0, 292.0, -150.0);
    cairo_curve_to(cairo, 180.0, -96.0, -180.0, -96.0, -292.0, -150.0);
    cairo_close_path(cairo);
    cairo_set_source(cairo, gradient);
    cairo_fill(cairo);
    cairo_pattern_destroy(gradient);
    struct point edge[4] = {{-292.0, -150.0}, {-180.0, -98.0}, {180.0, -98.0}, {292.0, -150.0}};
    const double width[3] = {1.0, 12.0, 1.0};
    paint_source(cairo, color_shade(color, 0.85), 0.5);
    paint_taper(cairo, edge, width);
}

static void draw_hood(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    struct color color = figure->spec->garment_color;
    double lit = figure->light;
    cairo_save(cairo);
    cairo_set_fill_rule(cairo, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_new_path(cairo);
    cairo_move_to(cairo, -236.0, 330.0);
    cairo_curve_to(cairo, -262.0, 120.0, -270.0, -330.0, 0.0, -338.0);
    cairo_curve_to(cairo, 270.0, -330.0, 262.0, 120.0, 236.0, 330.0);
    cairo_close_path(cairo);
    cairo_move_to(cairo, -112.0, 344.0);
    cairo_curve_to(cairo, -190.0, 160.0, -196.0, -236.0, 0.0, -240.0);
    cairo_curve_to(cairo, 196.0, -236.0, 190.0, 160.0, 112.0, 344.0);
    cairo_close_path(cairo);
    cairo_pattern_t *gradient =
        cairo_pattern_create_linear(lit * 240.0, -200.0, lit * -240.0, 200.0);
    paint_stop(gradient, 0.0, color_tint(color, 0.26), 1.0);
    paint_stop(gradient, 0.5, color, 1.0);
    paint_stop(gradient, 1.0, color_shade(color, 0.7), 1.0);
    cairo_set_source(cairo, gradient);
    cairo_fill(cairo);
    cairo_pattern_destroy(gradient);
    cairo_restore(cairo);
    for (int side = -1; side <= 1; side += 2) {
        for (int fold = 0; fold < 3; fold++) {
            double out = 16.0 + 22.0 * fold;
            struct point curve[4] = {{side * (24.0 + out), -252.0 - out},
                                     {side * (160.0 + out), -230.0},
                                     {side * (168.0 + out), 80.0},
                                     {side * (120.0 + out * 1.4), 330.0}};
            const double width[3] = {1.0, 9.0, 2.0};
            bool bright = fold == 1;
            paint_source(cairo, bright ? color_tint(color, 0.4) : color_shade(color, 0.9),
                         bright ? 0.16 : 0.34);
            paint_taper(cairo, curve, width);
        }
    }
}

void figure_draw_accessories(const struct figure *figure)
{
    const struct portrait_spec *spec = figure->spec;
    figure_enter_head(figure);
    if (spec->ears == EARS_CAT && !spec->hood && !spec->hat) {
        draw_cat_ears(figure);
    }
    if (spec->ears == EARS_POINTED && !spec->hood) {
        /* Long enough to come out of any hair. */
        figure_draw_ear(figure, -1.0);
        figure_draw_ear(figure, 1.0);
    }
    if (spec->hood) {
        draw_hood(figure);
    }
    if (spec->horns) {
        draw_horns(figure);
    }
    if (spec->crown && !spec->hat) {
        draw_crown(figure);
    }
    if (spec->hat) {
        draw_hat(figure);
    }
    if (spec->flower) {
        draw_flower(figure);
    }
    if (spec->glasses) {
        draw_glasses(figure);
    }
    cairo_restore(figure->cairo);
}
