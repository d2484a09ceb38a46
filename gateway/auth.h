#ifndef TROUPE_GATEWAY_AUTH_H
#define TROUPE_GATEWAY_AUTH_H

/*
 * Who asks: bearer tokens (RFC 6750), verified once and remembered until they expire. A remembered
 * token is compared whole; the place where one is looked for depends on a random seed, so that
 * nobody can choose what pushes out whom. Embedded by its owner.
 */

#include "base/slice.h"
#include "base/status.h"
#include "base/token.h"

/* A verified token. */
struct identity {
    char *token; /* owned */
    size_t token_size;
    uint16_t slot; /* the owner's hash slot */
    struct token_claims claims;
};

struct auth {
    struct slice secret; /* borrowed */
    uint64_t seed;
    struct identity *identities; /* owned, AUTH_TOKENS_MAX; empty ones have no token */
};

/* Returns OK or NO_MEMORY. secret must live as long as auth. */
enum status auth_init(struct auth *auth, struct slice secret, uint64_t seed);
void auth_fini(struct auth *auth);

/* Reads an Authorization header. *out is borrowed until the next call. Returns OK, NOT_FOUND (no
 * bearer token there), TIMEOUT (expired), or DENIED (anything else). */
enum status auth_check(struct auth *auth, struct slice header, int64_t now_ms,
                       const struct identity **out);

/* The same of a token that came otherwise. Returns OK, TIMEOUT or DENIED. */
enum status auth_check_token(struct auth *auth, struct slice token, int64_t now_ms,
                             const struct identity **out);

#endif
