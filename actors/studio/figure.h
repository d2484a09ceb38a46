#ifndef TROUPE_ACTORS_STUDIO_FIGURE_H
#define TROUPE_ACTORS_STUDIO_FIGURE_H

/*
 * The person in a portrait: measures, skin tones and the functions that draw its parts, back to
 * front. Coordinates are figure units from an origin between the eyes; head parts are drawn under
 * the head's own tilt. A struct figure is a value made by figure_make; it borrows the spec and the
 * cairo context. Part of portrait.h.
 */

#include "actors/studio/paint.h"
#include "actors/studio/spec.h"

/* Measures in figure units, from the origin between the eyes. */
enum {
    FIGURE_SKULL_Y = -222, /* top of the skull */
    FIGURE_HAIRLINE_Y = -136,
};

struct figure {
    const struct portrait_spec *spec;
    cairo_t *cairo;
    struct point origin; /* between the eyes, in the picture (1024 wide) */
    double scale;        /* picture units in a figure unit */
    double light;        /* -1: the light comes from the left, 1: from the right */
    double turn;         /* -1..1, towards the picture's left or right */
    double nod;          /* -1..1, features move down when positive */
    double tilt;         /* radians */
    double age;          /* 0 at 20 years, 1 at SPEC_AGE_MAX */
    double child;        /* 1 at 6 years, 0 from 17 on */
    double cheek;        /* half width of the face at the cheekbones */
    double jaw;
    double chin;
    double chin_y;
    double nose_y;
    double mouth_y;
    double eye_u;      /* where the eyes sit: share of the cheek's half width */
    double eye_width;  /* half width */
    double eye_height; /* half height, before the mood */
    double eye_slant;  /* outer corners lower when positive */
    double nose;       /* width; these three as shares of the usual */
    double lips;
    double brow;
    double neck;     /* half width */
    double shoulder; /* half width */
    struct color skin;
    struct color skin_light;
    struct color skin_shade;
    struct color skin_deep; /* lines and nostrils */
    struct color ambient;   /* the colour that the scene throws on the shadow side */
};

struct figure figure_make(const struct portrait_spec *spec, cairo_t *cairo, struct color ambient);

/* Where a feature at share u of the face's half width appears on the turned head, and how
 * narrow. */
double figure_x(const struct figure *figure, double u);
double figure_narrow(const struct figure *figure, double u);

/* Moves cairo into the head's space (tilted about the neck); undo with cairo_restore. */
void figure_enter_head(const struct figure *figure);

/* The outline of the face, ears and hair excluded, as the current path. In the head's space. */
void figure_face_path(const struct figure *figure);

void figure_draw_back_hair(const struct figure *figure);
void figure_draw_body(const struct figure *figure); /* neck and clothes */
void figure_draw_face(const struct figure *figure, cairo_pattern_t *hair_mask); /* may be NULL */
void figure_draw_ear(const struct figure *figure, double side); /* -1 left, 1 right */
void figure_draw_features(const struct figure *figure); /* nose, mouth, eyes, brows, beard */
void figure_draw_front_hair(const struct figure *figure);
void figure_draw_gesture(const struct figure *figure);     /* hands and what they hold */
void figure_draw_accessories(const struct figure *figure); /* glasses, hat, crown, horns, flower */

/* Parts of figure_draw_features. */
void figure_draw_eyes(const struct figure *figure);
void figure_draw_nose(const struct figure *figure);
void figure_draw_mouth(const struct figure *figure);
void figure_draw_beard(const struct figure *figure);
void figure_draw_marks(const struct figure *figure); /* freckles, scar, lines of age */

/* Parts of figure_draw_body. */
void figure_draw_clothes(const struct figure *figure);
void figure_draw_scarf(const struct figure *figure);
void figure_torso_path(const struct figure *figure);

/* Heights above and below the middle of an eye: its upper lashes, its lower lid, the brow's lower
 * edge where it is lowest. */
struct figure_lids {
    double top;
    double bottom;
    double brow;
};

void figure_eye_lids(const struct figure *figure, struct figure_lids *out);

/* Where the face's parts are in the finished picture, for those who animate it; in its pixels. */
struct figure_landmarks {
    struct point eyes[2];
    double eye_width; /* half width */
    struct figure_lids lids;
};

struct figure_landmarks figure_landmarks(const struct figure *figure);

#endif
