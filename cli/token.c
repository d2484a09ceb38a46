/* `troupe token`: prints a bearer token for a user. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "cli/command.h"
#include "cli/json_line.h"
#include "cli/stack.h"

enum {
    SECOND_MS = 1000,
    HOUR_MS = 3600000,
    EXPIRES_MAX_HOURS = 24 * 366 * 10,
};

const char usage_token[] = "usage: troupe token --user NAME [--role admin|viewer] [--expires 24h]\n"
                           "                    [--data DIR] [--json]\n"
                           "durations: 90s, 30m, 24h, 7d\n";

/* Reads 90s, 30m, 24h or 7d into milliseconds; 0 when it is none of them or too long. */
static int64_t parse_duration(const char *text)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', HOUR_MS}, {'d', 24 * (int64_t)HOUR_MS}};
    char *end;
    long long number = strtoll(text, &end, 10);
    if (number <= 0 || number > EXPIRES_MAX_HOURS * 3600LL || end[0] == '\0' || end[1] != '\0') {
        return 0;
    }
    for (size_t index = 0; index < sizeof units / sizeof units[0]; index++) {
        int64_t ms = number * units[index].ms;
        if (units[index].unit == end[0] && ms <= (int64_t)EXPIRES_MAX_HOURS * HOUR_MS) {
            return ms;
        }
    }
    return 0;
}

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
    if (wish.user == NULL) {
        return options_wrong(usage_token, "--user NAME is missing: whom the token is of");
    }
    int64_t life_ms = parse_duration(expires);
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
