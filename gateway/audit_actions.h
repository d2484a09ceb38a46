#ifndef TROUPE_GATEWAY_AUDIT_ACTIONS_H
#define TROUPE_GATEWAY_AUDIT_ACTIONS_H

/* The actions that lines of the audit log may be of: those of the routes that do something
 * (audit_words.h), and the few that are named otherwise. */

#include "gateway/http_error.h"

/* Notes, for one that there is none of, which there are. */
void audit_actions_check(struct slice action, struct problems *problems);

#endif
