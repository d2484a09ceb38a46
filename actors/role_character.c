/* Makes a character: its document, a personality written by the chat model, a portrait drawn by
 * the image model. The draft holds the finished ones of the two, so that a later attempt pays
 * for neither again. */

#include "actors/prompt.h"
#include "actors/role_tools.h"
#include "actors/roles.h"

struct character {
    json_t *request;
    json_t *draft;       /* {aiPersonality, portrait} */
    json_t *personality; /* borrowed from draft */
    struct asset portrait;
    struct asset_lookup lookup;
    struct buffer prompt; /* the portrait's */
    struct chat_call chat;
    struct image_call image;
    struct ending ending; /* of the attempt, while the chat is closed */
};

static void create(struct task *task)
{
    struct character *character = task_state(task);
    buffer_init(&character->prompt, PROMPT_SIZE_MAX);
    if (role_read(task, task_job(task)->payload, "character's request", &character->request)) {
        task_next(task);
    }
}

/* What an earlier attempt has finished belongs to this character. */
static void link_drafts(struct task *task)
{
    struct character *character = task_state(task);
    if (!role_read(task, task_job(task)->draft, "draft", &character->draft)) {
        return;
    }
    character->personality = json_object_get(character->draft, "aiPersonality");
    role_find_asset(task, &character->lookup, character->draft, "portrait", &character->portrait);
}

static void populate(struct task *task)
{
    struct character *character = task_state(task);
    if (!json_is_string(json_object_get(character->request, "name"))) {
        task_fail(task, FAIL_KIND_PERMANENT, "bad_input",
                  SLICE_LITERAL("the character has no name"), 0);
        return;
    }
    task_next(task);
}

static void take_personality(struct task *task, struct slice answer)
{
    struct character *character = task_state(task);
    json_t *personality = personality_read(answer);
    if (personality == NULL ||
        json_object_set_new(character->draft, "aiPersonality", personality) != 0) {
        role_fail_no_memory(task);
        return;
    }
    character->personality = personality;
    role_set_draft(task, character->draft);
    task_next(task);
}

static void write_personality(struct task *task)
{
    struct character *character = task_state(task);
    if (character->personality != NULL) {
        task_next(task);
        return;
    }
    struct buffer words;
    buffer_init(&words, PROMPT_SIZE_MAX);
    if (prompt_personality(character->request, &words) == STATUS_OK) {
        struct chat_prompt prompt = {
            .system = prompt_personality_system,
            .user = buffer_slice(&words),
            .wants_json = true,
        };
        provider_chat(task, &character->chat, &prompt, take_personality);
    } else {
        role_fail_no_memory(task);
    }
    buffer_fini(&words);
}

static void take_portrait(struct task *task, const struct asset *asset)
{
    struct character *character = task_state(task);
    character->portrait = *asset;
    json_object_set_new(character->draft, "portrait", draft_of_asset(asset));
    role_set_draft(task, character->draft);
    task_next(task);
}

static void draw_portrait(struct task *task)
{
    struct character *character = task_state(task);
    const struct message_job *job = task_job(task);
    const struct portrait_ids ids = {&job->character, &job->media};
    /* The generated mood shows on the face: the portrait is drawn from the whole character. */
    json_t *whole = document_of_character(job, character->request, character->personality, NULL, 0);
    if (whole == NULL ||
        prompt_portrait(whole, SLICE_EMPTY, &ids, &character->prompt) != STATUS_OK) {
        role_fail_no_memory(task);
    } else if (character->portrait.url[0] != '\0') {
        task_next(task);
    } else {
        const struct image_order order = {
            .prompt = buffer_slice(&character->prompt),
            .seed = prompt_seed(&job->media),
        };
        provider_image(task, &character->image, &order, take_portrait);
    }
    json_decref(whole);
}

static enum status write_portrait(struct task *task, struct buffer *out)
{
    struct character *character = task_state(task);
    const struct message_job *job = task_job(task);
    struct media_entry entry = {
        .id = &job->media,
        .character = &job->character,
        .type = "image",
        .asset = &character->portrait,
        .prompt = buffer_slice(&character->prompt),
        .created_at_ms = task_now_ms(task),
    };
    return document_of_media(&entry, out);
}

static void finish(struct task *task)
{
    struct character *character = task_state(task);
    struct buffer document;
    struct buffer media;
    buffer_init(&document, 2 * DOCUMENT_SIZE_MAX); /* task_done refuses what is too large */
    buffer_init(&media, DOCUMENT_SIZE_MAX);
    json_t *whole =
        document_of_character(task_job(task), character->request, character->personality,
                              &character->portrait, task_now_ms(task));
    if (whole != NULL && document_write(whole, &document) == STATUS_OK &&
        write_portrait(task, &media) == STATUS_OK) {
        task_done(task, slice_from_string(character->portrait.url), buffer_slice(&document),
                  buffer_slice(&media));
    } else {
        role_fail_no_memory(task);
    }
    json_decref(whole);
    buffer_fini(&media);
    buffer_fini(&document);
}

/* A portrait may be on its way since an earlier attempt. */
static void close_image(struct task *task, void *context)
{
    struct character *character = task_state(task);
    (void)context;
    image_call_close(task, &character->image, &character->ending);
}

static void close_attempt(struct task *task, const struct ending *ending)
{
    struct character *character = task_state(task);
    asset_lookup_fini(&character->lookup);
    if (chat_call_is_open(&character->chat)) {
        character->ending = *ending;
        character->chat.paid.closed = close_image;
        paid_close(task, &character->chat.paid, ending);
    } else {
        image_call_close(task, &character->image, ending);
    }
}

static void end(struct task *task)
{
    struct character *character = task_state(task);
    asset_lookup_fini(&character->lookup);
    chat_call_fini(&character->chat);
    image_call_fini(&character->image);
    buffer_fini(&character->prompt);
    json_decref(character->draft);
    json_decref(character->request);
}

static const struct step steps[] = {
    {10, "character_created", create},      {30, "documents_linked", link_drafts},
    {40, "character_populated", populate},  {60, "personality_generated", write_personality},
    {80, "image_generated", draw_portrait}, {100, "completed", finish},
};

const struct role role_character = {
    .name = "character",
    .kind = JOB_KIND_CHARACTER,
    .state_size = sizeof(struct character),
    .steps = steps,
    .step_count = sizeof(steps) / sizeof(steps[0]),
    .uses = 1u << PROVIDER_USE_CHAT | 1u << PROVIDER_USE_IMAGE,
    .end = end,
    .close = close_attempt,
};
