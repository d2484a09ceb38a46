#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "actors/studio/dice.h"
#include "actors/studio/personality.h"
#include "actors/studio/personality_schema.h"
#include "actors/studio/personality_words.h"
#include "base/json_writer.h"

/* Whether a word begins like this: "animat" finds "animate" and "animation". */
static bool says(struct slice text, const char *word)
{
    size_t size = strlen(word);
    for (size_t at = 0; at + size <= text.size; at++) {
        bool begins = at == 0 || isalpha(text.data[at - 1]) == 0;
        if (begins && strncasecmp((const char *)text.data + at, word, size) == 0) {
            return true;
        }
    }
    return false;
}

enum chat_topic chat_topic_of(struct slice conversation)
{
    bool film = says(conversation, "video") || says(conversation, "animat") ||
                says(conversation, "camera") || says(conversation, "prompt");
    if (says(conversation, "motion") && film) {
        return CHAT_MOTION;
    }
    return says(conversation, "personality") ? CHAT_PERSONALITY : CHAT_OTHER;
}

/* Where a label's value starts: past a quote, a colon, spaces and an opening quote. text.size:
 * it is no label. */
static size_t value_at(struct slice text, size_t at)
{
    bool colon = false;
    while (at < text.size && strchr("\"':= \\", text.data[at]) != NULL && text.data[at] != '\0') {
        colon = colon || text.data[at] == ':' || text.data[at] == '=';
        at++;
    }
    return colon ? at : text.size;
}

static size_t name_at(struct slice text)
{
    static const char *const BEFORE[] = {"named ", "called ", "personality of ", "portrait of "};
    for (size_t at = 0; at + 6 < text.size; at++) {
        const char *here = (const char *)text.data + at;
        bool word = at == 0 || isalpha(text.data[at - 1]) == 0;
        for (size_t index = 0; word && index < sizeof BEFORE / sizeof BEFORE[0]; index++) {
            size_t size = strlen(BEFORE[index]);
            if (size < text.size - at && strncasecmp(here, BEFORE[index], size) == 0) {
                return at + size;
            }
        }
        if (word && strncasecmp(here, "name", 4) == 0) {
            size_t value = value_at(text, at + 4);
            if (value < text.size) {
                return value;
            }
        }
    }
    return text.size;
}

void chat_name_of(struct slice conversation, char out[PERSONALITY_NAME_SIZE])
{
    size_t at = name_at(conversation);
    size_t size = 0;
    while (at < conversation.size && size + 1 < PERSONALITY_NAME_SIZE) {
        uint8_t byte = conversation.data[at++];
        if (byte < ' ' || strchr("\"\\,.;{}[]()", byte) != NULL) {
            break;
        }
        out[size++] = (char)byte;
    }
    while (size > 0 && out[size - 1] == ' ') {
        size--;
    }
    /* A character of more than one byte may have been cut: drop its beginning. */
    while (size > 0 && (unsigned char)out[size - 1] >= 0x80 && size + 4 >= PERSONALITY_NAME_SIZE) {
        size--;
    }
    out[size] = '\0';
    if (size == 0) {
        snprintf(out, PERSONALITY_NAME_SIZE, "the character");
    }
}

const char *personality_pick(struct dice *dice, const struct word_list *list)
{
    return list->words[dice_pick(dice, (unsigned)list->count)];
}

void personality_traits(const struct chat_request *request,
                        const char *out[PERSONALITY_TRAIT_COUNT])
{
    size_t count = 0;
    for (size_t index = 0; index < LIST_TRAITS.count && count < PERSONALITY_TRAIT_COUNT - 1;
         index++) {
        if (says(request->conversation, LIST_TRAITS.words[index])) {
            out[count++] = LIST_TRAITS.words[index];
        }
    }
    struct dice dice = dice_make(request->seed, "traits");
    while (count < PERSONALITY_TRAIT_COUNT) {
        const char *trait = personality_pick(&dice, &LIST_TRAITS);
        bool taken = false;
        for (size_t index = 0; index < count; index++) {
            taken = taken || out[index] == trait;
        }
        if (!taken) {
            out[count++] = trait;
        }
    }
}

/* Writes a phrase of the vocabulary, with the name in place of its %s. */
static void named(char *out, size_t size, const char *phrase, const char *name)
{
    const char *gap = strstr(phrase, "%s");
    if (gap == NULL) {
        snprintf(out, size, "%s", phrase);
    } else {
        snprintf(out, size, "%.*s%s%s", (int)(gap - phrase), phrase, name, gap + 2);
    }
}

void personality_phrase(const struct chat_request *request, const char *purpose,
                        const struct word_list *list, char out[PERSONALITY_PHRASE_SIZE])
{
    char name[PERSONALITY_NAME_SIZE];
    struct dice dice = dice_make(request->seed, purpose);
    chat_name_of(request->conversation, name);
    named(out, PERSONALITY_PHRASE_SIZE, personality_pick(&dice, list), name);
}

