#include "cli/operation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/id.h"
#include "cli/beginning.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/operation_follow.h"
#include "cli/terminal.h"

enum {
    BODY_SIZE_MAX = 64 << 10, /* of a wish: OPERATION_JOBS_MAX ids, too */
};

/* What is to be done, and with which jobs. */
struct wish {
    const char *action;
    int64_t priority;         /* 0: none */
    struct filter *filter;    /* those that are all of this; NULL: those of these ids */
    char group[ID_TEXT_SIZE]; /* the whole id that groupId= means */
    int job_count;
    char *const *jobs;         /* as they were named: perhaps by beginnings */
    char (*ids)[ID_TEXT_SIZE]; /* of those, whole; NULL before they are known */
};

static enum status write_wish(const struct wish *wish, struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_text(&writer, "action", slice_from_string(wish->action));
    if (wish->priority != 0) {
        json_member_integer(&writer, "priority", wish->priority);
    }
    json_name(&writer, wish->filter != NULL ? "where" : "jobIds");
    if (wish->filter != NULL) {
        filter_write_json(wish->filter, &writer);
    } else {
        json_array_begin(&writer);
        for (int index = 0; index < wish->job_count; index++) {
            json_put_text(&writer, slice_from_string(wish->ids[index]));
        }
        json_array_end(&writer);
    }
    json_object_end(&writer);
    return json_writer_status(&writer);
}

static int begin(struct session *session, const struct wish *wish, struct client_answer *answer)
{
    struct buffer body;
    int code = EXIT_CODE_USAGE;
    buffer_init(&body, BODY_SIZE_MAX);
    if (write_wish(wish, &body) == STATUS_OK) {
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

static int run(struct session *session, const struct wish *wish, struct client_answer *answer)
{
    char id[ID_TEXT_SIZE];
    int signals = operation_signals();
    int code = signals < 0 ? EXIT_CODE_FAILED : begin(session, wish, answer);
    if (code == EXIT_CODE_OK) {
        snprintf(id, sizeof id, "%s", document_text(answer->document, "data.operationId", ""));
        code = operation_follow(session, id, OPERATION_PART_OWNER, signals, answer);
    }
    if (signals >= 0) {
        close(signals);
    }
    return code;
}

/* Whether one of the jobs that were named did not allow it: of those that a filter finds it may. */
static bool is_refused(const struct wish *wish, const struct document *document)
{
    return wish->filter == NULL && document_integer(document, "data.refused", 0) > 0;
}

/* Puts the whole ids in the place of their beginnings. wish->ids is allocated: its owner frees it.
 * Returns an exit code: nothing is done while one of them is not known. */
static int find_jobs(struct session *session, struct wish *wish)
{
    int code = EXIT_CODE_OK;
    wish->ids = calloc((size_t)wish->job_count + 1, sizeof *wish->ids);
    if (wish->ids == NULL) {
        return EXIT_CODE_FAILED;
    }
    for (int index = 0; index < wish->job_count && code == EXIT_CODE_OK; index++) {
        code =
            beginning_find_job(session, wish->jobs[index], BEGINNING_CHANGES_JOB, wish->ids[index]);
    }
    return code;
}

static int perform(struct wish *wish, const struct operation_options *options)
{
    struct session session;
    struct client_answer answer = {0};
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&session, options->data, options->user) == STATUS_OK) {
        code = wish->filter != NULL ? beginning_find_group(&session, wish->filter,
                                                           BEGINNING_CHANGES_GROUP, wish->group)
                                    : find_jobs(&session, wish);
        code = code == EXIT_CODE_OK ? run(&session, wish, &answer) : code;
    }
    if (code == EXIT_CODE_OK || (code == EXIT_CODE_INTERRUPTED && answer.document != NULL)) {
        int printed = operation_print(answer.document, options->json);
        code = printed != EXIT_CODE_OK                                     ? printed
               : code == EXIT_CODE_OK && is_refused(wish, answer.document) ? EXIT_CODE_REFUSED
                                                                           : code;
    }
    document_destroy(&answer.document);
    session_close(&session);
    free(wish->ids);
    return code;
}

int operation_perform(const char *usage, const char *action,
                      const struct operation_options *options, int count, char **words)
{
    struct clock clock;
    struct filter filter;
    struct wish wish = {.action = action, .priority = options->priority, .filter = &filter};
    if (count < 0) {
        return options_bad(usage);
    }
    clock_init(&clock, 0);
    if (!filter_take(&filter, count, words, clock_now_ms(&clock))) {
        return EXIT_CODE_USAGE;
    }
    if (filter_is_empty(&filter) != options->all) {
        fprintf(stderr, "troupe: --where takes NAME=VALUE, or --all without any\n");
        return EXIT_CODE_USAGE;
    }
    return perform(&wish, options);
}

int operation_perform_on_jobs(const char *action, const struct operation_options *options,
                              int count, char *const *jobs)
{
    struct wish wish = {
        .action = action, .priority = options->priority, .job_count = count, .jobs = jobs};
    if (count > OPERATION_JOBS_MAX) {
        fprintf(stderr, "troupe: at most %d jobs can be named at once\n", OPERATION_JOBS_MAX);
        return EXIT_CODE_USAGE;
    }
    int beginnings = 0;
    for (int index = 0; index < count; index++) {
        if (!beginning_is(jobs[index])) {
            return EXIT_CODE_USAGE;
        }
        beginnings += strlen(jobs[index]) < ID_TEXT_SIZE - 1;
    }
    if (beginnings > OPERATION_BEGINNINGS_MAX) {
        fprintf(stderr, "troupe: at most %d jobs can be named by beginnings of their ids at once\n",
                OPERATION_BEGINNINGS_MAX);
        return EXIT_CODE_USAGE;
    }
    return perform(&wish, options);
}
