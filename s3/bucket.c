#include "s3/bucket.h"

#include <stdio.h>

enum {
    NAME_SIZE_MIN = 3, /* of a bucket (AWS: "Bucket naming rules") */
    NAME_SIZE_MAX = 63,
    TEXT_SIZE_MAX = 2048, /* bytes of a key's id, a secret, a token; below what a signer takes */
    ID_SIZE_MAX = 128,
};

static bool is_letter_or_digit(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool name_is_valid(struct slice name)
{
    if (name.size < NAME_SIZE_MIN || name.size > NAME_SIZE_MAX) {
        return false;
    }
    for (size_t index = 0; index < name.size; index++) {
        char byte = (char)name.data[index];
        bool is_edge = index == 0 || index + 1 == name.size;
        if (!is_letter_or_digit(byte) && (is_edge || (byte != '-' && byte != '.'))) {
            return false;
        }
    }
    return true;
}

/* Segments of letters, digits, "-", "_" and ".", none of dots only: what no encoding and no
 * library on the way changes. */
static bool prefix_is_valid(struct slice prefix)
{
    bool is_dots = true;
    for (size_t index = 0; index < prefix.size; index++) {
        char byte = (char)prefix.data[index];
        if (byte == '/') {
            if (is_dots) {
                return false;
            }
            is_dots = true;
        } else if (byte != '.') {
            bool is_upper = byte >= 'A' && byte <= 'Z';
            if (!is_letter_or_digit(byte) && !is_upper && byte != '-' && byte != '_') {
                return false;
            }
            is_dots = false;
        }
    }
    return prefix.size <= S3_PREFIX_SIZE_MAX && !is_dots;
}

/* A text that may stand in a header, and has no blanks. */
static bool text_is_valid(const char *text, size_t size_max)
{
    size_t size = strlen(text);
    for (size_t index = 0; index < size; index++) {
        if (text[index] <= ' ' || text[index] > '~') {
            return false;
        }
    }
    return size > 0 && size <= size_max;
}

static bool region_is_valid(const char *region)
{
    size_t size = strlen(region);
    for (size_t index = 0; index < size; index++) {
        if (!is_letter_or_digit(region[index]) && region[index] != '-') {
            return false;
        }
    }
    return size > 0 && size < 64;
}

/* Splits location into the bucket's name and the prefix, without the slash at its end. */
static void split(const char *location, struct slice *name, struct slice *prefix)
{
    const char *slash = strchr(location, '/');
    *name = slash == NULL ? slice_from_string(location)
                          : slice_make(location, (size_t)(slash - location));
    *prefix = slash == NULL ? SLICE_EMPTY : slice_from_string(slash + 1);
    if (prefix->size > 0 && prefix->data[prefix->size - 1] == '/') {
        prefix->size--;
    }
}

/* Reads http(s)://host[:port]. */
static bool endpoint_take(struct s3_bucket *bucket, const char *endpoint, const char **host)
{
    bucket->is_tls = strncmp(endpoint, "https://", 8) == 0;
    if (!bucket->is_tls && strncmp(endpoint, "http://", 7) != 0) {
        return false;
    }
    *host = endpoint + (bucket->is_tls ? 8 : 7);
    size_t size = strlen(*host);
    return size > 0 && size <= 200 &&
           strspn(*host, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") == size;
}

/* Default ports stand in no Host header: libcurl sends none. */
static void host_set(struct s3_bucket *bucket, struct slice name, const char *host, bool in_host)
{
    const char *port = bucket->is_tls ? ":443" : ":80";
    size_t size = strlen(host);
    size_t port_size = strlen(port);
    if (size > port_size && strcmp(host + size - port_size, port) == 0) {
        size -= port_size;
    }
    snprintf(bucket->host, sizeof(bucket->host), "%.*s%s%.*s", in_host ? (int)name.size : 0,
             (const char *)name.data, in_host ? "." : "", (int)size, host);
    snprintf(bucket->path, sizeof(bucket->path), "/%.*s%s", in_host ? 0 : (int)name.size,
             (const char *)name.data, in_host ? "" : "/");
}

static const char *problem_of(const struct s3_options *options, struct slice name,
                              struct slice prefix)
{
    if (!name_is_valid(name)) {
        return "the bucket's name is not 3 to 63 lower case letters, digits, - and .";
    }
    if (prefix.size > 0 && !prefix_is_valid(prefix)) {
        return "the prefix is not names of letters, digits, -, _ and . with slashes between them";
    }
    if (!region_is_valid(options->region)) {
        return "the region is not lower case letters, digits and -";
    }
    if (options->key_id == NULL || options->secret == NULL) {
        return "the access key's id and its secret are needed";
    }
    if (!text_is_valid(options->key_id, ID_SIZE_MAX) || strchr(options->key_id, '/') != NULL ||
        !text_is_valid(options->secret, ID_SIZE_MAX) ||
        (options->token != NULL && !text_is_valid(options->token, TEXT_SIZE_MAX))) {
        return "the access key, its secret or the session token is too long or no plain text";
    }
    return NULL;
}

enum status s3_bucket_init(struct s3_bucket *bucket, const struct s3_options *options,
                           const char **problem)
{
    char own[128];
    const char *host = NULL;
    struct slice name;
    struct slice prefix;
    *bucket = (struct s3_bucket){0};
    split(options->location, &name, &prefix);
    *problem = problem_of(options, name, prefix);
    if (*problem != NULL) {
        return STATUS_INVALID;
    }
    snprintf(own, sizeof(own), "https://s3.%s.amazonaws.com", options->region);
    if (!endpoint_take(bucket, options->endpoint == NULL ? own : options->endpoint, &host)) {
        *problem = "the endpoint is not http(s)://host[:port] in lower case, without a path";
        return STATUS_INVALID;
    }
    bool in_host = options->style == S3_STYLE_HOST ||
                   (options->style == S3_STYLE_DEFAULT && options->endpoint == NULL);
    host_set(bucket, name, host, in_host);
    if (prefix.size > 0) {
        snprintf(bucket->prefix, sizeof(bucket->prefix), "%.*s/", SLICE_PRINT(prefix));
    }
    bucket->key = (struct sigv4_key){
        .id = options->key_id,
        .secret = options->secret,
        .token = options->token,
        .region = options->region,
        .service = "s3",
    };
    return STATUS_OK;
}
