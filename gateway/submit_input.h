#ifndef TROUPE_GATEWAY_SUBMIT_INPUT_H
#define TROUPE_GATEWAY_SUBMIT_INPUT_H

/* What every POST of new work brings besides its body: its media type, its Idempotency-Key and its
 * trace. */

#include "base/encoding.h"
#include "gateway/exchange.h"
#include "proto/traceparent.h"

/* Whether the body is application/json in UTF-8, not encoded, or empty. Otherwise it has been
 * answered. */
bool submit_input_is_json(struct exchange *exchange);

/* Reads the Idempotency-Key into *key (borrowed; empty without one), and hashes the request with
 * this body into hash. Answers and returns false when the key is not fit. */
bool submit_input_key(struct exchange *exchange, struct slice body, uint8_t hash[SHA256_SIZE],
                      struct slice *key);

/* The same with the bytes of the body as they came; *key_hash, which borrows hash, is empty without
 * a key. */
bool submit_input_key_of_body(struct exchange *exchange, uint8_t hash[SHA256_SIZE],
                              struct slice *key, struct slice *key_hash);

/* Says in the answer that it is a repeated one. */
void submit_input_replayed(struct exchange *exchange, bool replayed);

/* The trace that the request belongs to, in out, for the actor and its providers; empty for none.
 */
struct slice submit_input_trace(const struct exchange *exchange, char out[TRACEPARENT_SIZE]);

#endif
