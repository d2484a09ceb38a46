#include "actors/providers.h"

#include <stdio.h>

/* Percent of null_ms that a call takes, by the kind of the job: a whole job takes all of it. */
static const uint8_t shares[JOB_KIND_COUNT][NULL_CALL_COUNT] = {
    [JOB_KIND_CHARACTER] = {[NULL_CALL_CHAT] = 50, [NULL_CALL_IMAGE] = 50},
    [JOB_KIND_IMAGE] = {[NULL_CALL_IMAGE] = 100},
    [JOB_KIND_VIDEO] = {[NULL_CALL_CHAT] = 10,
                        [NULL_CALL_UPLOAD] = 10,
                        [NULL_CALL_SUBMIT] = 10,
                        [NULL_CALL_POLL] = 60 / NULL_POLLS,
                        [NULL_CALL_DOWNLOAD] = 10},
};

void provider_null_wait(struct task *task, enum null_call call, task_function *callback,
                        void *context)
{
    int64_t share = shares[task_job(task)->kind][call];
    int64_t delay_ms = task_providers(task)->null_ms * share / 100;
    if (delay_ms == 0) {
        callback(task, context);
    } else {
        task_after(task, delay_ms, callback, context);
    }
}

void provider_null_asset(struct task *task, bool is_video, struct asset *out)
{
    const struct message_job *job = task_job(task);
    char character[ID_TEXT_SIZE];
    char media[ID_TEXT_SIZE];
    id_format(&job->character, character);
    id_format(&job->media, media);
    *out = (struct asset){.width = is_video ? 1280 : 1024, .height = is_video ? 720 : 1024};
    snprintf(out->url, sizeof(out->url), "/assets/characters/%s/null-%s.%s", character, media,
             is_video ? "mp4" : "png");
    snprintf(out->content_type, sizeof(out->content_type), "%s",
             is_video ? "video/mp4" : "image/png");
}
