#ifndef TROUPE_BROKER_JOB_FILTER_H
#define TROUPE_BROKER_JOB_FILTER_H

/*
 * Whether a job is what a search looks for (SEARCH_JOBS in proto/messages_search.h tells what each
 * field means). What a job's record tells is asked first, so that its input is read only for those
 * that are left. Pure.
 */

#include "base/buffer.h"
#include "broker/values.h"

enum filter_verdict {
    FILTER_NO,
    FILTER_YES,
    FILTER_ASK_INPUT, /* the job's input decides */
    FILTER_ASK_NAME,  /* the name of its character decides */
};

/* Judges by the job's record. */
enum filter_verdict filter_record(const struct message_search_jobs *filter,
                                  const struct job_value *value);

/* The group that the error of a failed job belongs to. */
struct id filter_error_group(const struct job_value *value);

/* Judges by the input of a job that filter_record asked about: of a picture or a video it may ask
 * for the name of the character, which the input has not. scratch is space for texts without their
 * escapes. Returns OK or NO_MEMORY. */
enum status filter_input(const struct message_search_jobs *filter, const struct job_value *value,
                         const struct message_submit *input, struct buffer *scratch,
                         enum filter_verdict *out);

/* Whether part stands in text, whatever the case of ASCII letters. An empty part does. */
bool filter_contains(struct slice text, struct slice part);

/* Appends JSON text (RFC 8259, 7) with the escapes in its strings undone; what is no good escape
 * stays as it is. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status filter_unescape(struct slice json, struct buffer *out);

/* Whether labels, as a gateway wrote them, have this tag. scratch as above; status likewise. */
enum status filter_has_tag(struct slice labels, struct slice tag, struct buffer *scratch,
                           bool *out);

#endif
