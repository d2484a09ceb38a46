#ifndef TROUPE_BASE_TOKEN_H
#define TROUPE_BASE_TOKEN_H

/*
 * Bearer tokens: JSON Web Tokens (RFC 7519) signed with HS256 (RFC 7515, RFC 7518 3.2). The
 * algorithm is bound to the key: a token that names another one is refused. Pure but for
 * allocation; the caller gives the time.
 */

#include "base/buffer.h"

enum {
    TOKEN_SIZE_MAX = 8192, /* bytes of a whole token */
    TOKEN_SECRET_SIZE_MIN = 32,
    TOKEN_OWNER_SIZE_MAX = 255, /* bytes of sub */
    TOKEN_LEEWAY_S = 60,        /* for clocks that differ: exp and nbf */
};

enum token_role {
    TOKEN_ROLE_USER,
    TOKEN_ROLE_VIEWER, /* sees what an admin sees, and changes nothing of it */
    TOKEN_ROLE_ADMIN,
};
enum {
    TOKEN_ROLE_COUNT = 3
};

/* "user", "viewer" or "admin": the words of the claim, but that a user's token has none. */
const char *token_role_name(enum token_role role);

/* Reads such a word. Returns OK or NOT_FOUND. */
enum status token_role_parse(struct slice text, enum token_role *out);

struct token_claims {
    char owner[TOKEN_OWNER_SIZE_MAX + 1]; /* sub; NUL terminated, no NUL inside */
    size_t owner_size;
    enum token_role role;
    int64_t expires_at_ms; /* INT64_MAX when the token has no exp */
};

/* Appends a signed token with sub, role (unless user), iat and exp. Returns OK, INVALID (owner
 * empty, too long or not UTF-8, secret too short), TOO_LARGE or NO_MEMORY. */
enum status token_sign(struct slice secret, const struct token_claims *claims, int64_t now_ms,
                       struct buffer *out);

/* Verifies signature, alg, exp, nbf (leeway above) and sub; refuses crit, duplicate members and
 * anything over TOKEN_SIZE_MAX. Nothing is parsed before its signature is good. Returns OK,
 * MALFORMED, DENIED (signature, algorithm, or a secret that is too short), TIMEOUT (expired),
 * INVALID (claims) or NO_MEMORY; *out is written on OK only. */
enum status token_verify(struct slice secret, struct slice token, int64_t now_ms,
                         struct token_claims *out);

#endif
