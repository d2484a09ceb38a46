#include <stdlib.h>

#include "actors/studio/dice.h"
#include "actors/studio/prompt.h"
#include "actors/studio/prompt_fill.h"
#include "actors/studio/prompt_words.h"

enum {
    AGE_READ_MAX = 10000, /* years: what a character may have */
};

/* What has been read so far. A word in its own section ("mood: sad") stands above one found
 * elsewhere. */
struct reading {
    struct portrait_spec *spec;
    struct prompt_said said;
    bool said_at_home[WORD_KIND_COUNT];
    struct color pending; /* a colour that waits for its garment */
    bool pending_set;
    bool left;
};

static enum section home_of(enum word_kind kind)
{
    static const enum section HOMES[WORD_KIND_COUNT] = {
        [WORD_GENDER] = SECTION_GENDER,      [WORD_AGE] = SECTION_AGE,
        [WORD_GESTURE] = SECTION_POSE,       [WORD_DISTANCE] = SECTION_POSE,
        [WORD_MOOD] = SECTION_MOOD,          [WORD_POSE] = SECTION_POSE,
        [WORD_STYLE] = SECTION_STYLE,        [WORD_SCENE] = SECTION_BACKGROUND,
        [WORD_NIGHT] = SECTION_BACKGROUND,   [WORD_HAIR_LENGTH] = SECTION_HAIR,
        [WORD_HAIR_TEXTURE] = SECTION_HAIR,  [WORD_HAIR_ARRANGEMENT] = SECTION_HAIR,
        [WORD_HAIR_BANGS] = SECTION_HAIR,    [WORD_GARMENT] = SECTION_CLOTHING,
        [WORD_ACCESSORY] = SECTION_CLOTHING, [WORD_EARS] = SECTION_NONE,
    };
    return HOMES[kind];
}

static bool is(const struct token *token, const char *word)
{
    return strcmp(token->word, word) == 0;
}

static bool is_number(const struct token *token)
{
    return token->word[0] >= '0' && token->word[0] <= '9';
}

static bool is_negated(const struct token *tokens, size_t index)
{
    for (size_t step = 1; step <= 2 && step <= index && !tokens[index - step + 1].starts; step++) {
        if (is(&tokens[index - step], "no") || is(&tokens[index - step], "without")) {
            return true;
        }
    }
    return false;
}

/* "dark red" is one colour: finds the one at index, changed by the word before it. */
static bool color_at(const struct token *tokens, size_t count, size_t index, struct color *out)
{
    unsigned hex;
    if (!word_color(tokens[index].word, tokens[index].section, &hex)) {
        return false;
    }
    static const char *const MODIFIERS[] = {"dark", "deep", "light", "pale", "bright"};
    bool followed = index + 1 < count && !tokens[index + 1].starts &&
                    tokens[index + 1].section == tokens[index].section &&
                    word_color(tokens[index + 1].word, tokens[index].section, &hex);
    for (size_t modifier = 0; modifier < 5; modifier++) {
        if (followed && is(&tokens[index], MODIFIERS[modifier])) {
            return false;
        }
    }
    word_color(tokens[index].word, tokens[index].section, &hex);
    *out = color_from_hex(hex);
    if (index > 0 && !tokens[index].starts) {
        const struct token *before = &tokens[index - 1];
        if (is(before, "dark") || is(before, "deep")) {
            *out = color_mix(*out, color_from_hex(0x14101c), 0.42);
        } else if (is(before, "light") || is(before, "pale") || is(before, "pastel")) {
            *out = color_mix(*out, color_from_hex(0xfff6ec), 0.42);
        } else if (is(before, "bright") || is(before, "vivid")) {
            *out = color_saturate(*out, 0.35);
        }
    }
    return true;
}

static int outerness(enum garment garment)
{
    bool outer = garment == GARMENT_COAT || garment == GARMENT_SUIT || garment == GARMENT_ROBE ||
                 garment == GARMENT_ARMOR;
    return outer ? 2 : garment == GARMENT_HOODIE ? 1 : 0;
}

static void take_garment(struct reading *reading, enum garment garment)
{
    struct portrait_spec *spec = reading->spec;
    struct prompt_said *said = &reading->said;
    if (said->garment && outerness(garment) <= outerness(spec->garment)) {
        if (reading->pending_set && !said->inner_color) {
            spec->inner_color = reading->pending;
            said->inner_color = true;
        }
        return;
    }
    if (said->garment && said->garment_color && !said->inner_color) {
        spec->inner_color = spec->garment_color;
        said->inner_color = true;
        said->garment_color = false;
    }
    spec->garment = garment;
    said->garment = true;
    if (reading->pending_set) {
        spec->garment_color = reading->pending;
        said->garment_color = true;
    }
}

