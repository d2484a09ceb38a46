#ifndef TROUPE_GATEWAY_INSIGHT_H
#define TROUPE_GATEWAY_INSIGHT_H

/* What those who run the stack are told from the broker's memory, besides queues and workers. */

struct exchange;

/* GET /api/v1/admin/users */
void insight_users(struct exchange *exchange);

/* GET /api/v1/admin/providers */
void insight_providers(struct exchange *exchange);

#endif
