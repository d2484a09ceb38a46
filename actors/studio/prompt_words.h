#ifndef TROUPE_ACTORS_STUDIO_PROMPT_WORDS_H
#define TROUPE_ACTORS_STUDIO_PROMPT_WORDS_H

/* The words that a prompt may use, and what each stands for. Part of prompt.h; constant tables,
 * pure. */

#include "actors/studio/prompt_tokens.h"

/* What a word decides. */
enum word_kind {
    WORD_GENDER,
    WORD_AGE, /* value is years */
    WORD_MOOD,
    WORD_POSE,
    WORD_GESTURE,
    WORD_DISTANCE,
    WORD_STYLE,
    WORD_SCENE,
    WORD_NIGHT,
    WORD_HAIR_LENGTH,
    WORD_HAIR_TEXTURE,
    WORD_HAIR_ARRANGEMENT,
    WORD_HAIR_BANGS,
    WORD_GARMENT,
    WORD_ACCESSORY, /* value is enum accessory */
    WORD_EARS,
    WORD_KIND_COUNT,
};

enum accessory {
    ACCESSORY_SCARF,
    ACCESSORY_HAT,
    ACCESSORY_HOOD,
    ACCESSORY_CROWN,
    ACCESSORY_HORNS,
    ACCESSORY_GLASSES,
    ACCESSORY_EARRINGS,
    ACCESSORY_NECKLACE,
    ACCESSORY_FLOWER,
    ACCESSORY_FRECKLES,
    ACCESSORY_SCAR,
    ACCESSORY_BEARD,
    ACCESSORY_MOUSTACHE,
    ACCESSORY_INNER, /* a waistcoat, a tie: colours what an open garment shows */
};

struct word {
    const char *text;
    enum word_kind kind;
    int value;
    enum section section; /* where the word means this; SECTION_NONE: anywhere but in a name */
};

extern const struct word WORDS[];
extern const size_t WORDS_COUNT;

/* Whether a word says how hair is worn, and nothing else ("wavy", "long"). */
bool word_describes_hair(const char *word);

/* Finds the colour that a word names in a section (hair that is red is not scarlet). false: it
 * names none. */
bool word_color(const char *word, enum section section, unsigned *hex_out);

#endif
