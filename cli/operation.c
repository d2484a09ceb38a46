#include "cli/operation.h"

#include <stdio.h>
#include <unistd.h>
#include "base/id.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/operation_follow.h"
#include "cli/terminal.h"

enum {
    BODY_SIZE_MAX = 16 << 10,
};

static int begin(struct session *session, const char *action, int64_t priority,
                 const struct filter *filter, struct client_answer *answer)
{
    struct buffer body;
    struct json_writer writer;
    int code = EXIT_CODE_USAGE;
    buffer_init(&body, BODY_SIZE_MAX);
    json_writer_init(&writer, &body);
    json_object_begin(&writer);
    json_member_text(&writer, "action", slice_from_string(action));
    if (priority != 0) {
        json_member_integer(&writer, "priority", priority);
    }
    json_name(&writer, "where");
    filter_write_json(filter, &writer);
    json_object_end(&writer);
    if (json_writer_status(&writer) == STATUS_OK) {
        const struct client_request request = {.method = "POST",
                                               .path = OPERATIONS_PATH,
                                               .body = buffer_slice(&body),
                                               .stop = terminal_is_ending};
        code = session_perform(session, &request, answer);
        if (code == EXIT_CODE_INTERRUPTED) {
            fprintf(stderr, "troupe: there was no answer yet: it may have begun; `troupe "
                            "operations` lists those that have\n");
        }
    } else {
        fprintf(stderr, "troupe: what is asked for is too long\n");
    }
    buffer_fini(&body);
    return code;
}

static int run(struct session *session, const char *action, int64_t priority,
               const struct filter *filter, struct client_answer *answer)
{
    char id[ID_TEXT_SIZE];
    int signals = operation_signals();
    int code = signals < 0 ? EXIT_CODE_FAILED : begin(session, action, priority, filter, answer);
    if (code == EXIT_CODE_OK) {
        snprintf(id, sizeof id, "%s", document_text(answer->document, "data.operationId", ""));
        code = operation_follow(session, id, OPERATION_PART_OWNER, signals, answer);
    }
    if (signals >= 0) {
        close(signals);
    }
    return code;
}

int operation_perform(const char *usage, const char *action,
                      const struct operation_options *options, int count, char **words)
{
    struct filter filter;
    struct session session;
    struct client_answer answer = {0};
    if (count < 0) {
        return options_bad(usage);
    }
    if (!filter_take(&filter, count, words)) {
        return EXIT_CODE_USAGE;
    }
    if (filter_is_empty(&filter) != options->all) {
        fprintf(stderr, "troupe: --where takes NAME=VALUE, or --all without any\n");
        return EXIT_CODE_USAGE;
    }
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&session, options->data, options->user) == STATUS_OK) {
        code = run(&session, action, options->priority, &filter, &answer);
    }
    if (code == EXIT_CODE_OK || (code == EXIT_CODE_INTERRUPTED && answer.document != NULL)) {
        int printed = operation_print(answer.document, options->json);
        code = printed == EXIT_CODE_OK ? code : printed;
    }
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}
