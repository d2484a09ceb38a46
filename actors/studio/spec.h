#ifndef TROUPE_ACTORS_STUDIO_SPEC_H
#define TROUPE_ACTORS_STUDIO_SPEC_H

/*
 * What a portrait shows, as plain values: prompt.h fills one in from words, portrait.h draws it.
 * Owned by whoever draws.
 */

#include <stdbool.h>
#include <stdint.h>

#include "actors/studio/color.h"

enum gender {
    GENDER_NEUTRAL,
    GENDER_FEMININE,
    GENDER_MASCULINE,
};

enum hair_length {
    HAIR_LENGTH_BALD,
    HAIR_LENGTH_SHAVED,
    HAIR_LENGTH_SHORT,
    HAIR_LENGTH_MEDIUM,
    HAIR_LENGTH_LONG,
};

enum hair_texture {
    HAIR_TEXTURE_STRAIGHT,
    HAIR_TEXTURE_WAVY,
    HAIR_TEXTURE_CURLY,
    HAIR_TEXTURE_COILY,
};

enum hair_arrangement {
    HAIR_LOOSE,
    HAIR_SWEPT, /* short: a side parting; long: over one shoulder */
    HAIR_SLICKED,
    HAIR_SPIKY,
    HAIR_MOHAWK,
    HAIR_PONYTAIL,
    HAIR_BUN,
    HAIR_BRAIDS,
};

enum mood {
    MOOD_NEUTRAL,
    MOOD_HAPPY,
    MOOD_JOYFUL,
    MOOD_SAD,
    MOOD_ANGRY,
    MOOD_SURPRISED,
    MOOD_DETERMINED,
    MOOD_CALM,
    MOOD_SLY,
    MOOD_SHY,
};

enum pose {
    POSE_FRONT,
    POSE_TURNED_LEFT, /* towards the picture's left */
    POSE_TURNED_RIGHT,
    POSE_LOOKING_UP,
    POSE_LOOKING_DOWN,
    POSE_TILTED,
    POSE_ACTION, /* turned and leaning into it */
};

/* What the hands do; they are not seen otherwise. */
enum gesture {
    GESTURE_NONE,
    GESTURE_WAVE,
    GESTURE_CHIN, /* a hand at the chin */
    GESTURE_BOOK, /* a book held in front */
};

/* How much of the person is in the picture. */
enum distance {
    DISTANCE_USUAL,
    DISTANCE_CLOSE,
    DISTANCE_FAR,
};

enum style {
    STYLE_ILLUSTRATION,
    STYLE_PAINTERLY,
    STYLE_ANIME,
    STYLE_WATERCOLOR,
    STYLE_NOIR,
    STYLE_NEON,
    STYLE_PASTEL,
    STYLE_PIXEL,
};

enum scene {
    SCENE_STUDIO,
    SCENE_BOKEH,
    SCENE_FOREST,
    SCENE_SEA,
    SCENE_MOUNTAINS,
    SCENE_CITY,
    SCENE_STARS,
    SCENE_SNOW,
    SCENE_DESERT,
    SCENE_FIRE,
};

enum garment {
    GARMENT_SHIRT, /* a collar and buttons */
    GARMENT_TEE,
    GARMENT_SWEATER,
    GARMENT_HOODIE,
    GARMENT_COAT, /* lapels over a shirt; also jackets */
    GARMENT_SUIT,
    GARMENT_DRESS, /* a wide neckline */
    GARMENT_ROBE,  /* crossed at the front; also kimonos and cloaks */
    GARMENT_ARMOR,
};

enum ears {
    EARS_ROUND,
    EARS_POINTED,
    EARS_CAT,
};

enum {
    SPEC_AGE_MAX = 90, /* years; older faces are drawn as this age */
};

struct portrait_spec {
    uint64_t seed;      /* of what the person is like */
    uint64_t variation; /* of what differs between two pictures: mood, pose, scene */
    enum gender gender;
    int age; /* years, 6..SPEC_AGE_MAX */
    enum mood mood;
    enum pose pose;
    enum gesture gesture;
    enum distance distance;
    enum style style;
    enum scene scene;
    bool scene_night;
    struct color skin;
    struct color eyes;
    struct color hair;
    struct color hair_streak; /* the colour of the tips when hair_streaked */
    bool hair_streaked;
    bool hair_bangs;
    enum hair_length hair_length;
    enum hair_texture hair_texture;
    enum hair_arrangement hair_arrangement;
    enum ears ears;
    enum garment garment;
    struct color garment_color;
    struct color inner_color; /* what shows below an open garment, and trimmings */
    struct color scarf_color;
    struct color hat_color;
    bool scarf;
    bool hat;
    bool hood;
    bool crown;
    bool horns;
    bool glasses;
    bool earrings;
    bool necklace;
    bool flower;
    bool freckles;
    bool scar;
    bool beard;
    bool moustache;
};

#endif
