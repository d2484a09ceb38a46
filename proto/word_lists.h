#ifndef TROUPE_PROTO_WORD_LISTS_H
#define TROUPE_PROTO_WORD_LISTS_H

/* The names of queues and of statuses as requests may name them (struct field_rule's words): in the
 * order of enum job_kind and enum job_state, ended by NULL. They are those that answers have
 * (job_kind_name, job_state_name). */

extern const char *const WORD_LIST_QUEUES[];
extern const char *const WORD_LIST_STATUSES[];

#endif
