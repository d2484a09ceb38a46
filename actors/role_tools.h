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

/* The question whether a draft's asset can be used. Embedded in a role's state, zeroed. */
struct asset_lookup {
    struct task *task;
    struct asset_reader *reader;
    struct asset asset; /* that is asked for */
    struct asset *out;
};

/* Fills in *out when the asset that a draft names is still there, and goes on to the next step. */
void role_find_asset(struct task *task, struct asset_lookup *lookup, json_t *draft,
                     const char *name, struct asset *out);
void asset_lookup_fini(struct asset_lookup *lookup);

/* The words of the pose that payload names; empty without one. */
struct slice role_pose_words(json_t *payload);

/* Returns a member's text, or NULL. Borrowed from object. */
const char *role_text(json_t *object, const char *name);

void role_fail_no_memory(struct task *task);

#endif
