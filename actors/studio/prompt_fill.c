#include "actors/studio/dice.h"
#include "actors/studio/prompt_fill.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct color pick_color(uint64_t seed, const char *purpose, const unsigned *table,
                               size_t count)
{
    struct dice dice = dice_make(seed, purpose);
    return color_from_hex(table[dice_pick(&dice, (unsigned)count)]);
}

static void fill_person(struct portrait_spec *spec, const struct prompt_said *said)
{
    if (!said->gender) {
        struct dice dice = dice_make(spec->seed, "gender");
        spec->gender = dice_pick(&dice, 2) == 0 ? GENDER_FEMININE : GENDER_MASCULINE;
    }
    if (!said->age_number && !said->kinds[WORD_AGE]) {
        struct dice dice = dice_make(spec->seed, "age");
        spec->age = 20 + (int)dice_pick(&dice, 22);
    }
    if (spec->age > 120) {
        spec->age = 28; /* those who count in centuries look young */
    }
    spec->age = spec->age < 6 ? 6 : spec->age > SPEC_AGE_MAX ? SPEC_AGE_MAX : spec->age;
    if (!said->kinds[WORD_MOOD]) {
        static const enum mood MOODS[] = {MOOD_HAPPY, MOOD_HAPPY,      MOOD_CALM,
                                          MOOD_CALM,  MOOD_NEUTRAL,    MOOD_DETERMINED,
                                          MOOD_SLY,   MOOD_DETERMINED, MOOD_HAPPY};
        struct dice dice = dice_make(spec->variation, "mood");
        spec->mood = MOODS[dice_pick(&dice, COUNT(MOODS))];
    }
}

static void fill_pose(struct portrait_spec *spec, const struct prompt_said *said)
{
    struct dice dice = dice_make(spec->variation, "pose");
    static const enum pose POSES[] = {POSE_FRONT,        POSE_FRONT,       POSE_TURNED_LEFT,
                                      POSE_TURNED_RIGHT, POSE_TURNED_LEFT, POSE_TURNED_RIGHT,
                                      POSE_TILTED,       POSE_TILTED};
    if (!said->kinds[WORD_POSE]) {
        spec->pose = POSES[dice_pick(&dice, COUNT(POSES))];
    } else if (spec->pose == POSE_TURNED_RIGHT && !said->side && dice_pick(&dice, 2) == 0) {
        spec->pose = POSE_TURNED_LEFT;
    }
}

static void fill_scene(struct portrait_spec *spec, const struct prompt_said *said)
{
    static const enum scene SCENES[] = {SCENE_STUDIO,    SCENE_STUDIO, SCENE_BOKEH,
                                        SCENE_BOKEH,     SCENE_FOREST, SCENE_SEA,
                                        SCENE_MOUNTAINS, SCENE_CITY,   SCENE_STARS};
    struct dice dice = dice_make(spec->variation, "scene");
    if (!said->kinds[WORD_SCENE]) {
        bool city = spec->style == STYLE_NEON || spec->style == STYLE_NOIR;
        spec->scene = city ? SCENE_CITY : SCENES[dice_pick(&dice, COUNT(SCENES))];
    }
    if (!said->kinds[WORD_NIGHT]) {
        bool dark = spec->style == STYLE_NEON || spec->style == STYLE_NOIR;
        spec->scene_night = dark || dice_pick(&dice, 4) == 0;
    }
}

static void fill_colors(struct portrait_spec *spec, const struct prompt_said *said)
{
    static const unsigned SKINS[] = {0xf6dccb, 0xf3d0b8, 0xf0c8ab, 0xecbf9c, 0xdba772,
                                     0xcf9d72, 0xb87d50, 0x9a6442, 0x7d4e35, 0x5d3828};
    static const unsigned HAIRS[] = {0x211c26, 0x2e2020, 0x3c271d, 0x5a3825, 0x70402a, 0x873a22,
                                     0xb9602f, 0xc08f4a, 0xdcb56e, 0xeadfca, 0x2b2a4a, 0x7a3550};
    static const unsigned OLD_HAIRS[] = {0xecebf0, 0xc6ccd8, 0xa6a7af, 0x8d8a8c};
    static const unsigned EYES[] = {0x7a4a24, 0x5d3a20, 0x94763a, 0x4b9d5a, 0x3f8ad6,
                                    0x8c9bab, 0xd08d24, 0x3f8a8c, 0x8a5fd0};
    if (!said->skin_color) {
        /* Fair hair that was asked for comes with fairer skin. */
        bool fair = said->hair_color && spec->age < 60 && color_luma(spec->hair) > 0.40;
        spec->skin = pick_color(spec->seed, "skin", SKINS, fair ? 6 : COUNT(SKINS));
    }
    if (!said->hair_color) {
        bool dark = color_luma(spec->skin) < 0.50;
        spec->hair = spec->age >= 60
                         ? pick_color(spec->seed, "hair", OLD_HAIRS, COUNT(OLD_HAIRS))
                         : pick_color(spec->seed, "hair", HAIRS, dark ? 5 : COUNT(HAIRS));
    }
    if (!said->eye_color) {
        spec->eyes = pick_color(spec->seed, "eyes", EYES, COUNT(EYES));
    }
}

