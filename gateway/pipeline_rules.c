#include "gateway/pipeline_rules.h"

#include <stdio.h>
#include "gateway/validate.h"

/* Members that are about the job, not for its actor. */
static const char *const OWN_MEMBERS[] = {"options", NULL};
static const char *const OWN_VIDEO_MEMBERS[] = {"options", "image", NULL};

uint32_t pipeline_count(const struct pipeline *pipeline)
{
    return (pipeline->makes_character ? 1 : 0) + pipeline->image_count + pipeline->video_count;
}

/* The number of the first picture, and of the first video. */
static uint32_t images_begin(const struct pipeline *pipeline)
{
    return pipeline->makes_character ? 1 : 0;
}

static uint32_t videos_begin(const struct pipeline *pipeline)
{
    return images_begin(pipeline) + pipeline->image_count;
}

enum job_kind pipeline_kind(const struct pipeline *pipeline, uint32_t index)
{
    if (index >= videos_begin(pipeline)) {
        return JOB_KIND_VIDEO;
    }
    return index >= images_begin(pipeline) ? JOB_KIND_IMAGE : JOB_KIND_CHARACTER;
}

void pipeline_name(const struct pipeline *pipeline, uint32_t index, char out[PROBLEM_FIELD_SIZE])
{
    enum job_kind kind = pipeline_kind(pipeline, index);
    if (kind == JOB_KIND_CHARACTER) {
        snprintf(out, PROBLEM_FIELD_SIZE, "character");
    } else if (kind == JOB_KIND_IMAGE) {
        snprintf(out, PROBLEM_FIELD_SIZE, "images[%u]", index - images_begin(pipeline));
    } else if (pipeline->is_single) {
        snprintf(out, PROBLEM_FIELD_SIZE, "video");
    } else {
        snprintf(out, PROBLEM_FIELD_SIZE, "videos[%u]", index - videos_begin(pipeline));
    }
}

bool pipeline_parent(const struct pipeline *pipeline, uint32_t index, uint32_t *parent)
{
    enum job_kind kind = pipeline_kind(pipeline, index);
    *parent = 0; /* the character */
    if (kind == JOB_KIND_VIDEO) {
        *parent = images_begin(pipeline) + pipeline->sources[index - videos_begin(pipeline)];
        return true;
    }
    return kind == JOB_KIND_IMAGE && pipeline->makes_character;
}

/* ---- reading ---- */

static void character_read(const struct body *body, struct pipeline *out, struct problems *problems)
{
    out->character_body = body_member(body, "character");
    out->makes_character = out->character_body.kind != JSON_KIND_ABSENT;
    bool is_given = body_member(body, "characterId").kind != JSON_KIND_ABSENT;
    if (out->makes_character && is_given) {
        problems_add(problems, "characterId", "cannot be combined with character");
    } else if (!out->makes_character && !is_given) {
        problems_add(problems, "character", "or characterId is required");
    } else if (!out->makes_character) {
        group_item_id(body, "characterId", &out->character, problems);
    }
}

static void list_check(const char *name, const struct json_value *list, uint32_t min, uint32_t max,
                       struct problems *problems)
{
    if (list->kind != JSON_KIND_LIST) {
        problems_add(problems, name, "must be a list");
    } else if (list->count < min || list->count > max) {
        problems_add(problems, name, "must have %u to %u items", min, max);
    }
}

static void videos_read(const struct body *body, struct pipeline *out, struct problems *problems)
{
    struct json_value single = body_member(body, "video");
    struct json_value list = body_member(body, "videos");
    if (single.kind != JSON_KIND_ABSENT && list.kind != JSON_KIND_ABSENT) {
        problems_add(problems, "videos", "cannot be combined with video");
    } else if (single.kind != JSON_KIND_ABSENT) {
        out->videos = single;
        out->is_single = true;
        out->video_count = 1;
    } else if (list.kind != JSON_KIND_ABSENT) {
        list_check("videos", &list, 0, PIPELINE_VIDEOS_MAX, problems);
        out->videos = list;
        out->video_count = (uint32_t)list.count;
    }
}

static struct json_value value_of(const struct pipeline *pipeline, uint32_t index)
{
    enum job_kind kind = pipeline_kind(pipeline, index);
    if (kind == JOB_KIND_CHARACTER) {
        return pipeline->character_body;
    }
    if (kind == JOB_KIND_IMAGE) {
        return body_item(&pipeline->images, index - images_begin(pipeline));
    }
    return pipeline->is_single ? pipeline->videos
                               : body_item(&pipeline->videos, index - videos_begin(pipeline));
}

/* Which picture each video is made from: the first one, unless it says otherwise. */
static void sources_read(struct pipeline *out, struct problems *problems)
{
    for (uint32_t video = 0; video < out->video_count; video++) {
        uint32_t index = videos_begin(out) + video;
        struct json_value value = value_of(out, index);
        struct json_value image = {.kind = JSON_KIND_ABSENT};
        if (value.kind == JSON_KIND_OBJECT) {
            image = body_member(body_object(&value), "image");
        }
        if (image.kind == JSON_KIND_INTEGER && image.integer >= 0 &&
            image.integer < (int64_t)out->image_count) {
            out->sources[video] = (uint32_t)image.integer;
        } else if (image.kind != JSON_KIND_ABSENT) {
            char name[PROBLEM_FIELD_SIZE];
            pipeline_name(out, index, name);
            strncat(name, ".image", sizeof(name) - strlen(name) - 1);
            problems_add(problems, name, "must be the place of one of the images, from 0");
        }
    }
}

bool pipeline_read(const struct body *body, struct pipeline *out, struct problems *problems)
{
    *out = (struct pipeline){0};
    character_read(body, out, problems);
    out->images = body_member(body, "images");
    list_check("images", &out->images, 1, PIPELINE_IMAGES_MAX, problems);
    videos_read(body, out, problems);
    if (problems->count > 0) {
        return false;
    }
    out->image_count = (uint32_t)out->images.count;
    sources_read(out, problems);
    return problems->count == 0;
}

void pipeline_item_read(const struct pipeline *pipeline, uint32_t index, bool private_allowed,
                        struct group_item *item, struct problems *problems)
{
    char prefix[PROBLEM_FIELD_SIZE];
    struct json_value value = value_of(pipeline, index);
    enum job_kind kind = pipeline_kind(pipeline, index);
    *item = (struct group_item){
        .kind = kind,
        .own_members = kind == JOB_KIND_VIDEO ? OWN_VIDEO_MEMBERS : OWN_MEMBERS,
    };
    pipeline_name(pipeline, index, prefix);
    if (value.kind != JSON_KIND_OBJECT) {
        problems_add(problems, prefix, "must be an object");
        return;
    }
    strncat(prefix, ".", sizeof(prefix) - strlen(prefix) - 1);
    item->body = body_object(&value);
    problems->prefix = prefix;
    group_item_check(item, private_allowed, problems);
    problems->prefix = NULL;
}
