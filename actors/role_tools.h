#ifndef TROUPE_ACTORS_ROLE_TOOLS_H
#define TROUPE_ACTORS_ROLE_TOOLS_H

/* What the roles have in common. */

#include "actors/documents.h"
#include "actors/providers.h"

/* Parses an input of the task into *out, an empty object when it is empty. false: the task has
 * failed. */
bool role_read(struct task *task, struct slice bytes, const char *what, json_t **out);

/* Makes a copy of draft the task's draft. */
void role_set_draft(struct task *task, json_t *draft);

/* Whether a draft's asset can be used: its file is still there. */
bool role_find_asset(struct task *task, json_t *draft, const char *name, struct asset *out);

/* The words of the pose that payload names; empty without one. */
struct slice role_pose_words(json_t *payload);

/* Returns a member's text, or NULL. Borrowed from object. */
const char *role_text(json_t *object, const char *name);

void role_fail_no_memory(struct task *task);

#endif
