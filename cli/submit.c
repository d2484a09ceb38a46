/* `troupe submit`: queues a character, a picture, a video, or many at once, and follows it
 * if asked to. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/file.h"
#include "base/json_writer.h"
#include "cli/about.h"
#include "cli/command.h"
#include "cli/follow.h"
#include "cli/session.h"
#include "cli/terminal_text.h"

enum {
    BODY_SIZE_MAX = 1 << 20, /* bytes that are read; the server has its own limit and says so */
    REQUEST_PATH_SIZE_MAX = 256,
};

const char usage_submit[] =
    "usage: troupe submit character FILE.json|-\n"
    "       troupe submit image CHARACTER [--pose ID]\n"
    "       troupe submit video CHARACTER MEDIA [--duration 5|8]\n"
    "                           [--resolution 480p|720p] [--pose ID]\n"
    "       troupe submit batch FILE.json|-\n"
    "       troupe submit pipeline FILE.json|-\n"
    "options: --follow, --json, --key IDEMPOTENCY-KEY, --user NAME, --data DIR\n"
    "of a character, an image or a video:\n"
    "         --run-at TIME, --start-by TIME, --deadline TIME (2026-01-31T10:00:00Z),\n"
    "         --priority 1..255, --tags ONE,TWO,..., --dedupe KEY (a live job that\n"
    "         has it is the answer)\n"
    "The jobs of a batch or pipeline have theirs in the file, each in its own\n"
    "`options`: {\"runAt\", \"startBy\", \"deadline\", \"priority\", \"tags\"}\n"
    "(docs/http-api.md). `troupe show JOB` prints the ids of what a job has made: a\n"
    "character's for CHARACTER, a picture's for MEDIA.\n";

struct submit {
    const char *data, *user, *pose, *duration, *resolution, *key;
    const char *run_at, *start_by, *deadline, *priority, *tags, *dedupe;
    bool follow, json;
    char path[REQUEST_PATH_SIZE_MAX];
    const char *family;
    struct buffer body;
};

/* Whether the form (the first word) takes all options that were given, after a message when not. */
static bool takes_options(const struct submit *submit, const char *form)
{
    bool is_video = strcmp(form, "video") == 0;
    bool is_media = is_video || strcmp(form, "image") == 0;
    bool is_many = strcmp(form, "batch") == 0 || strcmp(form, "pipeline") == 0;
    const struct {
        const char *name, *value;
        bool is_taken;
    } options[] = {
        {"--pose", submit->pose, is_media},
        {"--duration", submit->duration, is_video},
        {"--resolution", submit->resolution, is_video},
        {"--run-at", submit->run_at, !is_many},
        {"--start-by", submit->start_by, !is_many},
        {"--deadline", submit->deadline, !is_many},
        {"--priority", submit->priority, !is_many},
        {"--tags", submit->tags, !is_many},
        {"--dedupe", submit->dedupe, !is_many},
    };
    for (size_t index = 0; index < sizeof options / sizeof options[0]; index++) {
        if (options[index].value != NULL && !options[index].is_taken) {
            fprintf(stderr, "troupe: submit %s takes no %s%s\n", form, options[index].name,
                    is_many ? ": say it of the jobs in the file (`troupe submit --help`)" : "");
            return false;
        }
    }
    return true;
}

/* Takes the body of a POST to a path, and where what it makes is found. */
static int read_body(struct submit *submit, const char *file, const char *post, const char *family)
{
    const char *path = strcmp(file, "-") == 0 ? "/dev/stdin" : file;
    enum status status = file_read(path, &submit->body);
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: cannot read %s: %s\n", file, status_text(status));
        return EXIT_CODE_USAGE;
    }
    submit->family = family;
    snprintf(submit->path, sizeof submit->path, "/api/v1/%s", post);
    return EXIT_CODE_OK;
}

