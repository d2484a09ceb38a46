#include "actors/prompt.h"

#include <stdio.h>
#include "actors/chat_text.h"
#include "actors/text.h"

enum {
    VALUE_SIZE_MAX = 200,       /* bytes of one thing said about a character */
    DESCRIPTION_SIZE_MAX = 600, /* bytes of running text */
    NAME_SIZE_SHOWN = 100,
    LIST_COUNT_MAX = 8, /* members of a list or object that are said */
};

const char prompt_personality_system[] =
    "You write personalities for fictional characters. Answer with one JSON object and nothing "
    "else: {\"summary\": two or three sentences, \"traits\": list of 3 to 6 words, \"mood\": one "
    "word, \"voice\": one sentence, \"motivation\": one sentence, \"quirks\": list of 2 or 3 short "
    "sentences}.";

const char prompt_motion_system[] =
    "You describe how a still portrait comes to life as a short video. Answer with one motion "
    "prompt of at most two sentences about movement of the person and the camera, and nothing "
    "else.";

/* Gathers text in a fixed place; what does not fit is left out. */
struct words {
    char text[PROMPT_SIZE_MAX + 1];
    size_t size;
};

static void say(struct words *words, const char *text)
{
    size_t size = strlen(text);
    if (size <= sizeof(words->text) - 1 - words->size) {
        memcpy(words->text + words->size, text, size + 1);
        words->size += size;
    }
}

/* Writes a string or number; false for anything else and for empty text. */
static bool scalar(const json_t *value, char *out, size_t size)
{
    if (json_is_string(value)) {
        struct slice text = slice_make(json_string_value(value), json_string_length(value));
        return text_clean(text, out, size) > 0;
    }
    if (json_is_integer(value)) {
        snprintf(out, size, "%lld", (long long)json_integer_value(value));
        return true;
    }
    if (json_is_real(value)) {
        snprintf(out, size, "%g", json_real_value(value));
        return true;
    }
    return false;
}

/* Appends a part after a space; one that does not fit is left out. */
static void add_part(const char *part, char *out, size_t size)
{
    size_t used = strlen(out);
    size_t part_size = strlen(part);
    size_t space = used > 0 ? 1 : 0;
    if (used + space + part_size < size) {
        memcpy(out + used, " ", space);
        memcpy(out + used + space, part, part_size + 1);
    }
}

static void join(const json_t *value, char *out, size_t size)
{
    char part[DESCRIPTION_SIZE_MAX + 1];
    if (scalar(value, part, size < sizeof(part) ? size : sizeof(part))) {
        add_part(part, out, size);
    }
}

/* A string, a number, or the members of a list or object of such, one level deep. false when
 * nothing is said. */
static bool value_text(json_t *value, char *out, size_t size)
{
    out[0] = '\0';
    if (json_is_array(value)) {
        for (size_t index = 0; index < json_array_size(value) && index < LIST_COUNT_MAX; index++) {
            join(json_array_get(value, index), out, size);
        }
    } else if (json_is_object(value)) {
        const char *name;
        json_t *member;
        size_t count = 0;
        json_object_foreach(value, name, member)
        {
            if (count++ < LIST_COUNT_MAX) {
                join(member, out, size);
            }
        }
    } else {
        join(value, out, size);
    }
    return out[0] != '\0';
}

static void say_pair(struct words *words, const char *label, const char *text)
{
    char pair[DESCRIPTION_SIZE_MAX + 64];
    if (text[0] != '\0') {
        snprintf(pair, sizeof(pair), "%s%s: %s", words->text[words->size - 1] == '.' ? " " : ", ",
                 label, text);
        say(words, pair);
    }
}

/* ---- what a character looks like ---- */

/* appearance's members are the user's own: each is counted to the label whose prefix its name
 * has. */
static const struct {
    const char *label;
    const char *prefixes[7];
} looks[] = {
    {"hair", {"hair", NULL}},
    {"eyes", {"eye", NULL}},
    {"skin", {"skin", "complexion", NULL}},
    {"clothing", {"cloth", "outfit", "attire", "wear", "dress", "accessor", NULL}},
    {"mood", {"mood", "expression", "emotion", NULL}},
};

enum {
    LOOK_COUNT = sizeof(looks) / sizeof(looks[0]),
};

