/* `troupe token`: prints a bearer token for a user. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/command.h"
#include "cli/stack.h"

enum {
    HOUR_MS = 3600000,
    EXPIRES_USUAL_HOURS = 24,
    EXPIRES_MAX_HOURS = 24 * 366 * 10,
};

const char usage_token[] =
    "usage: troupe token --user NAME [--role admin|viewer] [--expires 24h] [--data DIR]\n"
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

int command_token(int count, char **words)
{
    const char *user = NULL, *role = "user", *expires = NULL, *data = NULL;
    char directory[PATH_SIZE_MAX];
    struct buffer secret;
    struct buffer token;
    const struct option_rule rules[] = {
        {"--user", &user, NULL},
        {"--role", &role, NULL},
        {"--expires", &expires, NULL},
        {"--data", &data, NULL},
    };
    if (options_take(count, words, rules, sizeof rules / sizeof rules[0]) != 0 || user == NULL) {
        return options_bad(usage_token);
    }
    enum token_role claimed;
    int64_t life_ms =
        expires == NULL ? EXPIRES_USUAL_HOURS * (int64_t)HOUR_MS : parse_duration(expires);
    if (life_ms == 0) {
        fprintf(stderr, "troupe: --expires takes a duration like 90s, 30m, 24h or 7d\n");
        return EXIT_CODE_USAGE;
    }
    if (token_role_parse(slice_from_string(role), &claimed) != STATUS_OK) {
        fprintf(stderr, "troupe: --role is user, viewer or admin\n");
        return EXIT_CODE_USAGE;
    }
    buffer_init(&secret, STACK_SECRET_SIZE_MAX);
    buffer_init(&token, TOKEN_SIZE_MAX);
    enum status status = stack_data_directory(data, directory);
    if (status == STATUS_OK) {
        status = stack_secret(directory, false, &secret);
    }
    if (status == STATUS_OK) {
        status = stack_token(buffer_slice(&secret), user, claimed, life_ms, &token);
    }
    if (status == STATUS_OK) {
        printf("%.*s\n", SLICE_PRINT(buffer_slice(&token)));
    }
    buffer_fini(&token);
    buffer_fini(&secret);
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}
