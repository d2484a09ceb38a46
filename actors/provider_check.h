#ifndef TROUPE_ACTORS_PROVIDER_CHECK_H
#define TROUPE_ACTORS_PROVIDER_CHECK_H

/*
 * What the list of a provider's models says of its settings: address, key, model, clock. Costs
 * nothing at the provider. Pure.
 */

#include "actors/http.h"
#include "actors/provider_list.h"

enum {
    CHECK_TEXT_SIZE = ERROR_TEXT_SIZE_MAX + 256,
    CHECK_LIST_SIZE_MAX = 16 << 20, /* bytes of a list of models: those of others' are ~1 MB */
    CHECK_CLOCK_MS_MAX = 60000,     /* that two clocks may differ by */
    CHECK_NAMES_MAX = 3,            /* models that are named in place of one that is not offered */
    CHECK_NAME_SIZE_MAX = 96,       /* bytes of each */
};

struct provider_check {
    bool is_wrong;
    bool is_warned; /* it may work, but something of it will be refused, or was not checked */
    char text[CHECK_TEXT_SIZE];
};

/* The path below the base address that lists a provider's models. */
const char *provider_check_path(enum provider_api api);

/* Judges what became of a GET of that path. */
void provider_check_judge(const struct provider_endpoint *endpoint,
                          const struct http_response *response, int64_t now_ms,
                          struct provider_check *out);

/* Adds what the provider's list of predictions, whose answer this is, says of lookUp: whether it
 * tells what was asked for. It is wrong to look there otherwise. */
void provider_check_list(const struct http_response *response, struct provider_check *check);

/* Warns when the same list is told without the key, as this answer may say: what accepts any key
 * has not accepted that one. */
void provider_check_open(const struct http_response *response, struct provider_check *check);

/* Adds where an answer sends to, if anywhere, without key (may be NULL) and other credentials, as
 * text_tell_address does. */
void provider_check_location(struct provider_check *check, struct slice location, const char *key);

/* Adds words to what is told, which have room. */
void provider_check_add(struct provider_check *check, const char *words);

/* The same, as a warning. */
void provider_check_warn(struct provider_check *check, const char *words);

/* What the whole comes to: "ok", "warning" or "wrong". */
const char *provider_check_verdict(const struct provider_check *check);

#endif
