/* Makes a video of a character's picture: a motion prompt, the picture to the provider, an order
 * there, polls until it is done, the file. An attempt after the order is on record polls it on
 * instead of ordering again; the draft holds the prompt, then the file. */

#include "actors/prompt.h"
#include "actors/role_tools.h"
#include "actors/roles.h"

enum {
    POLLING_FROM = 50,
    POLLING_TO = 80,
};

struct video {
    json_t *character;
    json_t *source; /* the media entry of the picture */
    json_t *payload;
    json_t *draft; /* {prompt, upload: {provider, url}, video} */
    bool is_submitted;
    struct asset file;
    struct asset_lookup lookup;
    struct asset_reader *picture; /* the source's file */
    struct chat_call chat;
    struct video_call call;
};

static int64_t duration_of(const struct video *video)
{
    return json_integer_value(json_object_get(video->payload, "duration"));
}

static const char *resolution_of(const struct video *video)
{
    const char *resolution = role_text(video->payload, "resolution");
    return resolution == NULL ? "720p" : resolution;
}

static struct slice prompt_of(const struct video *video)
{
    return slice_from_string(role_text(video->draft, "prompt"));
}

static void load_source(struct task *task)
{
    struct video *video = task_state(task);
    const struct message_job *job = task_job(task);
    if (!role_read(task, job->character_document, "character", &video->character) ||
        !role_read(task, job->source_document, "source", &video->source) ||
        !role_read(task, job->payload, "video's request", &video->payload) ||
        !role_read(task, job->draft, "draft", &video->draft)) {
        return;
    }
    video->is_submitted = provider_video_is_submitted(task, &video->call);
    role_find_asset(task, &video->lookup, video->draft, "video", &video->file);
}

static void take_prompt(struct task *task, struct slice answer)
{
    struct video *video = task_state(task);
    json_t *prompt = json_stringn((const char *)answer.data, answer.size);
    if (json_object_set_new(video->draft, "prompt", prompt) != 0) {
        role_fail_no_memory(task);
        return;
    }
    role_set_draft(task, video->draft);
    task_next(task);
}

static void generate_prompt(struct task *task)
{
    struct video *video = task_state(task);
    if (prompt_of(video).size > 0 || video->is_submitted) {
        task_next(task);
        return;
    }
    struct buffer words;
    buffer_init(&words, PROMPT_SIZE_MAX);
    if (prompt_motion(video->character, role_pose_words(video->payload), duration_of(video),
                      &words) == STATUS_OK) {
        struct chat_prompt prompt = {
            .system = prompt_motion_system,
            .user = buffer_slice(&words),
        };
        provider_chat(task, &video->chat, &prompt, take_prompt);
    } else {
        role_fail_no_memory(task);
    }
    buffer_fini(&words);
}

/* The draft keeps the upload for an order that is repeated word for word. */
static void take_upload(struct task *task)
{
    struct video *video = task_state(task);
    asset_reader_destroy(&video->picture);
    json_t *upload = json_pack("{s:s, s:s}", "provider", provider_video_name(&video->call), "url",
                               video->call.upload);
    if (json_object_set_new(video->draft, "upload", upload) != 0) {
        role_fail_no_memory(task);
        return;
    }
    role_set_draft(task, video->draft);
    task_next(task);
}

static bool reuse_upload(struct task *task)
{
    struct video *video = task_state(task);
    json_t *upload = json_object_get(video->draft, "upload");
    const char *provider = role_text(upload, "provider");
    const char *url = role_text(upload, "url");
    bool is_wanted =
        provider != NULL && url != NULL && provider_video_is_repeated(task, &video->call, provider);
    if (is_wanted) {
        provider_video_reuse_upload(task, &video->call, url, task_next);
    }
    return is_wanted;
}

static void upload_file(struct task *task, const char *path)
{
    struct video *video = task_state(task);
    const char *url = role_text(video->source, "url");
    const char *type = role_text(video->source, "contentType");
    const struct video_source source = {
        .path = path,
        .name = url == NULL ? "" : strrchr(url, '/') + 1,
        .content_type = type == NULL ? "image/png" : type,
    };
    provider_video_upload(task, &video->call, &source, take_upload);
}

static void take_source(void *context, enum status status, const char *path)
{
    struct task *task = context;
    if (status == STATUS_OK) {
        upload_file(task, path);
    } else if (status == STATUS_IO) {
        task_fail(task, FAIL_KIND_RETRY, "asset_store",
                  SLICE_LITERAL("the source picture cannot be read from the asset store"), 0);
    } else {
        task_fail(task, FAIL_KIND_PERMANENT, "source_missing",
                  SLICE_LITERAL("the source picture's file is not in the asset store"), 0);
    }
}

