#include "actors/studio/prompt_tokens.h"
#include "actors/studio/prompt_words.h"

struct label {
    const char *prefix;
    enum section section;
};

/* The first prefix that fits wins; what no label fits is running text: "hairstyle" and
 * "haircolor" are hair before "style" is a style. */
static const struct label LABELS[] = {
    {"hair", SECTION_HAIR},
    {"eye", SECTION_EYES},
    {"skin", SECTION_SKIN},
    {"complexion", SECTION_SKIN},
    {"cloth", SECTION_CLOTHING},
    {"outfit", SECTION_CLOTHING},
    {"attire", SECTION_CLOTHING},
    {"wear", SECTION_CLOTHING},
    {"dress", SECTION_CLOTHING},
    {"accessor", SECTION_CLOTHING},
    {"mood", SECTION_MOOD},
    {"expression", SECTION_MOOD},
    {"emotion", SECTION_MOOD},
    {"pose", SECTION_POSE},
    {"angle", SECTION_POSE},
    {"style", SECTION_STYLE},
    {"artstyle", SECTION_STYLE},
    {"age", SECTION_AGE},
    {"gender", SECTION_GENDER},
    {"sex", SECTION_GENDER},
    {"seed", SECTION_SEED},
    {"variation", SECTION_VARIATION},
    {"background", SECTION_BACKGROUND},
    {"setting", SECTION_BACKGROUND},
    {"scene", SECTION_BACKGROUND},
    {"location", SECTION_BACKGROUND},
    {"name", SECTION_NAME},
    {"appearance", SECTION_NONE},
    {"description", SECTION_NONE},
    {"face", SECTION_NONE},
    {"features", SECTION_NONE},
    {"build", SECTION_OTHER},
    {"height", SECTION_OTHER},
    {"backstory", SECTION_OTHER},
    {"story", SECTION_OTHER},
    {"duration", SECTION_OTHER},
    {"size", SECTION_OTHER},
};

/* What the words before a noun describe. */
static const struct label NOUNS[] = {
    {"hair", SECTION_HAIR},  {"haired", SECTION_HAIR},   {"braids", SECTION_HAIR},
    {"braid", SECTION_HAIR}, {"ponytail", SECTION_HAIR}, {"bun", SECTION_HAIR},
    {"afro", SECTION_HAIR},  {"curls", SECTION_HAIR},    {"mohawk", SECTION_HAIR},
    {"locks", SECTION_HAIR}, {"fringe", SECTION_HAIR},   {"eyes", SECTION_EYES},
    {"eyed", SECTION_EYES},  {"skin", SECTION_SKIN},     {"skinned", SECTION_SKIN},
};

enum {
    ADJECTIVES_MAX = 4, /* words before a noun that can belong to it */
};

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 0x80;
}

static bool is_word_byte(uint8_t byte)
{
    return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '#' || byte == '\'';
}

