#ifndef TROUPE_ACTORS_STUDIO_PERSONALITY_WORDS_H
#define TROUPE_ACTORS_STUDIO_PERSONALITY_WORDS_H

/* The vocabulary of personality.c. Constant tables. */

#include <stddef.h>

struct word_list {
    const char *const *words;
    size_t count;
};

extern const struct word_list LIST_TRAITS; /* adjectives, also looked for in what is asked */
extern const struct word_list LIST_MOODS;  /* one word each, which a portrait can show */
extern const struct word_list LIST_FLAWS;
extern const struct word_list LIST_QUIRKS;
extern const struct word_list LIST_VALUES;
extern const struct word_list LIST_DREAMS;
extern const struct word_list LIST_FEARS;
extern const struct word_list LIST_LIKES;
extern const struct word_list LIST_DISLIKES;
extern const struct word_list LIST_VOICES;
extern const struct word_list LIST_GREETINGS; /* %s is the name */
extern const struct word_list LIST_OPENINGS;  /* %s: name, trait, trait */
extern const struct word_list LIST_MOVEMENTS; /* %s is the name */
extern const struct word_list LIST_CAMERAS;
extern const struct word_list LIST_LIGHTS;
extern const struct word_list LIST_AIRS;
extern const struct word_list LIST_ANSWERS;

#endif
