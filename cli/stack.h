#ifndef TROUPE_CLI_STACK_H
#define TROUPE_CLI_STACK_H

/*
 * Where the stack is that a command talks to, and as whom. TROUPE_URL and TROUPE_TOKEN name a
 * remote one, TROUPE_URL and TROUPE_JWT_SECRET_FILE a gateway of this machine that no `troupe up`
 * has started; otherwise the data directory of a local one tells its address (stack.json) and its
 * secret, with which a token is made.
 */

#include <sys/types.h>
#include "base/token.h"

enum {
    PATH_SIZE_MAX = 4096,      /* bytes of a path, the NUL included */
    STACK_URL_SIZE_MAX = 1024, /* bytes of a base URL, the NUL included */
    STACK_SECRET_SIZE_MAX = 4096,
    STACK_PROGRAMS_MAX = 260,      /* that one stack runs */
    STACK_PROGRAM_SIZE = 32,       /* bytes of a program's name, the NUL included */
    STACK_TOKEN_LIFE_MS = 3600000, /* of a token made for a command, which may need another */
};

struct stack {
    char url[STACK_URL_SIZE_MAX]; /* without a slash at its end */
    char token[TOKEN_SIZE_MAX + 1];
    /* What another token is made from; data is empty when it was not made here. */
    char data[PATH_SIZE_MAX];
    char owner[TOKEN_OWNER_SIZE_MAX + 2]; /* a longer one is cut to one too long */
    enum token_role role; /* of a token that is not made here, what that says of itself */
};

/* What `troupe up` tells of itself in stack.json. */
struct stack_state {
    char url[STACK_URL_SIZE_MAX];
    pid_t pid;
    int64_t restarts_begun; /* rounds in which all programs are restarted */
    int64_t restarts;       /* those that have ended */
    int to_restart;         /* programs of the newest round; 0: an older `troupe up` tells none */
    int restarting_count;   /* to which it has come, the last one under way or done */
    char restarting[STACK_PROGRAMS_MAX][STACK_PROGRAM_SIZE];
};

/* Writes the data directory: given (may be NULL), TROUPE_DATA, $XDG_DATA_HOME/troupe or
 * ~/.local/share/troupe. Returns OK or INVALID (after a message). */
enum status stack_data_directory(const char *given, char out[PATH_SIZE_MAX]);

/* Writes directory/name. Returns OK or INVALID (too long, after a message). */
enum status stack_path(const char *directory, const char *name, char out[PATH_SIZE_MAX]);

/* Reads the secret that signs tokens: TROUPE_JWT_SECRET_FILE or data/jwt-secret. make: create one
 * when there is none. Returns OK, or another status after a message. secret: initialised by the
 * caller. */
enum status stack_secret(const char *data, bool make, struct buffer *secret);

/* Makes a token for owner, good until a time. Returns OK, or another status after a message. */
enum status stack_token(struct slice secret, const char *owner, enum token_role role,
                        int64_t expires_at_ms, struct buffer *out);

/* Reads the state of the stack that runs on data. Returns OK, NOT_FOUND (none runs: after a power
 * loss the file is left, and its process may be anybody's), DENIED, or another status of a file
 * that is none; without a message. */
enum status stack_read(const char *data, struct stack_state *out);

/* Notes that a round, of so many programs, has come to this one. Without effect beyond
 * STACK_PROGRAMS_MAX. */
void stack_note_restart(struct stack_state *state, const char *program, int count);

/* Writes it, for those that look for the stack. Returns OK or a status of file_write. */
enum status stack_write(const char *data, const struct stack_state *state);

/* Makes another token of the same user and role for a stack found on this machine. Returns OK,
 * DENIED (its token is another's), or another status after a message. */
enum status stack_renew(struct stack *stack);

/* Finds the stack: data and user may be NULL. role: of a token that is made here. Returns OK, or
 * another status after a message that says what to do. */
enum status stack_find(const char *data, const char *user, enum token_role role, struct stack *out);

#endif
