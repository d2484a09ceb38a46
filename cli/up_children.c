#include "cli/up_children.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/settings.h"
#include "cli/command.h"
#include "cli/passed_over.h"
#include "cli/preflight.h"

enum {
    ROLE_WEBHOOK = 3, /* in roles: the one that calls no provider */
};

_Static_assert(UP_WORD_SIZE_MAX + 64 <= CHILD_SETTING_SIZE_MAX &&
                   PATH_SIZE_MAX <= UP_WORD_SIZE_MAX + 1,
               "a word, or a path of the data directory, fits into a setting");
_Static_assert(UP_ROLES *UP_ACTORS_MAX + 3 <= SUPERVISOR_CHILDREN_MAX &&
                   (int)SUPERVISOR_CHILDREN_MAX <= (int)STACK_PROGRAMS_MAX,
               "broker, gateway and studio have room beside the actors");

static const char *const roles[UP_ROLES] = {"troupe-actor-character", "troupe-actor-image",
                                            "troupe-actor-video", "troupe-actor-webhook"};

/* ---- settings ---- */

static void set_log_level(struct child *child)
{
    if (up_options_are_quiet()) {
        child_set(child, "TROUPE_LOG_LEVEL=warn");
    }
}

static void set_common(const struct up_children *children, struct child *child)
{
    set_log_level(child);
    child_set(child, "TROUPE_DATA=%s", children->options->data);
    if (settings_text("TROUPE_GATEWAY_ENDPOINT", NULL) == NULL) {
        child_set(child, "TROUPE_GATEWAY_ENDPOINT=ipc://%s/gateways", children->run);
    }
    if (settings_text("TROUPE_ACTOR_ENDPOINT", NULL) == NULL) {
        child_set(child, "TROUPE_ACTOR_ENDPOINT=ipc://%s/actors", children->run);
    }
    if (children->options->assets != NULL) {
        child_set(child, "TROUPE_ASSETS=%s", children->options->assets);
    } else {
        child_set(child, "TROUPE_ASSETS=%s/assets", children->options->data);
    }
    if (settings_text("TROUPE_JWT_SECRET_FILE", NULL) == NULL) {
        child_set(child, "TROUPE_JWT_SECRET_FILE=%s/jwt-secret", children->options->data);
    }
}

/* child_hides. What means nothing was told of already. */
static bool hides(const void *context, const char *name)
{
    const struct secrets *secrets = context;
    return secrets_hide(secrets, name) || passed_over_has(secrets->providers, name);
}

static void set_secrets(struct child *child, const struct secrets *secrets)
{
    child->hides = hides;
    child->hides_context = secrets;
}

void up_children_read_providers(struct up_children *children)
{
    document_destroy(&children->providers);
    children->providers = passed_over_providers();
    children->of_actors = (struct secrets){true, true, children->providers};
    children->of_gateway = (struct secrets){false, true, children->providers};
    children->of_others = (struct secrets){false, false, children->providers};
}

/* Each has a port of its own: what the environment names can be only one program's. */
static void set_metrics(const struct up_children *children, struct child *child, int index)
{
    if (children->options->metrics == NULL) {
        child_set(child, "TROUPE_METRICS=");
    } else {
        child_set(child, "TROUPE_METRICS=127.0.0.1:%d",
                  children->options->metrics_port == 0
                      ? 0
                      : (int)children->options->metrics_port + index);
    }
}

/* ---- the programs ---- */

static enum status find_programs(struct up_children *children)
{
    ssize_t size = readlink("/proc/self/exe", children->programs, sizeof children->programs - 1);
    if (size <= 0) {
        fprintf(stderr, "troupe: cannot tell where the programs are\n");
        return STATUS_IO;
    }
    children->programs[size] = '\0';
    *strrchr(children->programs, '/') = '\0';
    return STATUS_OK;
}

static void add_broker(struct up_children *children, struct supervisor *supervisor)
{
    child_init(&children->broker, "troupe-broker", children->programs);
    set_secrets(&children->broker, &children->of_others);
    set_common(children, &children->broker);
    set_metrics(children, &children->broker, 0);
    if (children->options->rate != NULL) {
        child_set(&children->broker, "TROUPE_RATE=%s", children->options->rate);
    }
    supervisor_add(supervisor, &children->broker);
}

