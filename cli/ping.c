/* `troupe ping`: whether something answers over HTTP; for health checks in containers that have no
 * other client. */

#include <stdio.h>
#include <string.h>
#include "cli/client.h"
#include "cli/command.h"

const char usage_ping[] = "usage: troupe ping http://HOST:PORT/PATH\n";

int command_ping(int count, char **words)
{
    struct stack stack = {0};
    struct client *client = NULL;
    struct client_answer answer = {0};
    const char *path = count == 1 ? strstr(words[0], "://") : NULL;
    path = path != NULL ? strchr(path + 3, '/') : NULL;
    if (path == NULL || (size_t)(path - words[0]) >= sizeof stack.url) {
        return options_bad(usage_ping);
    }
    memcpy(stack.url, words[0], (size_t)(path - words[0]));
    const struct client_request request = {.method = "GET", .path = path};
    if (client_new(&stack, &client) == STATUS_OK) {
        client_perform(client, &request, &answer);
    }
    bool well = answer.code >= 200 && answer.code < 300;
    if (!well) {
        fprintf(stderr, "troupe: %s is not well: ", words[0]);
        if (answer.code != 0) {
            fprintf(stderr, "it answers %ld\n", answer.code);
        } else {
            fprintf(stderr, "%s\n", client == NULL ? "out of memory" : client_error(client));
        }
    }
    document_destroy(&answer.document);
    client_destroy(&client);
    return well ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}
