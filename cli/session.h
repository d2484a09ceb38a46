#ifndef TROUPE_CLI_SESSION_H
#define TROUPE_CLI_SESSION_H

/* What every command that talks to a gateway does alike: find it, ask it, say what went wrong. */

#include "cli/client.h"

struct session {
    struct stack stack;
    struct client *client;
};

/* data and user may be NULL. Returns OK, or another status after a message. */
enum status session_open(struct session *session, const char *data, const char *user);
/* The same as an admin, where the token is made here. */
enum status session_open_admin(struct session *session, const char *data, const char *user);
void session_close(struct session *session);

/* Performs a request and judges the answer: an exit code of command.h, after a message unless it is
 * EXIT_CODE_OK or, for a request that was stopped, EXIT_CODE_INTERRUPTED. The caller owns
 * answer->document in every case. */
int session_perform(struct session *session, const struct client_request *request,
                    struct client_answer *answer);

/* Judges what client_perform returned and answered, as session_perform does. */
int session_judge(const struct session *session, enum status status,
                  const struct client_answer *answer);

/* Finds out which family a job is of, or that it is a batch or a pipeline, with as many requests as
 * it takes, each of the method: GET has its status in answer; DELETE and POST change it, and
 * deliveries of webhooks, too. What the user has not is looked for as an admin, where the token is
 * made here, and the session stays one. To GET the family may be "admin/jobs" or "admin/groups", of
 * which only the admin API tells. Returns an exit code. */
int session_find_job(struct session *session, const char *method, const char *job,
                     const char **family_out, struct client_answer *answer);

/* The status of a job with all that is known of it: who sees everything is also told its input, its
 * owner and its timeline. Such are admins and viewers; where the token is made here, the session
 * becomes an admin's. For others it is session_find_job's, with a timeline if asked for. Of a batch
 * or pipeline the family is "admin/groups" where a viewer asks. */
int session_show_job(struct session *session, const char *job, bool timeline,
                     const char **family_out, struct client_answer *answer);

/* Whether the admin API may be asked, as an admin from now on where the token is made here. To
 * others it would be refused, and that be told in the audit log. */
bool session_sees_all(struct session *session);

/* Where the token is made here, and what is at a path is not the user's, goes on as an admin: it is
 * somebody else's, or is not there. */
void session_reach(struct session *session, const char *path);

/* Whether a word has the form of an id, after a message when not. */
bool session_is_id(const char *word);

#endif