void personality_summary(const struct chat_request *request, char out[PERSONALITY_PHRASE_SIZE])
{
    const char *traits[PERSONALITY_TRAIT_COUNT];
    char first[PERSONALITY_PHRASE_SIZE];
    char second[PERSONALITY_PHRASE_SIZE];
    char third[PERSONALITY_PHRASE_SIZE];
    char quirk[PERSONALITY_PHRASE_SIZE];
    char dream[PERSONALITY_PHRASE_SIZE];
    personality_traits(request, traits);
    personality_phrase(request, "opening", &LIST_OPENINGS, first);
    named(second, sizeof second, first, traits[0]);
    named(third, sizeof third, second, traits[1]);
    personality_phrase(request, "quirk", &LIST_QUIRKS, quirk);
    personality_phrase(request, "dream", &LIST_DREAMS, dream);
    int size = snprintf(out, PERSONALITY_PHRASE_SIZE,
                        "%s A habit gives them away: this one %s. The dream is simple enough, %s.",
                        third, quirk, dream);
    if (size >= PERSONALITY_PHRASE_SIZE) {
        snprintf(out, PERSONALITY_PHRASE_SIZE, "%.500s", third);
    }
    if (out[0] >= 'a' && out[0] <= 'z') {
        out[0] = (char)(out[0] - 'a' + 'A');
    }
}

static void list_member(struct json_writer *writer, const struct chat_request *request,
                        const char *member, const struct word_list *list, size_t count)
{
    struct dice dice = dice_make(request->seed, member);
    size_t first = dice_pick(&dice, (unsigned)list->count);
    size_t step = 1 + dice_pick(&dice, 3);
    json_name(writer, member);
    json_array_begin(writer);
    for (size_t index = 0; index < count && index * step < list->count; index++) {
        json_put_text(writer, slice_from_string(list->words[(first + index * step) % list->count]));
    }
    json_array_end(writer);
}

static void phrase_member(struct json_writer *writer, const struct chat_request *request,
                          const char *member, const struct word_list *list)
{
    char phrase[PERSONALITY_PHRASE_SIZE];
    personality_phrase(request, member, list, phrase);
    json_member_text(writer, member, slice_from_string(phrase));
}

static enum status write_personality(const struct chat_request *request, struct buffer *out)
{
    char summary[PERSONALITY_PHRASE_SIZE];
    const char *traits[PERSONALITY_TRAIT_COUNT];
    struct json_writer writer;
    personality_summary(request, summary);
    personality_traits(request, traits);
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_text(&writer, "summary", slice_from_string(summary));
    json_name(&writer, "traits");
    json_array_begin(&writer);
    for (size_t index = 0; index < PERSONALITY_TRAIT_COUNT; index++) {
        json_put_text(&writer, slice_from_string(traits[index]));
    }
    json_array_end(&writer);
    list_member(&writer, request, "values", &LIST_VALUES, 3);
    list_member(&writer, request, "quirks", &LIST_QUIRKS, 2);
    phrase_member(&writer, request, "mood", &LIST_MOODS);
    phrase_member(&writer, request, "voice", &LIST_VOICES);
    phrase_member(&writer, request, "flaw", &LIST_FLAWS);
    phrase_member(&writer, request, "motivation", &LIST_DREAMS);
    phrase_member(&writer, request, "fear", &LIST_FEARS);
    list_member(&writer, request, "likes", &LIST_LIKES, 3);
    list_member(&writer, request, "dislikes", &LIST_DISLIKES, 2);
    phrase_member(&writer, request, "greeting", &LIST_GREETINGS);
    json_object_end(&writer);
    return json_writer_status(&writer);
}

static void write_motion(const struct chat_request *request, char out[PERSONALITY_PHRASE_SIZE])
{
    char movement[PERSONALITY_PHRASE_SIZE];
    struct dice dice = dice_make(request->seed, "motion");
    const char *camera = personality_pick(&dice, &LIST_CAMERAS);
    const char *light = personality_pick(&dice, &LIST_LIGHTS);
    const char *air = personality_pick(&dice, &LIST_AIRS);
    personality_phrase(request, "movement", &LIST_MOVEMENTS, movement);
    snprintf(out, PERSONALITY_PHRASE_SIZE,
             "%.300s. %s while %s and %s. Smooth, natural, cinematic motion; the face keeps its "
             "likeness throughout.",
             movement, camera, light, air);
    if (out[0] >= 'a' && out[0] <= 'z') {
        out[0] = (char)(out[0] - 'a' + 'A');
    }
}

static enum status write_member(const char *member, const char *text, struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_text(&writer, member, slice_from_string(text));
    json_object_end(&writer);
    return json_writer_status(&writer);
}

enum status chat_answer(const struct chat_request *request, struct buffer *out)
{
    char phrase[PERSONALITY_PHRASE_SIZE];
    enum chat_topic topic = chat_topic_of(request->question);
    if (topic == CHAT_OTHER) {
        topic = chat_topic_of(request->conversation);
    }
    if (request->schema != NULL) {
        return personality_follow_schema(request, out);
    }
    const char *member = "answer";
    switch (topic) {
    case CHAT_PERSONALITY:
        if (request->as_json) {
            return write_personality(request, out);
        }
        personality_summary(request, phrase);
        break;
    case CHAT_MOTION:
        member = "prompt";
        write_motion(request, phrase);
        break;
    case CHAT_OTHER:
        personality_phrase(request, "answer", &LIST_ANSWERS, phrase);
        break;
    }
    return request->as_json ? write_member(member, phrase, out)
                            : buffer_append_slice(out, slice_from_string(phrase));
}
