#include "gateway/job_options.h"

#include <inttypes.h>
#include "base/json_writer.h"
#include "base/signature.h"
#include "base/timestamp.h"
#include "gateway/validate.h"
#include "gateway/webhook_rules.h"

const char *const JOB_OPTIONS_MEMBERS[] = {"options", NULL};

static void secret_read(const struct json_value *value, struct job_options *out,
                        struct problems *problems)
{
    struct buffer secret;
    buffer_init(&secret, WEBHOOK_SECRET_SIZE_MAX);
    if (value->kind == JSON_KIND_TEXT && signature_secret_read(value->text, &secret) == STATUS_OK) {
        memcpy(out->webhook_secret, secret.data, secret.size);
        out->webhook_secret_size = (uint8_t)secret.size;
    } else {
        problems_add(problems, "options.webhook.secret",
                     "must be whsec_ and base64 of %d to %d bytes", SIGNATURE_SECRET_SIZE_MIN,
                     SIGNATURE_SECRET_SIZE_MAX);
    }
    buffer_fini(&secret);
}

static void webhook_read(const struct body *webhook, bool private_allowed, struct job_options *out,
                         struct problems *problems)
{
    struct json_value url = body_member(webhook, "url");
    struct json_value secret = body_member(webhook, "secret");
    struct json_value events = body_member(webhook, "events");
    if (url.kind == JSON_KIND_TEXT) {
        webhook_url_check("options.webhook.url", url.text, private_allowed, problems);
        out->webhook_url = url.text;
    } else {
        problems_add(problems, "options.webhook.url", "must be a string");
    }
    out->webhook_events = webhook_events_read("options.webhook.events", &events, problems);
    if (out->webhook_events == 0) {
        out->webhook_events = WEBHOOK_EVENTS_USUAL;
    }
    if (secret.kind != JSON_KIND_ABSENT) {
        secret_read(&secret, out, problems);
    }
}

/* ---- times and priority ---- */

static bool is_given(const struct json_value *value)
{
    return value->kind != JSON_KIND_ABSENT && value->kind != JSON_KIND_NULL;
}

static void time_read(const struct body *options, const char *field, int64_t *out,
                      struct problems *problems)
{
    struct json_value value = body_member(options, field + sizeof("options.") - 1);
    bool is_time = value.kind == JSON_KIND_TEXT && timestamp_parse(value.text, out) == STATUS_OK;
    if (is_given(&value) && !is_time) {
        problems_add(problems, field, "must be a time with its zone, like 2026-01-31T10:00:00Z");
    } else if (is_time && *out == 0) {
        *out = TIME_EARLIEST; /* 0 stands for none */
    }
}

void job_options_check_times(const struct job_options *times, int64_t now_ms,
                             struct problems *problems)
{
    _Static_assert(RUN_AT_MAX_MS == 604800000, "the text below says so");
    _Static_assert(DEADLINE_MAX_MS == 604800000, "the text below says so");
    int64_t start = times->run_at > now_ms ? times->run_at : now_ms;
    if (times->run_at > now_ms + RUN_AT_MAX_MS) {
        problems_add(problems, "options.runAt", "must be within 7 days from now");
    }
    if (times->start_by != 0 && times->start_by <= start) {
        problems_add(problems, "options.startBy", "must be later than now and runAt");
    }
    if (times->deadline != 0 && times->deadline <= start) {
        problems_add(problems, "options.deadline", "must be later than now and runAt");
    }
    if (times->deadline > start + DEADLINE_MAX_MS) {
        problems_add(problems, "options.deadline", "must be within 7 days from now or runAt");
    }
}

static void times_read(const struct body *options, struct job_options *out,
                       struct problems *problems)
{
    time_read(options, "options.runAt", &out->run_at, problems);
    time_read(options, "options.startBy", &out->start_by, problems);
    time_read(options, "options.deadline", &out->deadline, problems);
}

static void priority_read(const struct body *options, struct job_options *out,
                          struct problems *problems)
{
    struct json_value value = body_member(options, "priority");
    bool is_fit =
        value.kind == JSON_KIND_INTEGER && value.integer >= 1 && value.integer <= UINT8_MAX;
    if (is_fit) {
        out->priority = (uint8_t)value.integer;
    } else if (is_given(&value)) {
        problems_add(problems, "options.priority", "must be an integer from 1 to 255");
    }
}

/* ---- dedupe ---- */

static bool is_dedupe_key(const struct json_value *value)
{
    bool is_fit =
        value->kind == JSON_KIND_TEXT && value->text.size >= 1 && value->text.size <= KEY_SIZE_MAX;
    for (size_t index = 0; is_fit && index < value->text.size; index++) {
        is_fit = value->text.data[index] >= ' ' && value->text.data[index] <= '~';
    }
    return is_fit;
}

static void dedupe_members_read(const struct body *dedupe, struct job_options *out,
                                struct problems *problems)
{
    static const char *const known[] = {"key", "ttlSeconds", NULL};
    const int64_t seconds_max = DEDUPE_TTL_MAX_MS / 1000;
    struct json_value key = body_member(dedupe, "key");
    struct json_value ttl = body_member(dedupe, "ttlSeconds");
    const char *stranger = body_stranger(dedupe, known);
    if (stranger != NULL) {
        problems_add(problems, "options.dedupe", "has no member %.60s", stranger);
    }
    if (is_dedupe_key(&key)) {
        out->dedupe_key = key.text;
    } else {
        problems_add(problems, "options.dedupe.key", "must be 1 to %d printable characters",
                     KEY_SIZE_MAX);
    }
    if (ttl.kind == JSON_KIND_INTEGER && ttl.integer >= 1 && ttl.integer <= seconds_max) {
        out->dedupe_ttl_ms = (uint64_t)ttl.integer * 1000;
    } else if (is_given(&ttl)) {
        problems_add(problems, "options.dedupe.ttlSeconds", "must be an integer from 1 to %" PRId64,
                     seconds_max);
    }
}