static void add_studio(struct up_children *children, struct supervisor *supervisor)
{
    child_init(&children->studio, "troupe-studio", children->programs);
    set_secrets(&children->studio, &children->of_others);
    set_log_level(&children->studio);
    child_set(&children->studio, "TROUPE_STUDIO_LISTEN=127.0.0.1:0");
    children->studio.stays = true; /* it has results that jobs have yet to fetch */
    supervisor_add(supervisor, &children->studio);
}

static void add_gateway(struct up_children *children, int listener, struct supervisor *supervisor)
{
    child_init(&children->gateway, "troupe-gateway", children->programs);
    set_secrets(&children->gateway, &children->of_gateway);
    set_common(children, &children->gateway);
    child_set(&children->gateway, "TROUPE_HTTP_LISTEN=127.0.0.1:%d", (int)children->options->port);
    children->gateway.inherited = listener;
    children->gateway.overlaps = true;
    supervisor_add(supervisor, &children->gateway);
}

static enum status add_actors(struct up_children *children, struct supervisor *supervisor)
{
    children->actor_count = (int)children->options->actors * UP_ROLES;
    children->actors = calloc((size_t)children->actor_count + 1, sizeof *children->actors);
    if (children->actors == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (int index = 0; index < children->actor_count; index++) {
        struct child *child = &children->actors[index];
        bool is_webhook = index % UP_ROLES == ROLE_WEBHOOK;
        child_init(child, roles[index % UP_ROLES], children->programs);
        set_secrets(child, is_webhook ? &children->of_others : &children->of_actors);
        set_common(children, child);
        child->overlaps = children->options->metrics == NULL ||
                          children->options->metrics_port == 0; /* two cannot have one port */
        set_metrics(children, child, index + 1);
        child_set(child, "TROUPE_PROVIDER=%s", children->options->provider);
        supervisor_add(supervisor, child);
    }
    return STATUS_OK;
}

int up_children_prepare(struct up_children *children, const struct up_options *options,
                        const char *run, int listener, struct supervisor *supervisor)
{
    children->options = options;
    children->run = run;
    if (find_programs(children) != STATUS_OK) {
        return EXIT_CODE_FAILED;
    }
    up_children_read_providers(children);
    passed_over_unknown(children->providers);
    passed_over_unused(children->options->provider, children->options->rate != NULL);
    add_broker(children, supervisor);
    if (up_options_is_local(options)) {
        add_studio(children, supervisor);
    }
    supervisor->last_to_stop = supervisor->children_count;
    add_gateway(children, listener, supervisor);
    return add_actors(children, supervisor) == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

void up_children_fini(struct up_children *children)
{
    document_destroy(&children->providers);
    free(children->actors);
    children->actors = NULL;
}

/* Of those that have the same settings one is asked. Actors of the local provider are told later
 * where it is. */
int up_children_check(struct up_children *children, const struct supervisor *supervisor)
{
    struct child *asked[PREFLIGHT_CHILDREN_MAX];
    int others = supervisor->children_count - children->actor_count;
    int count = children->actor_count > 0 ? others + UP_ROLES : others;
    for (int index = 0; index < count; index++) {
        asked[index] = supervisor->children[index];
        if (index >= others && up_options_is_local(children->options)) {
            child_set(asked[index], "TROUPE_STUDIO_URL=http://127.0.0.1:1");
        }
    }
    return preflight(asked, count) ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

/* ---- addresses ---- */

/* The address in a program's ready line ("NAME: ready http://..."), or NULL. */
static const char *address_of(const struct child *child)
{
    return strstr(child->ready_line, "http://");
}

/* Fixes an address that a program chose itself, so that it has the same after a restart. */
static void pin_address(struct child *child, const char *name)
{
    const char *address = address_of(child);
    if (address != NULL) {
        child_set(child, "%s=%s", name, address + strlen("http://"));
    }
}

/* Actors of the local provider wait until the studio has said where it is. */
bool up_children_may_start(struct up_children *children, struct child *child)
{
    bool is_actor =
        child != &children->broker && child != &children->gateway && child != &children->studio;
    if (child == &children->studio) {
        pin_address(child, "TROUPE_STUDIO_LISTEN");
    }
    if (!is_actor || !up_options_is_local(children->options) || child->ready_ever) {
        return true;
    }
    if (address_of(&children->studio) == NULL) {
        return false;
    }
    child_set(child, "TROUPE_STUDIO_URL=%s", address_of(&children->studio));
    return true;
}

const char *up_children_address(const struct up_children *children)
{
    return address_of(&children->gateway);
}
