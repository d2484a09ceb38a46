#ifndef TROUPE_GATEWAY_BUDGET_H
#define TROUPE_GATEWAY_BUDGET_H

/* What a user may spend on a day, in answers to those who ask for jobs. */

#include "gateway/exchange.h"

/* 402, with the numbers and when the day ends, of a reply of code OVER_BUDGET. */
void budget_refuse(struct exchange *exchange, const struct message_reply *reply);

/* Adds a header to the answer that follows when the reply warns: accepted, and not much is left. */
void budget_warn(struct exchange *exchange, const struct message_reply *reply);

#endif
