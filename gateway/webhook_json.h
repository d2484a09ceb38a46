#ifndef TROUPE_GATEWAY_WEBHOOK_JSON_H
#define TROUPE_GATEWAY_WEBHOOK_JSON_H

/* Webhook endpoints and deliveries as the API shows them. Pure. */

#include "base/json_writer.h"
#include "proto/messages.h"

/* The endpoint without its secret. */
void webhook_json_write(struct json_writer *writer, const struct message_endpoint *endpoint);

/* The secret alone. now_ms: the one before it counts until its time is over. */
void webhook_json_secret(struct json_writer *writer, const struct message_endpoint *endpoint,
                         int64_t now_ms);

void webhook_json_delivery(struct json_writer *writer, const struct message_delivery *delivery);

#endif
