#ifndef TROUPE_GATEWAY_JOB_OPTIONS_H
#define TROUPE_GATEWAY_JOB_OPTIONS_H

/*
 * The member `options` of a job's body: how the job is to be treated, not what it is to make. It is
 * checked here and does not reach the actor. Pure.
 */

#include "gateway/body.h"
#include "gateway/http_error.h"
#include "proto/messages.h"

extern const char *const JOB_OPTIONS_MEMBERS[]; /* "options", NULL: for body_write_without */

/* Texts are borrowed from the body. */
struct job_options {
    int64_t run_at; /* milliseconds since 1970; 0 for none, as the next two */
    int64_t start_by;
    int64_t deadline;
    uint8_t priority;        /* 0 for none */
    struct slice dedupe_key; /* empty for none */
    uint64_t dedupe_ttl_ms;
    struct slice webhook_url; /* empty: no webhook of its own */
    uint32_t webhook_events;
    uint8_t webhook_secret[WEBHOOK_SECRET_SIZE_MAX];
    uint8_t webhook_secret_size; /* 0: deliveries are not signed */
};

/* Reads the options of a body, if it has any; notes what is wrong. private_allowed: as for
 * webhook_url_check. */
void job_options_read(const struct body *body, bool private_allowed, struct job_options *out,
                      struct problems *problems);

/* Notes which times of options that were read are over, or too far ahead of now_ms. */
void job_options_check_times(const struct job_options *options, int64_t now_ms,
                             struct problems *problems);

/* Appends the tags and the metadata of a body whose options have been read, as one JSON object;
 * nothing when it has neither. Returns OK, TOO_LARGE (LABELS_SIZE_MAX) or NO_MEMORY. */
enum status job_options_labels(const struct body *body, struct buffer *out);

/* Sets the fields of the message that say the same, but the labels; they borrow from *options. */
void job_options_set(const struct job_options *options, struct message_submit *out);

#endif
