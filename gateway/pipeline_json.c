#include "gateway/pipeline_json.h"

#include <stdio.h>
#include "gateway/group_ids.h"
#include "gateway/group_json.h"
#include "gateway/job_json.h"
#include "proto/codec.h"

/* ---- 202 ---- */

static void job_ids_write(struct json_writer *writer, const struct id *group,
                          const struct pipeline *pipeline, uint32_t index)
{
    const struct group_ids ids = group_ids(group, index);
    uint32_t parent;
    json_object_begin(writer);
    json_member_id(writer, "jobId", &ids.job);
    json_member_id(writer, "mediaId", &ids.media);
    if (pipeline_kind(pipeline, index) == JOB_KIND_VIDEO &&
        pipeline_parent(pipeline, index, &parent)) {
        const struct group_ids source = group_ids(group, parent);
        json_member_id(writer, "sourceMediaId", &source.media);
    }
    json_object_end(writer);
}

static void character_ids_write(struct json_writer *writer, const struct id *group,
                                const struct pipeline *pipeline)
{
    const struct group_ids ids = group_ids(group, 0);
    static const struct id none;
    json_name(writer, "character");
    json_object_begin(writer);
    json_member_id(writer, "jobId", pipeline->makes_character ? &ids.job : &none);
    json_member_id(writer, "characterId",
                   pipeline->makes_character ? &ids.character : &pipeline->character);
    json_object_end(writer);
}

static void media_ids_write(struct json_writer *writer, const struct id *group,
                            const struct pipeline *pipeline, enum job_kind kind)
{
    json_name(writer, kind == JOB_KIND_IMAGE ? "images" : "videos");
    json_array_begin(writer);
    for (uint32_t index = 0; index < pipeline_count(pipeline); index++) {
        if (pipeline_kind(pipeline, index) == kind) {
            job_ids_write(writer, group, pipeline, index);
        }
    }
    json_array_end(writer);
}

enum status pipeline_json_accepted(const struct id *group, const struct pipeline *pipeline,
                                   struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    group_json_begin(&writer, 202, "Pipeline queued successfully");
    json_member_id(&writer, "pipelineId", group);
    json_member_text(&writer, "status", SLICE_LITERAL("pending"));
    group_json_url(&writer, GROUP_KIND_PIPELINE, group);
    character_ids_write(&writer, group, pipeline);
    media_ids_write(&writer, group, pipeline, JOB_KIND_IMAGE);
    media_ids_write(&writer, group, pipeline, JOB_KIND_VIDEO);
    return group_json_end(&writer);
}

/* ---- the state ---- */

typedef void job_write(struct json_writer *writer, const struct message_job_state *job);

/* A pending job of a pipeline waits for the one that it is made from, and for nothing else. */
static void status_write(struct json_writer *writer, const struct message_job_state *job)
{
    struct job_wait wait = {0};
    if (job->state == JOB_STATE_PENDING && !id_is_zero(&job->parent)) {
        wait.reason = WAIT_REASON_DEPENDENCY;
    }
    job_json_write(writer, job, &wait);
}

/* What a completed job has made; nothing of others. */
static void made_write(struct json_writer *writer, const struct message_job_state *job)
{
    if (job->state != JOB_STATE_COMPLETED) {
        return;
    }
    json_object_begin(writer);
    json_member_id(writer, "mediaId", &job->media);
    json_member_text_or_null(writer, "url", job->url);
    json_object_end(writer);
}

/* Writes all jobs of a kind. Returns OK or MALFORMED. */
static enum status each_job(struct json_writer *writer, struct slice records, uint32_t count,
                            enum job_kind kind, job_write *write)
{
    struct message record;
    for (uint32_t index = 0; index < count; index++) {
        if (record_read(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_JOB_STATE) {
            return STATUS_MALFORMED;
        }
        if (record.job_state.kind == kind) {
            write(writer, &record.job_state);
        }
    }
    return STATUS_OK;
}

static enum status list_write(struct json_writer *writer, const char *name, struct slice records,
                              uint32_t count, enum job_kind kind, job_write *write)
{
    json_name(writer, name);
    json_array_begin(writer);
    enum status status = each_job(writer, records, count, kind, write);
    json_array_end(writer);
    return status;
}

/* The character: its job, when the pipeline makes it, and its id once there is one. */
static enum status character_write(struct json_writer *writer, struct slice records)
{
    struct message first;
    if (record_read(&records, &first) != STATUS_OK || first.type != MESSAGE_TYPE_JOB_STATE) {
        return STATUS_MALFORMED;
    }
    const struct message_job_state *job = &first.job_state;
    if (job->kind == JOB_KIND_CHARACTER) {
        json_name(writer, "character");
        status_write(writer, job);
    } else {
        json_member_null(writer, "character");
    }
    return STATUS_OK;
}

static enum status result_write(struct json_writer *writer, struct slice records, uint32_t count)
{
    static const struct id none;
    struct message first;
    struct slice rest = records;
    if (record_read(&rest, &first) != STATUS_OK || first.type != MESSAGE_TYPE_JOB_STATE) {
        return STATUS_MALFORMED;
    }
    const struct message_job_state *job = &first.job_state;
    bool is_there = job->kind != JOB_KIND_CHARACTER || job->state == JOB_STATE_COMPLETED;
    json_name(writer, "result");
    json_object_begin(writer);
    json_member_id(writer, "characterId", is_there ? &job->character : &none);
    enum status status = list_write(writer, "images", records, count, JOB_KIND_IMAGE, made_write);
    if (status == STATUS_OK) {
        status = list_write(writer, "videos", records, count, JOB_KIND_VIDEO, made_write);
    }
    json_object_end(writer);
    return status;
}

enum status pipeline_json_envelope(const struct message_group_state *group, struct slice records,
                                   const char *message, struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    group_json_begin(&writer, 200, message);
    json_member_id(&writer, "pipelineId", &group->group);
    group_json_members(&writer, group);
    enum status status = character_write(&writer, records);
    if (status == STATUS_OK) {
        status = list_write(&writer, "images", records, group->count, JOB_KIND_IMAGE, status_write);
    }
    if (status == STATUS_OK) {
        status = list_write(&writer, "videos", records, group->count, JOB_KIND_VIDEO, status_write);
    }
    if (status == STATUS_OK) {
        status = result_write(&writer, records, group->count);
    }
    enum status written = group_json_end(&writer);
    return status == STATUS_OK ? written : status;
}