static enum hair_length length_for(const struct portrait_spec *spec, struct dice *dice)
{
    double chance = dice_unit(dice);
    switch (spec->hair_arrangement) {
    case HAIR_PONYTAIL:
    case HAIR_BUN:
    case HAIR_BRAIDS:
        return HAIR_LENGTH_LONG;
    case HAIR_SLICKED:
    case HAIR_SPIKY:
    case HAIR_MOHAWK:
        return HAIR_LENGTH_SHORT;
    case HAIR_LOOSE:
    case HAIR_SWEPT:
        break;
    }
    if (spec->hair_texture == HAIR_TEXTURE_COILY) {
        return HAIR_LENGTH_MEDIUM;
    }
    if (spec->gender == GENDER_MASCULINE) {
        double bald = spec->age > 50 ? 0.25 : 0.03;
        return chance < bald   ? HAIR_LENGTH_BALD
               : chance < 0.80 ? HAIR_LENGTH_SHORT
               : chance < 0.93 ? HAIR_LENGTH_MEDIUM
                               : HAIR_LENGTH_LONG;
    }
    return chance < 0.14   ? HAIR_LENGTH_SHORT
           : chance < 0.45 ? HAIR_LENGTH_MEDIUM
                           : HAIR_LENGTH_LONG;
}

static void fill_hair(struct portrait_spec *spec, const struct prompt_said *said)
{
    struct dice dice = dice_make(spec->seed, "hair shape");
    double chance = dice_unit(&dice);
    if (!said->kinds[WORD_HAIR_TEXTURE]) {
        bool dark = color_luma(spec->skin) < 0.42;
        spec->hair_texture = dark && chance < 0.6 ? HAIR_TEXTURE_COILY
                             : chance < 0.50      ? HAIR_TEXTURE_STRAIGHT
                             : chance < 0.85      ? HAIR_TEXTURE_WAVY
                                                  : HAIR_TEXTURE_CURLY;
    }
    if (!said->kinds[WORD_HAIR_LENGTH]) {
        spec->hair_length = length_for(spec, &dice);
    }
    if (!said->kinds[WORD_HAIR_ARRANGEMENT]) {
        chance = dice_unit(&dice);
        bool tied = spec->gender == GENDER_FEMININE && spec->hair_length == HAIR_LENGTH_LONG &&
                    !said->kinds[WORD_HAIR_LENGTH];
        spec->hair_arrangement = tied && chance < 0.12   ? HAIR_PONYTAIL
                                 : tied && chance < 0.22 ? HAIR_BUN
                                 : tied && chance < 0.32 ? HAIR_BRAIDS
                                 : chance < 0.60         ? HAIR_LOOSE
                                                         : HAIR_SWEPT;
    }
    if (!said->kinds[WORD_HAIR_BANGS]) {
        spec->hair_bangs = spec->gender != GENDER_MASCULINE && dice_unit(&dice) < 0.3;
    }
    if (!said->beard && spec->gender == GENDER_MASCULINE && spec->age >= 25) {
        spec->beard = dice_unit(&dice) < 0.35;
    }
}

static void fill_clothing(struct portrait_spec *spec, const struct prompt_said *said)
{
    static const unsigned OUTFITS[][2] = {
        {0x2e4a6b, 0xe9dfcd}, {0x7a2f3a, 0xf0e2d0}, {0x2f5b4c, 0xd9b36a}, {0x4a3a66, 0xe8d6e6},
        {0xb5623a, 0xf1e3cf}, {0x30343f, 0xc7cfd8}, {0xc99a3f, 0x4a3527}, {0x547a8c, 0xf2ead9},
        {0x8c4a6a, 0xf3dfe4}, {0x6d7a45, 0xf0e8d0}, {0xe2d8c6, 0x6b4a3a}, {0x244a52, 0xe9a15b},
    };
    static const enum garment GARMENTS[] = {GARMENT_SHIRT, GARMENT_TEE,  GARMENT_SWEATER,
                                            GARMENT_COAT,  GARMENT_COAT, GARMENT_HOODIE,
                                            GARMENT_ROBE};
    struct dice dice = dice_make(spec->seed, "clothing");
    const unsigned *outfit = OUTFITS[dice_pick(&dice, COUNT(OUTFITS))];
    unsigned garment = dice_pick(&dice, COUNT(GARMENTS) + 1);
    if (!said->garment) {
        bool dress = garment == COUNT(GARMENTS) && spec->gender == GENDER_FEMININE;
        spec->garment = dress ? GARMENT_DRESS : GARMENTS[garment % COUNT(GARMENTS)];
    }
    if (!said->garment_color && (said->garment || !said->any_clothing_color)) {
        spec->garment_color = spec->garment == GARMENT_ARMOR  ? color_from_hex(0x9aa3b0)
                              : spec->garment == GARMENT_SUIT ? color_from_hex(0x2d3242)
                                                              : color_from_hex(outfit[0]);
    }
    if (!said->inner_color) {
        spec->inner_color = spec->garment == GARMENT_ARMOR  ? color_from_hex(0xc79b45)
                            : spec->garment == GARMENT_SUIT ? color_from_hex(outfit[0])
                                                            : color_from_hex(outfit[1]);
    }
    if (!said->scarf_color) {
        spec->scarf_color = pick_color(spec->seed, "scarf", OUTFITS[1], 1);
    }
    if (!said->hat_color) {
        spec->hat_color = color_shade(spec->garment_color, 0.25);
    }
    if (spec->gender == GENDER_FEMININE && dice_unit(&dice) < 0.4) {
        spec->earrings = true;
    }
}

void prompt_fill(struct portrait_spec *spec, const struct prompt_said *said)
{
    fill_person(spec, said);
    fill_pose(spec, said);
    fill_scene(spec, said);
    fill_colors(spec, said);
    fill_hair(spec, said);
    fill_clothing(spec, said);
}
