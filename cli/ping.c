/* `troupe ping`: whether something answers over HTTP; for health checks in containers that have no
 * other client. */

#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/json_line.h"

const char usage_ping[] =
    "usage: troupe ping [--json] http://HOST:PORT/PATH\n"
    "Asks whether something is well there: 0 when the answer is 2xx, otherwise 1. For\n"
    "health checks of containers that have no other client; it needs no token.\n";

struct ping {
    const char *url;
    long code;         /* of the answer; 0 without one */
    const char *error; /* why there is none */
    int64_t elapsed_ms;
};

static bool is_well(const struct ping *ping)
{
    return ping->code >= 200 && ping->code < 300;
}

static int tell_json(const struct ping *ping)
{
    struct json_line line;
    json_line_begin(&line);
    json_member_text(&line.json, "url", slice_from_string(ping->url));
    json_member_boolean(&line.json, "well", is_well(ping));
    if (ping->code != 0) {
        json_member_integer(&line.json, "statusCode", ping->code);
    } else {
        json_member_text(&line.json, "error", slice_from_string(ping->error));
    }
    json_member_integer(&line.json, "elapsedMs", ping->elapsed_ms);
    return json_line_end(&line);
}

static void explain(const struct ping *ping)
{
    fprintf(stderr, "troupe: %s is not well: ", ping->url);
    if (ping->code != 0) {
        fprintf(stderr, "it answers %ld\n", ping->code);
    } else {
        fprintf(stderr, "%s\n", ping->error);
    }
}

static int perform(struct stack *stack, struct ping *ping, const char *path, bool json)
{
    struct client *client = NULL;
    struct client_answer answer = {0};
    int code = EXIT_CODE_OK;
    const struct client_request request = {.method = "GET", .path = path};
    int64_t begin_ms = clock_monotonic_ms();
    if (client_new(stack, &client) == STATUS_OK) {
        client_perform(client, &request, &answer);
    }
    ping->elapsed_ms = clock_monotonic_ms() - begin_ms;
    ping->code = answer.code;
    ping->error = client == NULL ? "out of memory" : client_error(client);
    if (json) {
        code = tell_json(ping);
    } else if (!is_well(ping)) {
        explain(ping);
    }
    document_destroy(&answer.document);
    client_destroy(&client);
    return is_well(ping) ? code : EXIT_CODE_FAILED;
}

int command_ping(int count, char **words)
{
    bool json = false;
    struct stack stack = {0};
    const struct option_rule rules[] = {{"--json", NULL, &json}};
    int others = options_take(count, words, rules, 1);
    const char *path = others == 1 ? strstr(words[0], "://") : NULL;
    path = path != NULL ? strchr(path + 3, '/') : NULL;
    if (path == NULL || (size_t)(path - words[0]) >= sizeof stack.url) {
        return others == 1 ? options_wrong(usage_ping, "%s is no address with a path", words[0])
                           : options_words(usage_ping, "the address", 1, 1, others, words);
    }
    struct ping ping = {.url = words[0]};
    memcpy(stack.url, words[0], (size_t)(path - words[0]));
    return perform(&stack, &ping, path, json);
}
