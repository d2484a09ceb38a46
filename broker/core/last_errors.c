#include "broker/core/last_errors.h"

#include <assert.h>
#include <stdlib.h>
#include "broker/core/job.h"
#include "broker/core/limits.h"

struct last_error {
    struct last_error *previous, *next;
    size_t code_size;
    size_t message_size;
    uint8_t texts[]; /* code, message */
};

static void free_all(struct last_error **list)
{
    while (*list != NULL) {
        struct last_error *next = (*list)->next;
        free(*list);
        *list = next;
    }
}

void last_errors_fini(struct last_errors *errors)
{
    free_all(&errors->first);
    free_all(&errors->gone);
    errors->count = 0;
}

void last_errors_sweep(struct last_errors *errors)
{
    free_all(&errors->gone);
}

void last_errors_drop(struct last_errors *errors, struct job *job)
{
    struct last_error *error = job->error;
    if (error == NULL) {
        return;
    }
    assert(errors->count > 0);
    if (error->previous != NULL) {
        error->previous->next = error->next;
    } else {
        errors->first = error->next;
    }
    if (error->next != NULL) {
        error->next->previous = error->previous;
    }
    error->next = errors->gone;
    errors->gone = error;
    errors->count--;
    job->error = NULL;
}

static uint8_t *put(uint8_t *out, struct slice text)
{
    if (text.size > 0) {
        memcpy(out, text.data, text.size);
    }
    return out + text.size;
}

void last_errors_keep(struct last_errors *errors, struct job *job, struct slice code,
                      struct slice message)
{
    last_errors_drop(errors, job);
    struct last_error *error = NULL;
    if (errors->count < LAST_ERRORS_MAX) {
        error = malloc(sizeof(*error) + code.size + message.size);
    }
    if (error == NULL) {
        return;
    }
    *error = (struct last_error){
        .next = errors->first, .code_size = code.size, .message_size = message.size};
    put(put(error->texts, code), message);
    if (errors->first != NULL) {
        errors->first->previous = error;
    }
    errors->first = error;
    errors->count++;
    job->error = error;
}

void last_errors_get(const struct job *job, struct slice *code, struct slice *message)
{
    const struct last_error *error = job->error;
    *code = error == NULL ? SLICE_EMPTY : slice_make(error->texts, error->code_size);
    *message = error == NULL ? SLICE_EMPTY
                             : slice_make(error->texts + error->code_size, error->message_size);
}
