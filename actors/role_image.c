/* Makes a picture of a character that exists, in a pose if one is asked for. The draft holds the
 * finished picture. */

#include "actors/prompt.h"
#include "actors/role_tools.h"
#include "actors/roles.h"

struct image {
    json_t *character;
    json_t *payload;
    struct asset picture;
    struct asset_lookup lookup;
    struct buffer prompt;
    struct image_call call;
};

static void load_character(struct task *task)
{
    struct image *image = task_state(task);
    const struct message_job *job = task_job(task);
    buffer_init(&image->prompt, PROMPT_SIZE_MAX);
    if (role_read(task, job->character_document, "character", &image->character) &&
        role_read(task, job->payload, "image's request", &image->payload)) {
        task_next(task);
    }
}

static void populate(struct task *task)
{
    struct image *image = task_state(task);
    const struct message_job *job = task_job(task);
    const struct portrait_ids ids = {&job->character, &job->media};
    enum status status =
        prompt_portrait(image->character, role_pose_words(image->payload), &ids, &image->prompt);
    if (status != STATUS_OK) {
        role_fail_no_memory(task);
        return;
    }
    task_next(task);
}

/* What an earlier attempt has drawn is not drawn again. */
static void start_image(struct task *task)
{
    struct image *image = task_state(task);
    json_t *draft = NULL;
    if (role_read(task, task_job(task)->draft, "draft", &draft)) {
        role_find_asset(task, &image->lookup, draft, "picture", &image->picture);
    }
    json_decref(draft);
}

static void take_picture(struct task *task, const struct asset *asset)
{
    struct image *image = task_state(task);
    image->picture = *asset;
    json_t *draft = json_pack("{s:o}", "picture", draft_of_asset(asset));
    role_set_draft(task, draft);
    json_decref(draft);
    task_next(task);
}

static void create_media(struct task *task)
{
    struct image *image = task_state(task);
    if (image->picture.url[0] != '\0') {
        task_next(task);
    } else {
        const struct image_order order = {
            .prompt = buffer_slice(&image->prompt),
            .seed = prompt_seed(&task_job(task)->media),
        };
        provider_image(task, &image->call, &order, take_picture);
    }
}

static void finish(struct task *task)
{
    struct image *image = task_state(task);
    const struct message_job *job = task_job(task);
    struct media_entry entry = {
        .id = &job->media,
        .character = &job->character,
        .type = "image",
        .asset = &image->picture,
        .pose = role_text(image->payload, "poseId"),
        .prompt = buffer_slice(&image->prompt),
        .created_at_ms = task_now_ms(task),
    };
    struct buffer document;
    buffer_init(&document, DOCUMENT_SIZE_MAX);
    if (document_of_media(&entry, &document) == STATUS_OK) {
        task_done(task, slice_from_string(image->picture.url), buffer_slice(&document),
                  SLICE_EMPTY);
    } else {
        role_fail_no_memory(task);
    }
    buffer_fini(&document);
}

static void close_attempt(struct task *task, const struct ending *ending)
{
    struct image *image = task_state(task);
    asset_lookup_fini(&image->lookup);
    image_call_close(task, &image->call, ending);
}

static void end(struct task *task)
{
    struct image *image = task_state(task);
    asset_lookup_fini(&image->lookup);
    image_call_fini(&image->call);
    buffer_fini(&image->prompt);
    json_decref(image->payload);
    json_decref(image->character);
}

static const struct step steps[] = {
    {20, "character_loaded", load_character},
    {40, "character_populated", populate},
    {60, "image_started", start_image},
    {80, "media_created", create_media},
    {100, "completed", finish},
};

const struct role role_image = {
    .name = "image",
    .kind = JOB_KIND_IMAGE,
    .state_size = sizeof(struct image),
    .steps = steps,
    .step_count = sizeof(steps) / sizeof(steps[0]),
    .uses = 1u << PROVIDER_USE_IMAGE,
    .end = end,
    .close = close_attempt,
};
