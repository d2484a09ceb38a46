#ifndef TROUPE_BROKER_QUERY_WEBHOOK_H
#define TROUPE_BROKER_QUERY_WEBHOOK_H

/* Reads of webhook endpoints and deliveries, as query.h has them for jobs. Pure over a view. */

#include "broker/query.h"

/* Reads an endpoint; *buffer holds what *out borrows. disabled_at: 0 while it is not. Returns OK,
 * NOT_FOUND, NO_MEMORY or IO. */
enum status query_endpoint(struct view *view, struct slice owner, const struct id *endpoint,
                           struct buffer *buffer, struct message_put_endpoint *out,
                           int64_t *disabled_at);

/* Reads which event a delivery reports, as a message and as its record; *buffer holds both. Returns
 * OK, NOT_FOUND, NO_MEMORY, IO, or MALFORMED for a damaged one. */
enum status query_report(struct view *view, const struct id *delivery, struct buffer *buffer,
                         struct slice *payload, struct message_event *out);

/* Each writes a whole answer as records of one frame, as query.h tells. */

enum status query_endpoints(struct view *view, const struct message_list_endpoints *request,
                            struct frame_writer *out);

/* NOT_FOUND unless the endpoint, or the job, is the owner's; a malformed cursor is answered by
 * INVALID. */
enum status query_deliveries(struct view *view, const struct message_list_deliveries *request,
                             struct frame_writer *out);

/* Calls visit with each endpoint, for core_restore_endpoint. Stops and returns visit's status when
 * it is not OK; MALFORMED or IO when a record is damaged. */
typedef enum status query_endpoint_visit(void *context, const struct message_put_endpoint *put,
                                         bool disabled);
enum status query_endpoints_all(struct view *view, query_endpoint_visit *visit, void *context);

#endif
