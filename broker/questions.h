#ifndef TROUPE_BROKER_QUESTIONS_H
#define TROUPE_BROKER_QUESTIONS_H

/*
 * What gateways ask of the disk, as one table: which messages such questions are, what answers
 * each, and how long that may take. What is answered from memory is not among them (gateways.c).
 * Constant; nobody owns it.
 */

#include "base/clock.h"
#include "broker/backups.h"
#include "broker/query.h"
#include "broker/read.h"

/* What an answer is made of. Borrowed. */
struct asked {
    struct view *view;
    struct store *store;
    struct backups *backups;
    const struct retention *retention;
    const struct live_counts *live;  /* LIST_JOBS */
    const struct spending *spending; /* GET_USAGE */
    int64_t live_since;              /* GET_ASSETS */
    struct slice known;              /* GET_SYSTEM: records of what the loop knows */
    int64_t now;
};

/* Writes the whole answer. Blocks for the disk. Returns as the queries do (query.h). */
typedef enum status question_write(const struct asked *asked, const struct message *request,
                                   struct frame_writer *out);

struct question {
    enum message_type answer; /* its first record */
    enum read_length length;
    question_write *write;
};

/* Returns NULL for a message that is no such question. */
const struct question *question_find(enum message_type request);

/* An answer without any of what was asked for. */
struct message question_refuse(const struct message *request, enum reply_code code);

/* The job that a gateway's request names, whichever it is, and the HTTP request that it says it is
 * made for; zero and empty without. */
struct id question_job(const struct message *request);
struct slice question_asker(const struct message *request);

/* The user whom a gateway searches for; empty without. */
struct slice question_searcher(const struct message *request);

/* The number of a gateway's request, whichever it is. */
uint64_t question_number(const struct message *request);

#endif