static char lower(uint8_t byte)
{
    return (char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

static bool word_is(const struct token *token, const char *word)
{
    return strcmp(token->word, word) == 0;
}

static bool word_is_one_of(const struct token *token, const char *const *words, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        if (word_is(token, words[index])) {
            return true;
        }
    }
    return false;
}

/* Looks past a closing quote and spaces for the colon that makes a word a label. */
static bool is_label_at(struct slice text, size_t at)
{
    while (at < text.size && (text.data[at] == '"' || text.data[at] == '\'' ||
                              text.data[at] == ' ' || text.data[at] == '*')) {
        at++;
    }
    return at < text.size && (text.data[at] == ':' || text.data[at] == '=');
}

static size_t split(struct slice text, struct token *tokens, size_t count_max)
{
    size_t count = 0;
    bool starts = true;
    bool sentence = true;
    for (size_t at = 0; at < text.size && count < count_max;) {
        uint8_t byte = text.data[at];
        if (!is_word_byte(byte) || byte == '\'') {
            starts = starts || byte == ',' || byte == '(' || byte == ')';
            sentence = sentence || byte == '.' || byte == ';' || byte == '\n' || byte == '}';
            at++;
            continue;
        }
        struct token *token = &tokens[count++];
        *token = (struct token){.starts = starts || sentence, .sentence = sentence};
        token->capital = byte >= 'A' && byte <= 'Z';
        starts = sentence = false;
        for (size_t size = 0; at < text.size && is_word_byte(text.data[at]); at++) {
            if (size + 1 < sizeof token->word) {
                token->word[size++] = lower(text.data[at]);
            }
        }
        token->label = is_label_at(text, at);
    }
    return count;
}

static enum section section_of_label(const struct token *token)
{
    for (size_t index = 0; index < sizeof LABELS / sizeof LABELS[0]; index++) {
        if (strncmp(token->word, LABELS[index].prefix, strlen(LABELS[index].prefix)) == 0) {
            return LABELS[index].section;
        }
    }
    return SECTION_NONE;
}

static void assign_labels(struct token *tokens, size_t count)
{
    enum section section = SECTION_NONE;
    for (size_t index = 0; index < count; index++) {
        if (tokens[index].label) {
            /* "hair color: silver": the word before the label may say more than the label. */
            bool after_noun = index > 0 && !tokens[index].starts &&
                              section_of_label(&tokens[index - 1]) == SECTION_HAIR;
            section = after_noun ? SECTION_HAIR : section_of_label(&tokens[index]);
        } else if (tokens[index].sentence) {
            section = SECTION_NONE;
        }
        tokens[index].section = section;
    }
}

/* "Portrait of Mira Vale with ..." names her as long as the words are capital. */
static void assign_name(struct token *tokens, size_t count)
{
    for (size_t index = 0; index + 2 < count; index++) {
        if (word_is(&tokens[index], "portrait") && word_is(&tokens[index + 1], "of")) {
            for (size_t name = index + 2; name < count && tokens[name].capital; name++) {
                if (tokens[name].starts || tokens[name].label) {
                    break;
                }
                tokens[name].section = SECTION_NAME;
            }
        }
    }
}

static void assign_clothing(struct token *tokens, size_t count)
{
    static const char *const OPENERS[] = {"wearing", "wears",   "dressed",
                                          "clad",    "wrapped", "sporting"};
    bool inside = false;
    for (size_t index = 0; index < count; index++) {
        inside = inside && !tokens[index].sentence && tokens[index].section == SECTION_NONE;
        if (inside) {
            tokens[index].section = SECTION_CLOTHING;
        } else if (tokens[index].section == SECTION_NONE) {
            inside = word_is_one_of(&tokens[index], OPENERS, sizeof OPENERS / sizeof OPENERS[0]);
        }
    }
}

/* Takes in the words before a noun up to a comma; beyond it only what can be said of hair alone
 * ("long, wavy hair"). */
static void assign_adjectives(struct token *tokens, size_t noun, enum section section)
{
    static const char *const STOPS[] = {"with",  "has",  "have", "having", "her", "his",
                                        "their", "hair", "eyes", "skin",   "of",  "the"};
    bool hair = section == SECTION_HAIR;
    bool beyond = false;
    tokens[noun].section = section;
    for (size_t step = 1; step <= ADJECTIVES_MAX && step <= noun; step++) {
        struct token *token = &tokens[noun - step];
        bool open = token->section == SECTION_NONE || token->section == SECTION_CLOTHING;
        beyond = beyond || tokens[noun - step + 1].starts;
        if (!open || tokens[noun - step + 1].sentence ||
            (beyond && !(hair && word_describes_hair(token->word))) ||
            (!hair && word_is(token, "and")) ||
            word_is_one_of(token, STOPS, sizeof STOPS / sizeof STOPS[0])) {
            return;
        }
        token->section = section;
    }
}

static void assign_nouns(struct token *tokens, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        bool open =
            tokens[index].section == SECTION_NONE || tokens[index].section == SECTION_CLOTHING;
        for (size_t noun = 0; open && noun < sizeof NOUNS / sizeof NOUNS[0]; noun++) {
            if (word_is(&tokens[index], NOUNS[noun].prefix)) {
                assign_adjectives(tokens, index, NOUNS[noun].section);
                open = false;
            }
        }
    }
}

size_t tokens_read(struct slice text, struct token *tokens, size_t count_max)
{
    size_t count = split(text, tokens, count_max);
    assign_labels(tokens, count);
    assign_name(tokens, count);
    assign_clothing(tokens, count);
    assign_nouns(tokens, count);
    return count;
}
