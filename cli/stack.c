#include "cli/stack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "base/settings.h"
#include "cli/document.h"

enum {
    SECRET_RANDOM_SIZE = 48, /* bytes; 64 characters of base64url */
    MEMBER_SIZE = 32,
    STACK_FILE_SIZE_MAX = 16384, /* bytes: an address, and all names of programs */
};

enum status stack_path(const char *directory, const char *name, char out[PATH_SIZE_MAX])
{
    int size = snprintf(out, PATH_SIZE_MAX, "%s/%s", directory, name);
    if (size < 0 || size >= PATH_SIZE_MAX) {
        fprintf(stderr, "troupe: the path %s/%s is too long\n", directory, name);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

enum status stack_data_directory(const char *given, char out[PATH_SIZE_MAX])
{
    const char *base = settings_text("XDG_DATA_HOME", NULL);
    const char *home = settings_text("HOME", NULL);
    char current[PATH_SIZE_MAX];
    given = given != NULL ? given : settings_text("TROUPE_DATA", NULL);
    if (given == NULL && base != NULL) {
        return stack_path(base, "troupe", out);
    }
    if (given == NULL && home != NULL) {
        return stack_path(home, ".local/share/troupe", out);
    }
    if (given == NULL) {
        fprintf(stderr, "troupe: no HOME: say where the data is with --data or TROUPE_DATA\n");
        return STATUS_INVALID;
    }
    if (given[0] != '/' && getcwd(current, sizeof current) != NULL) {
        return stack_path(current, given, out);
    }
    if (snprintf(out, PATH_SIZE_MAX, "%s", given) >= PATH_SIZE_MAX) {
        fprintf(stderr, "troupe: the path %s is too long\n", given);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status secret_make(const char *path)
{
    uint8_t random[SECRET_RANDOM_SIZE];
    struct buffer text;
    buffer_init(&text, STACK_SECRET_SIZE_MAX);
    random_bytes(random, sizeof random);
    enum status status = encode_base64url(slice_make(random, sizeof random), &text);
    if (status == STATUS_OK) {
        status = file_write(path, buffer_slice(&text), 0600);
    }
    buffer_fini(&text);
    return status;
}

enum status stack_secret(const char *data, bool make, struct buffer *secret)
{
    char path[PATH_SIZE_MAX];
    const char *set = settings_text("TROUPE_JWT_SECRET_FILE", NULL);
    enum status status = STATUS_OK;
    if (set == NULL) {
        status = stack_path(data, "jwt-secret", path);
    } else if (snprintf(path, sizeof path, "%s", set) >= PATH_SIZE_MAX) {
        status = STATUS_INVALID;
    }
    if (status == STATUS_OK) {
        status = file_read(path, secret);
    }
    if (status == STATUS_NOT_FOUND && make && secret_make(path) == STATUS_OK) {
        status = file_read(path, secret);
    }
    while (secret->size > 0 && secret->data[secret->size - 1] == '\n') {
        secret->size--;
    }
    if (status == STATUS_NOT_FOUND) {
        fprintf(stderr,
                "troupe: no secret at %s: start a stack with `troupe up` first; name its data "
                "directory with --data DIR or TROUPE_DATA if it is another\n",
                path);
    } else if (status != STATUS_OK) {
        fprintf(stderr, "troupe: cannot read the secret %s: %s\n", path, status_text(status));
    } else if (secret->size < TOKEN_SECRET_SIZE_MIN) {
        fprintf(stderr, "troupe: the secret %s is shorter than %d bytes\n", path,
                TOKEN_SECRET_SIZE_MIN);
        status = STATUS_INVALID;
    }
    return status;
}

enum status stack_token(struct slice secret, const char *owner, enum token_role role,
                        int64_t expires_at_ms, struct buffer *out)
{
    struct clock clock;
    clock_init(&clock, 0);
    int64_t now_ms = clock_now_ms(&clock);
    struct token_claims claims = {.role = role, .expires_at_ms = expires_at_ms};
    size_t size = strlen(owner);
    if (size == 0 || size > TOKEN_OWNER_SIZE_MAX) {
        fprintf(stderr, "troupe: a user's name has 1 to %d bytes\n", TOKEN_OWNER_SIZE_MAX);
        return STATUS_INVALID;
    }
    memcpy(claims.owner, owner, size);
    claims.owner_size = size;
    enum status status = token_sign(secret, &claims, now_ms, out);
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: cannot make a token: %s\n", status_text(status));
    }
    return status;
}

/* Whether `troupe up` holds its lock. Those that ask share it, but would keep a `troupe up` of this
 * moment out: so it is asked for only when a process of the number is there. */
static bool is_held(const char *data)
{
    char path[PATH_SIZE_MAX];
    if (stack_path(data, "stack.lock", path) != STATUS_OK) {
        return false;
    }
    int lock = open(path, O_RDONLY | O_CLOEXEC);
    if (lock < 0) {
        return errno == EACCES; /* it cannot be told: the process decides */
    }
    bool held = flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(lock);
    return held;
}

/* What a round has come to. */
static void read_restarting(const struct document *document, struct stack_state *out)
{
    char member[MEMBER_SIZE];
    size_t count = document_count(document, "restarting");
    out->to_restart = (int)document_integer(document, "toRestart", 0);
    for (size_t index = 0; index < count; index++) {
        snprintf(member, sizeof member, "restarting.%zu", index);
        stack_note_restart(out, document_text(document, member, ""), out->to_restart);
    }
}

enum status stack_read(const char *data, struct stack_state *out)
{
    char path[PATH_SIZE_MAX];
    struct buffer text;
    struct document *document = NULL;
    *out = (struct stack_state){0};
    buffer_init(&text, STACK_FILE_SIZE_MAX);
    enum status status = stack_path(data, "stack.json", path);
    if (status == STATUS_OK) {
        status = file_read(path, &text);
    }
    if (status == STATUS_OK) {
        status = document_parse(buffer_slice(&text), &document);
    }
    if (status != STATUS_OK) {
        goto out;
    }
    snprintf(out->url, sizeof out->url, "%s", document_text(document, "url", ""));
    out->pid = (pid_t)document_integer(document, "pid", 0);
    out->restarts = document_integer(document, "restarts", 0);
    out->restarts_begun = document_integer(document, "restartsBegun", out->restarts);
    read_restarting(document, out);
    if (out->pid <= 0 || (kill(out->pid, 0) != 0 && errno == ESRCH) || !is_held(data)) {
        status = STATUS_NOT_FOUND;
    }
out:
    document_destroy(&document);
    buffer_fini(&text);
    return status;
}

void stack_note_restart(struct stack_state *state, const char *program, int count)
{
    state->to_restart = count;
    if (state->restarting_count < STACK_PROGRAMS_MAX) {
        snprintf(state->restarting[state->restarting_count++], STACK_PROGRAM_SIZE, "%s", program);
    }
}

enum status stack_write(const char *data, const struct stack_state *state)
{
    char path[PATH_SIZE_MAX];
    struct buffer text;
    struct json_writer writer;
    buffer_init(&text, STACK_FILE_SIZE_MAX);
    json_writer_init(&writer, &text);
    json_object_begin(&writer);
    json_member_text(&writer, "url", slice_from_string(state->url));
    json_member_integer(&writer, "pid", state->pid);
    json_member_integer(&writer, "restartsBegun", state->restarts_begun);
    json_member_integer(&writer, "restarts", state->restarts);
    json_member_integer(&writer, "toRestart", state->to_restart);
    json_name(&writer, "restarting");
    json_array_begin(&writer);
    for (int index = 0; index < state->restarting_count; index++) {
        json_put_text(&writer, slice_from_string(state->restarting[index]));
    }
    json_array_end(&writer);
    json_object_end(&writer);
    enum status status = stack_path(data, "stack.json", path);
    if (status == STATUS_OK) {
        status = file_write(path, buffer_slice(&text), 0600);
    }
    buffer_fini(&text);
    return status;
}

static enum status find_url(const char *data, char out[STACK_URL_SIZE_MAX])
{
    struct stack_state state;
    enum status status = stack_read(data, &state);
    if (status == STATUS_DENIED) {
        fprintf(stderr, "troupe: cannot read %s/stack.json: %s\n", data, status_text(status));
    } else if (status != STATUS_OK) {
        fprintf(stderr,
                "troupe: no stack is running on %s: start one with `troupe up`, name another data "
                "directory with --data DIR or TROUPE_DATA, or set TROUPE_URL and TROUPE_TOKEN\n",
                data);
    } else {
        memcpy(out, state.url, sizeof state.url);
    }
    return status;
}

/* The role that a token says it has, with which only its server can do anything: it decides what
 * is asked for at all. A user's when it cannot be read. */
static enum token_role read_role(const char *token)
{
    enum token_role role = TOKEN_ROLE_USER;
    struct buffer claims;
    struct document *document = NULL;
    const char *begin = strchr(token, '.');
    const char *end = begin == NULL ? NULL : strchr(begin + 1, '.');
    buffer_init(&claims, TOKEN_SIZE_MAX);
    if (end != NULL &&
        decode_base64url(slice_make(begin + 1, (size_t)(end - begin - 1)), &claims) == STATUS_OK &&
        document_parse(buffer_slice(&claims), &document) == STATUS_OK) {
        token_role_parse(slice_from_string(document_text(document, "role", "")), &role);
    }
    document_destroy(&document);
    buffer_fini(&claims);
    return role;
}

/* Whether an address is of this machine: a token of our own secret goes nowhere else. */
static bool is_here(const char *url)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};
    const char *host = strncmp(url, "http://", 7) == 0 ? url + 7 : "";
    for (size_t index = 0; index < sizeof hosts / sizeof hosts[0]; index++) {
        size_t size = strlen(hosts[index]);
        char after = strncmp(host, hosts[index], size) == 0 ? host[size] : '?';
        if (after == '\0' || after == ':' || after == '/') {
            return strchr(host, '@') == NULL;
        }
    }
    return false;
}

static enum status find_remote(const char *url, struct stack *out)
{
    const char *token = settings_text("TROUPE_TOKEN", NULL);
    size_t size = strlen(url);
    while (size > 0 && url[size - 1] == '/') {
        size--;
    }
    bool is_made_here =
        token == NULL && settings_text("TROUPE_JWT_SECRET_FILE", NULL) != NULL && is_here(url);
    if (token == NULL && !is_made_here) {
        fprintf(stderr, "troupe: TROUPE_URL is set, but not TROUPE_TOKEN\n");
        return STATUS_INVALID;
    }
    if (size >= sizeof out->url || (token != NULL && strlen(token) >= sizeof out->token)) {
        fprintf(stderr, "troupe: TROUPE_URL or TROUPE_TOKEN is too long\n");
        return STATUS_INVALID;
    }
    memcpy(out->url, url, size);
    out->url[size] = '\0';
    if (is_made_here) {
        enum status status = stack_data_directory(NULL, out->data);
        return status == STATUS_OK ? stack_renew(out) : status;
    }
    memcpy(out->token, token, strlen(token) + 1);
    out->role = read_role(token);
    return STATUS_OK;
}

enum status stack_renew(struct stack *stack)
{
    struct buffer secret;
    struct buffer token;
    struct clock clock;
    if (stack->data[0] == '\0') {
        return STATUS_DENIED;
    }
    clock_init(&clock, 0);
    buffer_init(&secret, STACK_SECRET_SIZE_MAX);
    buffer_init(&token, TOKEN_SIZE_MAX);
    enum status status = stack_secret(stack->data, false, &secret);
    if (status == STATUS_OK) {
        status = stack_token(buffer_slice(&secret), stack->owner, stack->role,
                             clock_now_ms(&clock) + STACK_TOKEN_LIFE_MS, &token);
    }
    if (status == STATUS_OK) {
        memcpy(stack->token, token.data, token.size);
        stack->token[token.size] = '\0';
    }
    buffer_fini(&token);
    buffer_fini(&secret);
    return status;
}

enum status stack_find(const char *data, const char *user, enum token_role role, struct stack *out)
{
    const char *url = settings_text("TROUPE_URL", NULL);
    const char *owner = user != NULL ? user : settings_text("TROUPE_USER", "me");
    *out = (struct stack){.role = role};
    snprintf(out->owner, sizeof out->owner, "%s", owner);
    if (url != NULL && data == NULL) {
        return find_remote(url, out);
    }
    enum status status = stack_data_directory(data, out->data);
    if (status == STATUS_OK) {
        status = find_url(out->data, out->url);
    }
    return status == STATUS_OK ? stack_renew(out) : status;
}
