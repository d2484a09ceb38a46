#include "actors/studio/backdrop.h"
#include "actors/studio/portrait.h"
#include "actors/studio/portrait_finish.h"

/* The person alone on a transparent ground, back to front. */
static void draw_person(const struct figure *figure)
{
    cairo_t *cairo = figure->cairo;
    cairo_translate(cairo, figure->origin.x, figure->origin.y);
    cairo_scale(cairo, figure->scale, figure->scale);
    figure_draw_back_hair(figure);
    figure_draw_body(figure);
    cairo_push_group(cairo);
    figure_draw_front_hair(figure);
    cairo_pattern_t *hair = cairo_pop_group(cairo);
    figure_draw_face(figure, hair);
    cairo_set_source(cairo, hair);
    cairo_paint(cairo);
    cairo_pattern_destroy(hair);
    figure_draw_accessories(figure);
    figure_draw_gesture(figure);
}

static enum status draw_on(const struct portrait_spec *spec, struct pixels *ground,
                           struct pixels *person, struct figure_landmarks *landmarks)
{
    struct backdrop backdrop = backdrop_make(spec);
    enum status status = STATUS_NO_MEMORY;
    cairo_surface_t *person_surface = pixels_surface(person);
    cairo_surface_t *ground_surface = pixels_surface(ground);
    if (person_surface == NULL || ground_surface == NULL) {
        goto out;
    }
    cairo_t *cairo = cairo_create(person_surface);
    struct figure figure = figure_make(spec, cairo, backdrop.accent);
    draw_person(&figure);
    if (landmarks != NULL) {
        *landmarks = figure_landmarks(&figure);
    }
    cairo_destroy(cairo);
    cairo_surface_flush(person_surface);
    cairo = cairo_create(ground_surface);
    status = backdrop_draw(&backdrop, spec, figure.light, cairo, PORTRAIT_SIDE);
    if (status == STATUS_OK) {
        struct finish finish = {.spec = spec, .light = figure.light, .rim = backdrop.accent};
        status = portrait_finish_person(&finish, person);
    }
    if (status == STATUS_OK) {
        cairo_surface_mark_dirty(person_surface);
        cairo_identity_matrix(cairo);
        cairo_set_source_surface(cairo, person_surface, 0.0, 0.0);
        cairo_paint(cairo);
        backdrop_draw_motes(&backdrop, spec, cairo, PORTRAIT_SIDE);
    }
    cairo_destroy(cairo);
    cairo_surface_flush(ground_surface);
out:
    cairo_surface_destroy(person_surface);
    cairo_surface_destroy(ground_surface);
    return status;
}

enum status portrait_draw(const struct portrait_spec *spec, struct pixels *out,
                          struct figure_landmarks *landmarks)
{
    struct pixels person = {0};
    struct pixels ground = {0};
    enum status status = pixels_init(&person, PORTRAIT_SIDE, PORTRAIT_SIDE);
    if (status == STATUS_OK) {
        status = pixels_init(&ground, PORTRAIT_SIDE, PORTRAIT_SIDE);
    }
    if (status == STATUS_OK) {
        status = draw_on(spec, &ground, &person, landmarks);
    }
    if (status == STATUS_OK) {
        status = portrait_finish_picture(spec, &ground);
    }
    pixels_fini(&person);
    if (status != STATUS_OK) {
        pixels_fini(&ground);
        return status;
    }
    *out = ground;
    return STATUS_OK;
}
