#include "gateway/auth.h"

#include <stdlib.h>
#include <strings.h>
#include "base/id.h"
#include "gateway/limits.h"

_Static_assert((AUTH_TOKENS_MAX & (AUTH_TOKENS_MAX - 1)) == 0, "a mask finds the place");

enum status auth_init(struct auth *auth, struct slice secret, uint64_t seed)
{
    auth->secret = secret;
    auth->seed = seed;
    auth->identities = calloc(AUTH_TOKENS_MAX, sizeof(auth->identities[0]));
    return auth->identities == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void auth_fini(struct auth *auth)
{
    for (size_t index = 0; auth->identities != NULL && index < AUTH_TOKENS_MAX; index++) {
        free(auth->identities[index].token);
    }
    free(auth->identities);
    auth->identities = NULL;
}

/* Where a token is remembered. Eight bytes a step: a token has some two hundred. */
static struct identity *place_of(const struct auth *auth, struct slice token)
{
    uint64_t hash = auth->seed ^ token.size;
    size_t index = 0;
    for (; index + 8 <= token.size; index += 8) {
        uint64_t word;
        memcpy(&word, token.data + index, 8);
        hash = (hash ^ word) * 0x9fb21c651e98df25U;
        hash ^= hash >> 32;
    }
    for (; index < token.size; index++) {
        hash = (hash ^ token.data[index]) * 0x9fb21c651e98df25U;
    }
    hash ^= hash >> 29;
    return &auth->identities[hash & (AUTH_TOKENS_MAX - 1)];
}

/* Cuts "Bearer " off; the scheme's case does not matter (RFC 9110, 11.1). */
static bool token_of_header(struct slice header, struct slice *token)
{
    static const char scheme[] = "Bearer ";
    size_t size = sizeof(scheme) - 1;
    if (header.size <= size || strncasecmp((const char *)header.data, scheme, size) != 0) {
        return false;
    }
    *token = slice_make(header.data + size, header.size - size);
    return true;
}

enum status auth_check(struct auth *auth, struct slice header, int64_t now_ms,
                       const struct identity **out)
{
    struct slice token;
    return token_of_header(header, &token) ? auth_check_token(auth, token, now_ms, out)
                                           : STATUS_NOT_FOUND;
}

enum status auth_check_token(struct auth *auth, struct slice token, int64_t now_ms,
                             const struct identity **out)
{
    struct identity *place = place_of(auth, token);
    if (place->token != NULL && place->claims.expires_at_ms > now_ms &&
        slice_equal(slice_make(place->token, place->token_size), token)) {
        *out = place;
        return STATUS_OK;
    }
    struct token_claims claims;
    enum status status = token_verify(auth->secret, token, now_ms, &claims);
    if (status != STATUS_OK) {
        return status == STATUS_TIMEOUT ? STATUS_TIMEOUT : STATUS_DENIED;
    }
    char *copy = malloc(token.size);
    if (copy == NULL) {
        return STATUS_DENIED;
    }
    memcpy(copy, token.data, token.size);
    free(place->token);
    place->token = copy;
    place->token_size = token.size;
    place->claims = claims;
    place->slot = id_slot_of_owner(slice_make(claims.owner, claims.owner_size));
    *out = place;
    return STATUS_OK;
}
