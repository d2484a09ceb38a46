/* `troupe token`: prints a bearer token for a user. */

#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "cli/command.h"
#include "cli/duration.h"
#include "cli/json_line.h"
#include "cli/stack.h"

enum {
    SECOND_MS = 1000,
};

const char usage_token[] = "usage: troupe token --user NAME [--role admin|viewer] [--expires 24h]\n"
                           "                    [--data DIR] [--json]\n"
                           "durations: 90s, 30m, 24h, 7d\n";

/* What was asked for. */
struct wish {
    const char *user, *role, *data;
    enum token_role claimed;
    int64_t expires_at_ms;
    bool json;
};

static int tell(const struct wish *wish, struct slice token)
{
    struct json_line line;
    if (!wish->json) {
        printf("%.*s\n", SLICE_PRINT(token));
        return EXIT_CODE_OK;
    }
    json_line_begin(&line);
    json_member_text(&line.json, "token", token);
    json_member_text(&line.json, "user", slice_from_string(wish->user));
    json_member_text(&line.json, "role", slice_from_string(wish->role));
    json_member_time(&line.json, "expiresAt", wish->expires_at_ms);
    return json_line_end(&line);
}

static int make(const struct wish *wish)
{
    char directory[PATH_SIZE_MAX];
    struct buffer secret;
    struct buffer token;
    int code = EXIT_CODE_FAILED;
    buffer_init(&secret, STACK_SECRET_SIZE_MAX);
    buffer_init(&token, TOKEN_SIZE_MAX);
    enum status status = stack_data_directory(wish->data, directory);
    if (status == STATUS_OK) {
        status = stack_secret(directory, false, &secret);
    }
    if (status == STATUS_OK) {
        status = stack_token(buffer_slice(&secret), wish->user, wish->claimed, wish->expires_at_ms,
                             &token);
    }
    if (status == STATUS_OK) {
        code = tell(wish, buffer_slice(&token));
    }
    buffer_fini(&token);
    buffer_fini(&secret);
    return code;
}

int command_token(int count, char **words)
{
    struct wish wish = {.role = "user"};
    struct clock clock;
    const char *expires = "24h";
    const struct option_rule rules[] = {
        {"--user", &wish.user, NULL}, {"--role", &wish.role, NULL}, {"--expires", &expires, NULL},
        {"--data", &wish.data, NULL}, {"--json", NULL, &wish.json},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others != 0) {
        return options_words(usage_token, "", 0, 0, others, words);
    }
    if (wish.user == NULL || wish.user[0] == '\0') {
        return options_wrong(usage_token, "--user NAME is missing: whom the token is of");
    }
    int64_t life_ms = duration_parse(expires);
    if (life_ms == 0) {
        fprintf(stderr, "troupe: --expires takes a duration like 90s, 30m, 24h or 7d\n");
        return EXIT_CODE_USAGE;
    }
    if (token_role_parse(slice_from_string(wish.role), &wish.claimed) != STATUS_OK) {
        fprintf(stderr, "troupe: --role is user, viewer or admin\n");
        return EXIT_CODE_USAGE;
    }
    clock_init(&clock, 0);
    /* A token tells its end in whole seconds. */
    wish.expires_at_ms = (clock_now_ms(&clock) + life_ms) / SECOND_MS * SECOND_MS;
    return make(&wish);
}
