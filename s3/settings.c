#include "s3/settings.h"

#include <stdio.h>
#include "base/log.h"
#include "base/secret.h"
#include "base/settings.h"

const char s3_settings_help[] =
    "  TROUPE_S3_ENDPOINT       the store's address, http(s)://host[:port]; with s3:\n"
    "                           (AWS's own)\n"
    "  TROUPE_S3_REGION         its region (us-east-1)\n"
    "  TROUPE_S3_STYLE          path: the bucket's name is in the path; host: before\n"
    "                           the host's (host with AWS's own endpoint, else path)\n"
    "  TROUPE_S3_KEY_ID, TROUPE_S3_SECRET, TROUPE_S3_TOKEN\n"
    "                           the access key, and a session's token if it has one;\n"
    "                           or\n"
    "  TROUPE_S3_KEY_ID_FILE, ...\n"
    "                           files of mode 0600 (or on a read-only mount) with\n"
    "                           them\n";

bool s3_is_location(const char *assets, const char **location)
{
    bool is_location = strncmp(assets, "s3:", 3) == 0;
    if (is_location) {
        *location = assets + 3;
    }
    return is_location;
}

const char *s3_directory_of(const char *assets)
{
    return strncmp(assets, "file:", 5) == 0 ? assets + 5 : assets;
}

/* *out stays NULL when it is not set. */
static enum status read_secret(const char *setting, char **out)
{
    char name[64];
    snprintf(name, sizeof(name), "%s_FILE", setting);
    const char *path = settings_text(name, NULL);
    const char *text = settings_text(setting, NULL);
    if (path == NULL && text == NULL) {
        return STATUS_OK;
    }
    return secret_read(path != NULL ? name : setting, path, text, out);
}

static enum status read_style(enum s3_style *out)
{
    const char *style = settings_text("TROUPE_S3_STYLE", NULL);
    *out = S3_STYLE_DEFAULT;
    if (style == NULL) {
        return STATUS_OK;
    }
    *out = strcmp(style, "host") == 0 ? S3_STYLE_HOST : S3_STYLE_PATH;
    if (*out == S3_STYLE_PATH && strcmp(style, "path") != 0) {
        log_error("setting is not path or host", "name=TROUPE_S3_STYLE");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status make_bucket(const struct s3_options *options, struct s3_bucket *out)
{
    const char *problem = NULL;
    enum status status = s3_bucket_init(out, options, &problem);
    if (status != STATUS_OK) {
        log_error("settings of the object store cannot be used", "problem=\"%s\"", problem);
    }
    return status;
}

enum status s3_settings_read(const char *location, struct s3_settings *settings)
{
    *settings = (struct s3_settings){.key_id = NULL};
    struct s3_options options = {
        .location = location,
        .endpoint = settings_text("TROUPE_S3_ENDPOINT", NULL),
        .region = settings_text("TROUPE_S3_REGION", "us-east-1"),
    };
    enum status status = read_style(&options.style);
    if (status == STATUS_OK) {
        status = read_secret("TROUPE_S3_KEY_ID", &settings->key_id);
    }
    if (status == STATUS_OK) {
        status = read_secret("TROUPE_S3_SECRET", &settings->secret);
    }
    if (status == STATUS_OK) {
        status = read_secret("TROUPE_S3_TOKEN", &settings->token);
    }
    if (status != STATUS_OK) {
        return status;
    }
    options.key_id = settings->key_id;
    options.secret = settings->secret;
    options.token = settings->token;
    status = make_bucket(&options, &settings->bucket);
    if (status == STATUS_OK) {
        options.endpoint = settings_text("TROUPE_S3_PUBLIC_ENDPOINT", options.endpoint);
        status = make_bucket(&options, &settings->visitors);
    }
    return status;
}

void s3_settings_fini(struct s3_settings *settings)
{
    secret_forget(&settings->key_id);
    secret_forget(&settings->secret);
    secret_forget(&settings->token);
}