static void upload(struct task *task)
{
    struct video *video = task_state(task);
    if (video->is_submitted || video->file.url[0] != '\0') {
        task_next(task);
        return;
    }
    if (reuse_upload(task)) {
        return;
    }
    const char *url = role_text(video->source, "url");
    const struct subject subject = subject_of(task_job(task));
    if (task_providers(task)->is_null) {
        const struct video_source nothing = {.path = "", .name = "", .content_type = "image/png"};
        provider_video_upload(task, &video->call, &nothing, take_upload);
    } else if (asset_reader_begin(task_assets(task), &subject, url == NULL ? "" : url, true,
                                  take_source, task, &video->picture) != STATUS_OK) {
        role_fail_no_memory(task);
    }
}

static void submit(struct task *task)
{
    struct video *video = task_state(task);
    if (video->file.url[0] != '\0') {
        task_next(task);
        return;
    }
    struct video_order order = {
        .image_url = video->call.upload == NULL ? "" : video->call.upload,
        .prompt = prompt_of(video),
        .resolution = resolution_of(video),
        .duration = duration_of(video),
        .seed = prompt_seed(&task_job(task)->media),
    };
    provider_video_submit(task, &video->call, &order, task_next);
}

static void report_poll(struct task *task, uint8_t percent)
{
    task_progress(task, (uint8_t)(POLLING_FROM + (POLLING_TO - POLLING_FROM) * percent / 100),
                  "polling");
}

static void poll(struct task *task)
{
    struct video *video = task_state(task);
    if (video->file.url[0] != '\0') {
        task_next(task);
        return;
    }
    task_progress(task, POLLING_FROM, "polling");
    provider_video_poll(task, &video->call, report_poll, task_next);
}

static void take_file(struct task *task, const struct asset *asset)
{
    struct video *video = task_state(task);
    video->file = *asset;
    json_object_set_new(video->draft, "video", draft_of_asset(asset));
    role_set_draft(task, video->draft);
    task_next(task);
}

static void download(struct task *task)
{
    struct video *video = task_state(task);
    if (video->file.url[0] != '\0') {
        task_next(task);
    } else {
        provider_video_download(task, &video->call, take_file);
    }
}

static void create_media(struct task *task)
{
    struct video *video = task_state(task);
    bool is_480p = strcmp(resolution_of(video), "480p") == 0;
    video->file.width = is_480p ? 832 : 1280;
    video->file.height = is_480p ? 480 : 720;
    task_next(task);
}

static void finish(struct task *task)
{
    struct video *video = task_state(task);
    const struct message_job *job = task_job(task);
    struct media_entry entry = {
        .id = &job->media,
        .character = &job->character,
        .type = "video",
        .asset = &video->file,
        .pose = role_text(video->payload, "poseId"),
        .source = &job->source,
        .duration = duration_of(video),
        .resolution = resolution_of(video),
        .prompt = prompt_of(video),
        .created_at_ms = task_now_ms(task),
    };
    struct buffer document;
    buffer_init(&document, DOCUMENT_SIZE_MAX);
    if (document_of_media(&entry, &document) == STATUS_OK) {
        task_done(task, slice_from_string(video->file.url), buffer_slice(&document), SLICE_EMPTY);
    } else {
        role_fail_no_memory(task);
    }
    buffer_fini(&document);
}

static void close_attempt(struct task *task, const struct ending *ending)
{
    struct video *video = task_state(task);
    asset_lookup_fini(&video->lookup);
    asset_reader_destroy(&video->picture);
    if (chat_call_is_open(&video->chat)) {
        paid_close(task, &video->chat.paid, ending);
    } else {
        provider_video_close(task, &video->call, ending);
    }
}

static void end(struct task *task)
{
    struct video *video = task_state(task);
    asset_lookup_fini(&video->lookup);
    asset_reader_destroy(&video->picture);
    chat_call_fini(&video->chat);
    video_call_fini(&video->call);
    json_decref(video->draft);
    json_decref(video->payload);
    json_decref(video->source);
    json_decref(video->character);
}

static const struct step steps[] = {
    {10, "source_loaded", load_source},  {20, "prompt_generated", generate_prompt},
    {30, "image_uploaded", upload},      {40, "task_submitted", submit},
    {POLLING_TO, "polling", poll},       {85, "video_downloaded", download},
    {95, "media_created", create_media}, {100, "completed", finish},
};

const struct role role_video = {
    .name = "video",
    .kind = JOB_KIND_VIDEO,
    .state_size = sizeof(struct video),
    .steps = steps,
    .step_count = sizeof(steps) / sizeof(steps[0]),
    .uses = 1u << PROVIDER_USE_CHAT | 1u << PROVIDER_USE_VIDEO,
    .end = end,
    .close = close_attempt,
};
