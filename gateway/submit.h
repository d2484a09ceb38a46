#ifndef TROUPE_GATEWAY_SUBMIT_H
#define TROUPE_GATEWAY_SUBMIT_H

/* Handlers of the three queue POSTs: check the body, fix the ids, hand the job to the broker, and
 * answer when it is durable there. */

#include "gateway/router.h"
#include "proto/messages.h"

/* Answers an exchange whose job was accepted. reply is borrowed. */
typedef void submit_accepted(struct exchange *exchange, enum job_kind kind,
                             const struct message_reply *reply);

/* Submits the job of a request; what refuses it is answered here. */
void submit_start(struct exchange *exchange, enum job_kind kind, submit_accepted *accepted);

/* The same of a job that is described otherwise than by a body: its ids, trace and key alone are
 * those of the request, and no limit of who asks counts it. like borrows what lives as long as the
 * exchange. */
void submit_like(struct exchange *exchange, const struct message_submit *like,
                 submit_accepted *accepted);

route_handler submit_character;
route_handler submit_image;
route_handler submit_video;

#endif
