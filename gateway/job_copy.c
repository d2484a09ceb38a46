#include "gateway/job_copy.h"

#include <stdlib.h>

enum {
    TEXTS = 8
};

/* The members of state that are borrowed bytes. */
static void texts_of(struct message_job_state *state, struct slice *texts[TEXTS])
{
    texts[0] = &state->owner;
    texts[1] = &state->step;
    texts[2] = &state->error_code;
    texts[3] = &state->error_message;
    texts[4] = &state->url;
    texts[5] = &state->character_name;
    texts[6] = &state->display_id;
    texts[7] = &state->labels;
}

void job_copy_fini(struct job_copy *copy)
{
    free(copy->texts);
    *copy = (struct job_copy){0};
}

enum status job_copy_set(struct job_copy *copy, const struct message_job_state *state)
{
    struct message_job_state own = *state;
    struct slice *texts[TEXTS];
    size_t size = 0;
    texts_of(&own, texts);
    for (size_t index = 0; index < TEXTS; index++) {
        size += texts[index]->size;
    }
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL) {
        return STATUS_NO_MEMORY;
    }
    size_t offset = 0;
    for (size_t index = 0; index < TEXTS; index++) {
        struct slice text = *texts[index];
        if (text.size > 0) {
            memcpy(bytes + offset, text.data, text.size);
        }
        *texts[index] = slice_make(bytes + offset, text.size);
        offset += text.size;
    }
    free(copy->texts);
    *copy = (struct job_copy){.state = own, .texts = bytes, .texts_size = size};
    return STATUS_OK;
}

void job_state_base(struct message_job_state *state, const struct message_job_state *base)
{
    state->job = base->job;
    state->owner = base->owner;
    state->kind = base->kind;
    state->character = base->character;
    state->media = base->media;
    state->created_at = base->created_at;
    state->character_name = base->character_name;
    state->display_id = base->display_id;
    state->priority = base->priority;
    state->group = base->group;
    state->parent = base->parent;
    state->labels = base->labels;
    state->run_at = base->run_at;
    if (state->retries == base->retries) { /* a retry sets them anew */
        state->start_by = base->start_by;
        state->deadline = base->deadline;
    }
}

void job_state_fold(struct message_job_state *state, const struct message_event *event)
{
    if (state->retries != event->retries) {
        state->start_by = 0;
        state->deadline = event->deadline;
    }
    state->version = event->version;
    state->state = event->state;
    state->progress = event->progress;
    state->step = event->step;
    state->attempt = event->attempt;
    state->attempts_made = event->attempts_made;
    state->cancel_requested = event->cancel_requested;
    state->worker = event->worker;
    state->started_at = event->started_at;
    state->completed_at = event->completed_at;
    state->expires_at = event->expires_at;
    state->next_attempt_at = event->next_attempt_at;
    state->error_code = event->error_code;
    state->error_message = event->error_message;
    state->url = event->url;
    state->retries = event->retries;
    state->priority = event->priority != 0 ? event->priority : state->priority;
    state->spent = event->spent;
    state->uncertain = event->uncertain;
    state->estimate = event->estimate;
}