static bool is_look(const char *name, size_t look)
{
    for (size_t index = 0; looks[look].prefixes[index] != NULL; index++) {
        const char *prefix = looks[look].prefixes[index];
        if (strncasecmp(name, prefix, strlen(prefix)) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_any_look(const char *name)
{
    for (size_t look = 0; look < LOOK_COUNT; look++) {
        if (is_look(name, look)) {
            return true;
        }
    }
    return false;
}

static void gather_look(json_t *appearance, size_t look, char *out, size_t size)
{
    const char *name;
    json_t *value;
    out[0] = '\0';
    json_object_foreach(appearance, name, value)
    {
        char part[VALUE_SIZE_MAX + 1];
        if (is_look(name, look) && value_text(value, part, sizeof(part))) {
            add_part(part, out, size);
        }
    }
}

/* A mood that was not given: what the personality says, requested before generated. */
static void find_mood(json_t *character, char *out, size_t size)
{
    json_t *mood = json_object_get(json_object_get(character, "personality"), "mood");
    if (mood == NULL) {
        mood = json_object_get(json_object_get(character, "aiPersonality"), "mood");
    }
    if (!value_text(mood, out, size)) {
        value_text(json_array_get(json_object_get(character, "traits"), 0), out, size);
    }
}

static void say_looks(struct words *words, json_t *character)
{
    json_t *appearance = json_object_get(character, "appearance");
    for (size_t look = 0; look < LOOK_COUNT; look++) {
        char text[VALUE_SIZE_MAX + 1];
        gather_look(appearance, look, text, sizeof(text));
        if (text[0] == '\0' && strcmp(looks[look].label, "mood") == 0) {
            find_mood(character, text, sizeof(text));
        }
        say_pair(words, looks[look].label, text);
    }
}

static void say_other_looks(struct words *words, json_t *character)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(character, "appearance"), name, value)
    {
        char label[32];
        char text[VALUE_SIZE_MAX + 1];
        if (!is_any_look(name) && strcasecmp(name, "pose") != 0 &&
            text_clean(slice_from_string(name), label, sizeof(label)) > 0 &&
            value_text(value, text, sizeof(text))) {
            say_pair(words, label, text);
        }
    }
}

static void say_member(struct words *words, json_t *object, const char *name, size_t size_max)
{
    char text[DESCRIPTION_SIZE_MAX + 1];
    if (value_text(json_object_get(object, name), text, size_max + 1)) {
        say_pair(words, name, text);
    }
}

static void say_name(struct words *words, json_t *character)
{
    char name[NAME_SIZE_SHOWN + 1];
    if (!scalar(json_object_get(character, "name"), name, sizeof(name))) {
        snprintf(name, sizeof(name), "a character");
    }
    say(words, name);
    say(words, ".");
}

uint32_t prompt_seed(const struct id *id)
{
    uint32_t seed = 0;
    memcpy(&seed, id->bytes + ID_SIZE - sizeof(seed), sizeof(seed));
    return seed & 0x7fffffff;
}

static void say_number(struct words *words, const char *name, uint32_t number)
{
    char text[16];
    snprintf(text, sizeof(text), "%u", number);
    say_pair(words, name, text);
}

enum status prompt_portrait(json_t *character, struct slice pose_words,
                            const struct portrait_ids *ids, struct buffer *out)
{
    char pose[VALUE_SIZE_MAX + 1];
    struct words words = {.size = 0};
    say(&words, "Portrait of ");
    say_name(&words, character);
    say_looks(&words, character);
    if (text_clean(pose_words, pose, sizeof(pose)) > 0) {
        say_pair(&words, "pose", pose);
    } else {
        say_member(&words, json_object_get(character, "appearance"), "pose", VALUE_SIZE_MAX);
    }
    say_member(&words, character, "style", VALUE_SIZE_MAX);
    say_member(&words, character, "age", VALUE_SIZE_MAX);
    say_member(&words, character, "gender", VALUE_SIZE_MAX);
    say_number(&words, "seed", prompt_seed(ids->character));
    say_number(&words, "variation", prompt_seed(ids->media));
    say_other_looks(&words, character);
    say_member(&words, character, "traits", VALUE_SIZE_MAX);
    say_member(&words, character, "description", DESCRIPTION_SIZE_MAX);
    return buffer_append(out, words.text, words.size);
}

/* ---- what the chat model is asked ---- */

enum status prompt_personality(json_t *character, struct buffer *out)
{
    static const char *const members[] = {"gender", "age",         "style",       "traits",
                                          "tags",   "personality", "description", "backstory"};
    struct words words = {.size = 0};
    say(&words, "Write the personality of ");
    say_name(&words, character);
    for (size_t index = 0; index < sizeof(members) / sizeof(members[0]); index++) {
        say_member(&words, character, members[index], DESCRIPTION_SIZE_MAX);
    }
    say_looks(&words, character);
    return buffer_append(out, words.text, words.size);
}

enum status prompt_motion(json_t *character, struct slice pose_words, int64_t duration_s,
                          struct buffer *out)
{
    char text[VALUE_SIZE_MAX + 1];
    struct words words = {.size = 0};
    say(&words, "Write the motion prompt for a video portrait of ");
    say_name(&words, character);
    snprintf(text, sizeof(text), "%lld seconds", (long long)duration_s);
    say_pair(&words, "duration", text);
    text_clean(pose_words, text, sizeof(text));
    say_pair(&words, "pose", text);
    find_mood(character, text, sizeof(text));
    say_pair(&words, "mood", text);
    say_member(&words, character, "style", VALUE_SIZE_MAX);
    return buffer_append(out, words.text, words.size);
}

/* ---- what it answers ---- */

/* Whether values stand in each other no more than depth times: a deeper one could not be read again
 * from within a document. */
static bool is_flat(const json_t *value, int depth)
{
    const char *name;
    size_t index;
    json_t *member;
    if (depth == 0) {
        return false;
    }
    json_object_foreach((json_t *)value, name, member)
    {
        if (!is_flat(member, depth - 1)) {
            return false;
        }
    }
    json_array_foreach(value, index, member)
    {
        if (!is_flat(member, depth - 1)) {
            return false;
        }
    }
    return true;
}

json_t *personality_read(struct slice answer)
{
    json_t *object = chat_text_object(answer);
    if (json_is_object(object) && json_object_size(object) > 0 &&
        is_flat(object, PERSONALITY_DEPTH_MAX)) {
        return object;
    }
    json_decref(object);
    char summary[2048];
    text_clean(answer, summary, sizeof(summary));
    return json_pack("{s:s}", "summary", summary);
}