static int make_media_body(struct submit *submit, bool video, const char *character,
                           const char *media)
{
    struct json_writer writer;
    int64_t duration = 0;
    if (!session_is_id(character) || (video && !session_is_id(media))) {
        return EXIT_CODE_USAGE;
    }
    const char *asked = submit->duration != NULL ? submit->duration : "5";
    if (video && !options_number("--duration", asked, 1, 3600, &duration)) {
        return EXIT_CODE_USAGE;
    }
    json_writer_init(&writer, &submit->body);
    json_object_begin(&writer);
    if (video) {
        json_member_integer(&writer, "duration", duration);
    }
    if (video && submit->resolution != NULL) {
        json_member_text(&writer, "resolution", slice_from_string(submit->resolution));
    }
    if (submit->pose != NULL) {
        json_member_text(&writer, "poseId", slice_from_string(submit->pose));
    }
    json_object_end(&writer);
    submit->family = "media-jobs";
    if (video) {
        snprintf(submit->path, sizeof submit->path,
                 "/api/v1/characters/%s/media/%s/generate-video/queue", character, media);
    } else {
        snprintf(submit->path, sizeof submit->path, "/api/v1/characters/%s/generate-image/queue",
                 character);
    }
    return json_writer_status(&writer) == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* ---- options of the job ---- */

static void write_text(struct json_writer *writer, const char *name, const char *value)
{
    if (value != NULL) {
        json_member_text(writer, name, slice_from_string(value));
    }
}

static void write_tags(struct json_writer *writer, const char *tags)
{
    json_name(writer, "tags");
    json_array_begin(writer);
    for (const char *rest = tags; rest != NULL;) {
        const char *comma = strchr(rest, ',');
        size_t size = comma == NULL ? strlen(rest) : (size_t)(comma - rest);
        json_put_text(writer, slice_make(rest, size));
        rest = comma == NULL ? NULL : comma + 1;
    }
    json_array_end(writer);
}

/* Opens the body's object again, for one more member. What is no object stays as it is, for the
 * server to refuse. */
static bool reopen(struct buffer *body)
{
    size_t size = body->size;
    while (size > 0 && strchr(" \t\r\n", body->data[size - 1]) != NULL) {
        size--;
    }
    if (size == 0 || body->data[size - 1] != '}') {
        return false;
    }
    body->size = size - 1;
    while (size > 1 && strchr(" \t\r\n", body->data[size - 2]) != NULL) {
        size--;
    }
    bool is_empty = size > 1 && body->data[size - 2] == '{';
    return is_empty || buffer_append_byte(body, ',') == STATUS_OK;
}

static int add_options(struct submit *submit)
{
    struct json_writer writer;
    int64_t priority = 0;
    bool has_any = submit->run_at != NULL || submit->start_by != NULL || submit->deadline != NULL ||
                   submit->priority != NULL || submit->tags != NULL || submit->dedupe != NULL;
    if (submit->priority != NULL &&
        !options_number("--priority", submit->priority, 1, 255, &priority)) {
        return EXIT_CODE_USAGE;
    }
    if (!has_any || !reopen(&submit->body)) {
        return EXIT_CODE_OK;
    }
    json_writer_init(&writer, &submit->body);
    json_name(&writer, "options");
    json_object_begin(&writer);
    write_text(&writer, "runAt", submit->run_at);
    write_text(&writer, "startBy", submit->start_by);
    write_text(&writer, "deadline", submit->deadline);
    if (priority > 0) {
        json_member_integer(&writer, "priority", priority);
    }
    if (submit->tags != NULL) {
        write_tags(&writer, submit->tags);
    }
    if (submit->dedupe != NULL) {
        json_name(&writer, "dedupe");
        json_object_begin(&writer);
        write_text(&writer, "key", submit->dedupe);
        json_object_end(&writer);
    }
    json_object_end(&writer);
    bool is_whole = json_writer_status(&writer) == STATUS_OK &&
                    buffer_append_byte(&submit->body, '}') == STATUS_OK;
    return is_whole ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* Says what of the words is missing or too much. */
static int wrong_words(int count, char *const *words)
{
    static const struct {
        const char *form;
        const char *others[2];
    } forms[] = {{"character", {"FILE.json", NULL}},
                 {"image", {"CHARACTER", NULL}},
                 {"video", {"CHARACTER", "MEDIA"}},
                 {"batch", {"FILE.json", NULL}},
                 {"pipeline", {"FILE.json", NULL}}};
    for (size_t index = 0; count > 0 && index < sizeof forms / sizeof forms[0]; index++) {
        int need = forms[index].others[1] == NULL ? 2 : 3;
        if (strcmp(words[0], forms[index].form) == 0) {
            return options_words(usage_submit, count < need ? forms[index].others[count - 1] : "",
                                 need, need, count, words);
        }
    }
    return count > 0 ? options_wrong(usage_submit, "%s is nothing that can be submitted", words[0])
                     : options_words(usage_submit, "what to submit", 1, 1, count, words);
}

static int make_request(struct submit *submit, int count, char **words)
{
    if (count == 2 && strcmp(words[0], "character") == 0) {
        return read_body(submit, words[1], "characters/queue", "character-jobs");
    }
    if (count == 2 && strcmp(words[0], "batch") == 0) {
        return read_body(submit, words[1], "batches", "batches");
    }
    if (count == 2 && strcmp(words[0], "pipeline") == 0) {
        return read_body(submit, words[1], "pipelines", "pipelines");
    }
    if (count == 2 && strcmp(words[0], "image") == 0) {
        return make_media_body(submit, false, words[1], NULL);
    }
    if (count == 3 && strcmp(words[0], "video") == 0) {
        return make_media_body(submit, true, words[1], words[2]);
    }
    return wrong_words(count, words);
}

/* What was accepted: a job, or a batch or pipeline of how many. */
static const char *accepted(const struct document *answer, uint32_t *total)
{
    const char *batch = document_text(answer, "data.batchId", NULL);
    const char *pipeline = document_text(answer, "data.pipelineId", NULL);
    *total = 0;
    if (batch != NULL) {
        *total = (uint32_t)document_count(answer, "data.jobIds");
        return batch;
    }
    if (pipeline != NULL) {
        *total = (uint32_t)(document_count(answer, "data.images") +
                            document_count(answer, "data.videos"));
        *total += document_text(answer, "data.character.jobId", NULL) != NULL;
        return pipeline;
    }
    return document_text(answer, "data.jobId", "");
}

/* Tells what it is, follows it, and tells what it made. */
static int follow_job(struct session *session, const struct follow_options *options)
{
    struct client_answer answer = {0};
    char path[REQUEST_PATH_SIZE_MAX];
    snprintf(path, sizeof path, "/api/v1/%s/%s", options->family, options->job);
    const struct client_request request = {.method = "GET", .path = path};
    bool is_known = !options->json && session_perform(session, &request, &answer) == EXIT_CODE_OK;
    int code = about_follow(session, options, is_known ? answer.document : NULL);
    document_destroy(&answer.document);
    return code;
}

static int send_request(struct submit *submit, const char *label)
{
    struct session session;
    struct client_answer answer = {0};
    struct buffer text;
    const struct client_request request = {.method = "POST",
                                           .path = submit->path,
                                           .body = buffer_slice(&submit->body),
                                           .key = submit->key};
    int code = EXIT_CODE_FAILED;
    buffer_init(&text, CLIENT_ANSWER_SIZE_MAX);
    if (session_open(&session, submit->data, submit->user) == STATUS_OK) {
        code = session_perform(&session, &request, &answer);
    }
    if (code != EXIT_CODE_OK) {
        goto out;
    }
    uint32_t total;
    const char *job = accepted(answer.document, &total);
    if (submit->json && !submit->follow &&
        document_write(answer.document, "data", false, &text) == STATUS_OK) {
        printf("%.*s\n", SLICE_PRINT(buffer_slice(&text)));
    } else if (!submit->json && (!submit->follow || isatty(STDOUT_FILENO) != 1)) {
        terminal_line(stdout, "%s", job); /* alone, for scripts */
    }
    fflush(stdout);
    if (submit->follow) {
        const struct follow_options options = {submit->family, job,   label,
                                               submit->json,   total, NULL};
        code = follow_job(&session, &options);
    }
out:
    buffer_fini(&text);
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}

int command_submit(int count, char **words)
{
    struct submit submit = {0};
    const struct option_rule rules[] = {
        {"--data", &submit.data, NULL},
        {"--user", &submit.user, NULL},
        {"--pose", &submit.pose, NULL},
        {"--duration", &submit.duration, NULL},
        {"--resolution", &submit.resolution, NULL},
        {"--key", &submit.key, NULL},
        {"--run-at", &submit.run_at, NULL},
        {"--start-by", &submit.start_by, NULL},
        {"--deadline", &submit.deadline, NULL},
        {"--priority", &submit.priority, NULL},
        {"--tags", &submit.tags, NULL},
        {"--dedupe", &submit.dedupe, NULL},
        {"--follow", NULL, &submit.follow},
        {"--json", NULL, &submit.json},
    };
    count = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (count < 2) {
        return wrong_words(count, words);
    }
    buffer_init(&submit.body, BODY_SIZE_MAX);
    int code = make_request(&submit, count, words);
    if (code == EXIT_CODE_OK && !takes_options(&submit, words[0])) {
        code = EXIT_CODE_USAGE;
    }
    code = code == EXIT_CODE_OK ? add_options(&submit) : code;
    if (code == EXIT_CODE_OK) {
        code = send_request(&submit, words[0]);
    }
    buffer_fini(&submit.body);
    return code;
}