static void take_accessory(struct reading *reading, enum accessory accessory, bool present)
{
    struct portrait_spec *spec = reading->spec;
    bool *const FLAGS[] = {
        [ACCESSORY_SCARF] = &spec->scarf,         [ACCESSORY_HAT] = &spec->hat,
        [ACCESSORY_HOOD] = &spec->hood,           [ACCESSORY_CROWN] = &spec->crown,
        [ACCESSORY_HORNS] = &spec->horns,         [ACCESSORY_GLASSES] = &spec->glasses,
        [ACCESSORY_EARRINGS] = &spec->earrings,   [ACCESSORY_NECKLACE] = &spec->necklace,
        [ACCESSORY_FLOWER] = &spec->flower,       [ACCESSORY_FRECKLES] = &spec->freckles,
        [ACCESSORY_SCAR] = &spec->scar,           [ACCESSORY_BEARD] = &spec->beard,
        [ACCESSORY_MOUSTACHE] = &spec->moustache,
    };
    if (accessory == ACCESSORY_INNER) {
        if (reading->pending_set && !reading->said.inner_color) {
            spec->inner_color = reading->pending;
            reading->said.inner_color = true;
        }
        return;
    }
    *FLAGS[accessory] = present;
    reading->said.beard = reading->said.beard || accessory == ACCESSORY_BEARD;
    bool whiskers = accessory == ACCESSORY_BEARD || accessory == ACCESSORY_MOUSTACHE;
    if (whiskers && reading->pending_set && !reading->said.hair_color) {
        spec->hair = reading->pending;
        reading->said.hair_color = true;
    }
    if (accessory == ACCESSORY_SCARF && reading->pending_set) {
        spec->scarf_color = reading->pending;
        reading->said.scarf_color = true;
    }
    if (accessory == ACCESSORY_HAT && reading->pending_set) {
        spec->hat_color = reading->pending;
        reading->said.hat_color = true;
    }
}

static void take_value(struct reading *reading, const struct word *word)
{
    struct portrait_spec *spec = reading->spec;
    switch (word->kind) {
    case WORD_GENDER:
        spec->gender = (enum gender)word->value;
        break;
    case WORD_AGE:
        spec->age = reading->said.age_number ? spec->age : word->value;
        break;
    case WORD_MOOD:
        spec->mood = (enum mood)word->value;
        break;
    case WORD_POSE:
        spec->pose = (enum pose)word->value;
        break;
    case WORD_GESTURE:
        spec->gesture = (enum gesture)word->value;
        break;
    case WORD_DISTANCE:
        spec->distance = (enum distance)word->value;
        break;
    case WORD_STYLE:
        spec->style = (enum style)word->value;
        break;
    case WORD_SCENE:
        spec->scene = (enum scene)word->value;
        break;
    case WORD_NIGHT:
        spec->scene_night = word->value != 0;
        break;
    case WORD_HAIR_LENGTH:
        spec->hair_length = (enum hair_length)word->value;
        break;
    case WORD_HAIR_TEXTURE:
        spec->hair_texture = (enum hair_texture)word->value;
        break;
    case WORD_HAIR_ARRANGEMENT:
        spec->hair_arrangement = (enum hair_arrangement)word->value;
        break;
    case WORD_HAIR_BANGS:
        spec->hair_bangs = true;
        break;
    case WORD_EARS:
        spec->ears = (enum ears)word->value;
        break;
    case WORD_GARMENT:
    case WORD_ACCESSORY:
    case WORD_KIND_COUNT:
        break;
    }
}

static void take_word(struct reading *reading, const struct token *token, const struct word *word,
                      bool negated)
{
    if (word->kind == WORD_ACCESSORY || word->kind == WORD_GARMENT) {
        if (word->kind == WORD_ACCESSORY) {
            take_accessory(reading, (enum accessory)word->value, !negated);
        } else if (!negated) {
            take_garment(reading, (enum garment)word->value);
        }
        reading->pending_set = false;
        return;
    }
    bool home = token->section == home_of(word->kind);
    bool first = !reading->said.kinds[word->kind];
    if (!negated && (first || (home && !reading->said_at_home[word->kind]))) {
        take_value(reading, word);
        reading->said.kinds[word->kind] = true;
        reading->said_at_home[word->kind] = home;
    }
}

static void read_words(struct reading *reading, const struct token *tokens, size_t index)
{
    const struct token *token = &tokens[index];
    if (token->section == SECTION_NAME || token->label ||
        (is(token, "old") && index > 0 && strncmp(tokens[index - 1].word, "year", 4) == 0)) {
        return;
    }
    for (size_t word = 0; word < WORDS_COUNT; word++) {
        if (is(token, WORDS[word].text) &&
            (WORDS[word].section == SECTION_NONE || WORDS[word].section == token->section)) {
            take_word(reading, token, &WORDS[word], is_negated(tokens, index));
        }
    }
    if (is(token, "left") && token->section == SECTION_POSE) {
        reading->left = true;
    }
    if (is(token, "shaven")) {
        reading->said.beard = true;
    }
}

