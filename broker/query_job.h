#ifndef TROUPE_BROKER_QUERY_JOB_H
#define TROUPE_BROKER_QUERY_JOB_H

/* How a job's record becomes a JOB_STATE: shared by the queries of one job and of lists. */

#include "broker/query.h"

/* The character that was looked up last: neighbours in a list often share it. */
struct character_memo {
    /* Where there is no character, the name that was asked for is told, which takes more reads. */
    bool names_asked;
    bool known;
    struct id id;
    char display_id[8];
    uint8_t name[NAME_SIZE_MAX];
    size_t name_size;
    struct buffer value;
};

void character_memo_init(struct character_memo *memo);
void character_memo_fini(struct character_memo *memo);

/* Writes the JOB_STATE of a record. Returns OK, TOO_LARGE, NO_MEMORY, IO, or MALFORMED, with
 * nothing written, when what it is told with is damaged: its input, its character. */
enum status job_state_write(struct view *view, const struct job_value *value, uint64_t request,
                            const struct retention *retention, struct character_memo *memo,
                            struct frame_writer *out);

/* Reads the record of a document that exists: a media entry whose character is gone does not.
 * *buffer holds what *out borrows. Returns OK, NOT_FOUND, NO_MEMORY, IO, or MALFORMED for a damaged
 * one. */
enum status query_stored_document(struct view *view, const struct id *id, struct buffer *buffer,
                                  struct document_value *out);

/* Reads what a job was submitted with; *out borrows from *buffer. Returns OK, NOT_FOUND, NO_MEMORY,
 * IO, or MALFORMED for a damaged one. */
enum status query_input(struct view *view, const struct id *job, struct buffer *buffer,
                        struct message *out);

/* The name that the character of a picture or a video was asked for, told by the job that it is
 * made from, or by that one's: of a pipeline it is known before there is a character, and without
 * one. *size is 0 where there is none, or such a job is kept no longer, or damaged. buffer is
 * scratch space. Returns OK, NO_MEMORY or IO. */
enum status query_name_asked(struct view *view, const struct job_value *of, struct buffer *buffer,
                             uint8_t name[NAME_SIZE_MAX], size_t *size);

/* Whether a record that an index or another record names cannot be read, and will not be the next
 * time either. */
bool query_is_damage(enum status status);

/* What a damaged or missing record comes to in the middle of an answer. */
enum status query_status(enum status status);

#endif
