#ifndef TROUPE_GATEWAY_INQUIRY_H
#define TROUPE_GATEWAY_INQUIRY_H

/*
 * What most handlers do: ask the broker something for an exchange, perhaps something else after it,
 * and answer with JSON what came. Silence, refusals and want of room are answered here. It stands
 * first in what a handler holds for its exchange, and goes with that.
 */

#include "base/json_writer.h"
#include "gateway/exchange.h"
#include "gateway/http_error.h"

struct inquiry {
    struct request request;
    struct exchange *exchange;
};

/* Memory of the exchange, zeroed, that begins with an inquiry. dispose is called with it when the
 * exchange ends, and calls inquiry_fini; inquiry_fini itself where there is nothing else to let go.
 */
void *inquiry_new(struct exchange *exchange, size_t size, void (*dispose)(void *));
void inquiry_fini(void *inquiry);

/* Begins a question: its message, zeroed but for the type, to be filled in. */
struct message *inquiry_begin(struct inquiry *inquiry, enum message_type type);

/* Asks it. Without room the exchange is answered, and done is not called. */
void inquiry_ask(struct inquiry *inquiry, request_done *done);

/* Whether a read was answered; if not, the exchange is. */
bool inquiry_is_heard(const struct inquiry *inquiry, const struct answer *answer);

/* The same of a request for a change: its REPLY, or NULL. */
const struct message_reply *inquiry_reply(const struct inquiry *inquiry,
                                          const struct answer *answer);

/* Answers for a code other than OK, and says whether it did. */
bool inquiry_refuses(const struct inquiry *inquiry, uint8_t code);

/* The same for a page of a list, where INVALID is said of the cursor. */
bool inquiry_refuses_page(const struct inquiry *inquiry, uint8_t code);

/* ---- the envelope of a success, as it is written ---- */

struct success {
    int status; /* of HTTP */
    struct buffer body;
    struct json_writer writer; /* stands where the value of `data` is to come */
};

/* size_max: bytes of the body. */
void success_begin(struct success *success, int status, size_t size_max);

/* Closes it, behind `data` and what else there is. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status success_close(struct success *success);
void success_fini(struct success *success);

/* Closes it and answers; written: how writing it went. */
void success_send(struct success *success, struct exchange *exchange, enum status written);

#endif
