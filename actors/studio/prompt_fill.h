#ifndef TROUPE_ACTORS_STUDIO_PROMPT_FILL_H
#define TROUPE_ACTORS_STUDIO_PROMPT_FILL_H

/* Chooses by the seed what a prompt did not say. Part of prompt.h; pure. */

#include "actors/studio/prompt_words.h"
#include "actors/studio/spec.h"

/* What the prompt did say. */
struct prompt_said {
    bool kinds[WORD_KIND_COUNT];
    bool gender;
    bool age_number;
    bool side; /* which way the head turns */
    bool hair_color;
    bool eye_color;
    bool skin_color;
    bool garment;
    bool garment_color;
    bool any_clothing_color; /* garment_color holds it, for clothes without a known noun */
    bool inner_color;
    bool scarf_color;
    bool hat_color;
    bool beard;
};

void prompt_fill(struct portrait_spec *spec, const struct prompt_said *said);

#endif