static void read_color(struct reading *reading, struct color color, enum section section)
{
    struct portrait_spec *spec = reading->spec;
    struct prompt_said *said = &reading->said;
    if (section == SECTION_HAIR && !said->hair_color) {
        spec->hair = color;
        said->hair_color = true;
    } else if (section == SECTION_HAIR && !spec->hair_streaked) {
        spec->hair_streak = color;
        spec->hair_streaked = true;
    } else if (section == SECTION_EYES && !said->eye_color) {
        spec->eyes = color;
        said->eye_color = true;
    } else if (section == SECTION_SKIN && !said->skin_color) {
        spec->skin = color;
        said->skin_color = true;
    } else if ((section == SECTION_CLOTHING || section == SECTION_NONE) && !reading->pending_set) {
        reading->pending = color;
        reading->pending_set = true;
        if (section == SECTION_CLOTHING && !said->any_clothing_color) {
            spec->garment_color = color;
            said->any_clothing_color = true;
        }
    }
}

static void read_numbers(struct reading *reading, const struct token *tokens, size_t count,
                         size_t index)
{
    const struct token *token = &tokens[index];
    if (!is_number(token) || token->section == SECTION_NAME) {
        return;
    }
    bool years = index + 1 < count && strncmp(tokens[index + 1].word, "year", 4) == 0;
    bool aged = index > 0 && (is(&tokens[index - 1], "aged") || is(&tokens[index - 1], "age"));
    if ((token->section == SECTION_AGE || years || aged) && !reading->said.age_number) {
        long years_old = strtol(token->word, NULL, 10);
        reading->spec->age = years_old > AGE_READ_MAX ? AGE_READ_MAX : (int)years_old;
        reading->said.age_number = true;
    }
    if (is(token, "3") && index + 1 < count && is(&tokens[index + 1], "4") &&
        !reading->said.kinds[WORD_POSE]) {
        reading->spec->pose = POSE_TURNED_RIGHT;
        reading->said.kinds[WORD_POSE] = true;
    }
}

/* The number that a label, or the word before it, names. */
static bool number_at(const struct token *tokens, size_t count, enum section section,
                      const char *name, uint64_t *out)
{
    for (size_t index = 0; index < count; index++) {
        bool named =
            tokens[index].section == section || (index > 0 && is(&tokens[index - 1], name));
        if (is_number(&tokens[index]) && named) {
            *out = strtoull(tokens[index].word, NULL, 10);
            return true;
        }
    }
    return false;
}

static struct slice bounded(struct slice prompt)
{
    return slice_make(prompt.data, prompt.size > PROMPT_SIZE_MAX ? PROMPT_SIZE_MAX : prompt.size);
}

static uint64_t choose_seed(struct slice prompt, const struct token *tokens, size_t count,
                            const uint64_t *otherwise)
{
    uint64_t seed;
    if (number_at(tokens, count, SECTION_SEED, "seed", &seed)) {
        return seed;
    }
    return otherwise != NULL ? *otherwise : dice_hash(prompt);
}

void prompt_parse(struct slice prompt, const uint64_t *otherwise, struct portrait_spec *out)
{
    struct token tokens[PROMPT_TOKEN_COUNT_MAX];
    size_t count = tokens_read(bounded(prompt), tokens, PROMPT_TOKEN_COUNT_MAX);
    struct reading reading = {.spec = out};
    *out = (struct portrait_spec){.seed = choose_seed(prompt, tokens, count, otherwise)};
    out->variation = out->seed;
    (void)number_at(tokens, count, SECTION_VARIATION, "variation", &out->variation);
    for (size_t index = 0; index < count; index++) {
        struct color color;
        read_numbers(&reading, tokens, count, index);
        if (tokens[index].section != SECTION_NAME && !tokens[index].label &&
            color_at(tokens, count, index, &color)) {
            read_color(&reading, color, tokens[index].section);
        }
        read_words(&reading, tokens, index);
        if (index + 1 < count && tokens[index + 1].sentence) {
            reading.pending_set = false;
        }
    }
    reading.said.gender = reading.said.kinds[WORD_GENDER];
    if (reading.left && out->pose == POSE_TURNED_RIGHT) {
        out->pose = POSE_TURNED_LEFT;
        reading.said.side = true;
    }
    prompt_fill(out, &reading.said);
}

uint64_t prompt_seed(struct slice prompt, const uint64_t *otherwise)
{
    struct token tokens[PROMPT_TOKEN_COUNT_MAX];
    size_t count = tokens_read(bounded(prompt), tokens, PROMPT_TOKEN_COUNT_MAX);
    return choose_seed(prompt, tokens, count, otherwise);
}
