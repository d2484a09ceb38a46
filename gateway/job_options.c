#include "gateway/job_options.h"

#include "base/signature.h"
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
    struct json_value webhook = body_member(body_object(&options), "webhook");
    if (webhook.kind == JSON_KIND_OBJECT) {
        webhook_read(body_object(&webhook), private_allowed, out, problems);
    } else if (webhook.kind != JSON_KIND_ABSENT) {
        problems_add(problems, "options.webhook", "must be an object");
    }
}

void job_options_set(const struct job_options *options, struct message_submit *out)
{
    out->webhook_url = options->webhook_url;
    out->webhook_events = options->webhook_events;
    out->webhook_secret = slice_make(options->webhook_secret, options->webhook_secret_size);
}
