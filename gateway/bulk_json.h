#ifndef TROUPE_GATEWAY_BULK_JSON_H
#define TROUPE_GATEWAY_BULK_JSON_H

/* Operations upon many jobs (bulks, to the broker) as the admin API takes and shows them. Pure. */

#include "base/json_writer.h"
#include "gateway/validate.h"
#include "proto/codec.h"

/* Reads what is to be done, and notes what is wrong with it. *out lacks its id and who asks. Its
 * texts borrow from the body, and from made its ids, or the filter as it is to be told. */
void bulk_json_read(const struct body *body, struct buffer *made, struct message_start_bulk *out,
                    struct problems *problems);

/* How much of its way it has behind it, in percent. */
uint32_t bulk_json_progress(const struct message_bulk *bulk);

/* Writes one as it is. */
void bulk_json_write(struct json_writer *writer, const struct message_bulk *bulk);

/* Writes {"operations": [...]} from the count records that answer GET_BULKS. Returns OK, or
 * MALFORMED when they are not what they say. */
enum status bulk_json_all(struct json_writer *writer, struct frame_reader records, uint32_t count);

#endif