static void dedupe_read(const struct body *options, struct job_options *out,
                        struct problems *problems)
{
    struct json_value dedupe = body_member(options, "dedupe");
    if (dedupe.kind == JSON_KIND_OBJECT) {
        dedupe_members_read(body_object(&dedupe), out, problems);
    } else if (is_given(&dedupe)) {
        problems_add(problems, "options.dedupe", "must be an object");
    }
}

/* ---- tags and metadata ---- */

static bool is_tag(const struct json_value *value)
{
    int64_t count = value->kind == JSON_KIND_TEXT ? validate_characters(value->text) : 0;
    bool is_plain = true;
    for (size_t index = 0; count > 0 && index < value->text.size; index++) {
        is_plain &= value->text.data[index] >= ' ';
    }
    return is_plain && count >= 1 && count <= TAG_CHARACTERS_MAX;
}

static void tags_check(const struct body *options, struct problems *problems)
{
    struct json_value tags = body_member(options, "tags");
    bool is_fit = tags.kind == JSON_KIND_LIST && tags.count <= TAGS_MAX;
    for (size_t index = 0; is_fit && index < tags.count; index++) {
        struct json_value tag = body_item(&tags, index);
        is_fit = is_tag(&tag);
    }
    if (is_given(&tags) && !is_fit) {
        problems_add(problems, "options.tags", "must be at most %d strings of 1 to %d characters",
                     TAGS_MAX, TAG_CHARACTERS_MAX);
    }
}

static enum status metadata_write(const struct json_value *metadata, struct buffer *out)
{
    static const char *const none[] = {NULL};
    return body_write_without(body_object(metadata), none, out);
}

static void metadata_check(const struct body *options, struct problems *problems)
{
    struct json_value metadata = body_member(options, "metadata");
    struct buffer text;
    if (!is_given(&metadata)) {
        return;
    }
    if (metadata.kind != JSON_KIND_OBJECT) {
        problems_add(problems, "options.metadata", "must be an object");
        return;
    }
    buffer_init(&text, METADATA_SIZE_MAX);
    if (metadata_write(&metadata, &text) != STATUS_OK) {
        problems_add(problems, "options.metadata", "must have at most %d bytes", METADATA_SIZE_MAX);
    }
    buffer_fini(&text);
}

static void tags_write(const struct json_value *tags, struct json_writer *writer)
{
    json_name(writer, "tags");
    json_array_begin(writer);
    for (size_t index = 0; index < tags->count; index++) {
        json_put_text(writer, body_item(tags, index).text);
    }
    json_array_end(writer);
}

enum status job_options_labels(const struct body *body, struct buffer *out)
{
    struct json_value options = body_member(body, "options");
    struct json_writer writer;
    if (options.kind != JSON_KIND_OBJECT) {
        return STATUS_OK;
    }
    struct json_value tags = body_member(body_object(&options), "tags");
    struct json_value metadata = body_member(body_object(&options), "metadata");
    if (!is_given(&tags) && !is_given(&metadata)) {
        return STATUS_OK;
    }
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    tags_write(&tags, &writer);
    json_name(&writer, "metadata");
    enum status status = json_writer_status(&writer);
    if (status == STATUS_OK && is_given(&metadata)) {
        status = metadata_write(&metadata, out);
    } else if (status == STATUS_OK) {
        status = buffer_append(out, "{}", 2);
    }
    return status == STATUS_OK ? buffer_append_byte(out, '}') : status;
}

/* ---- the whole ---- */

static const char *const KNOWN[] = {"runAt", "startBy",  "deadline", "priority", "dedupe",
                                    "tags",  "metadata", "webhook",  NULL};

void job_options_read(const struct body *body, bool private_allowed, struct job_options *out,
                      struct problems *problems)
{
    struct json_value options = body_member(body, "options");
    *out = (struct job_options){0};
    if (options.kind == JSON_KIND_ABSENT) {
        return;
    }
    if (options.kind != JSON_KIND_OBJECT) {
        problems_add(problems, "options", "must be an object");
        return;
    }
    const char *stranger = body_stranger(body_object(&options), KNOWN);
    if (stranger != NULL) {
        problems_add(problems, "options", "has no member %.60s", stranger);
    }
    times_read(body_object(&options), out, problems);
    priority_read(body_object(&options), out, problems);
    dedupe_read(body_object(&options), out, problems);
    tags_check(body_object(&options), problems);
    metadata_check(body_object(&options), problems);
    struct json_value webhook = body_member(body_object(&options), "webhook");
    if (webhook.kind == JSON_KIND_OBJECT) {
        webhook_read(body_object(&webhook), private_allowed, out, problems);
    } else if (webhook.kind != JSON_KIND_ABSENT) {
        problems_add(problems, "options.webhook", "must be an object");
    }
}

void job_options_set(const struct job_options *options, struct message_submit *out)
{
    out->run_at = options->run_at;
    out->start_by = options->start_by;
    out->deadline = options->deadline;
    out->priority = options->priority;
    out->dedupe_key = options->dedupe_key;
    out->dedupe_ttl_ms = options->dedupe_ttl_ms;
    out->webhook_url = options->webhook_url;
    out->webhook_events = options->webhook_events;
    out->webhook_secret = slice_make(options->webhook_secret, options->webhook_secret_size);
}
