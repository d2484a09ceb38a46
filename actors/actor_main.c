#include "actors/actor_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "actors/actor_settings.h"
#include "actors/asset_store.h"
#include "actors/doctor.h"
#include "actors/link.h"
#include "actors/runtime.h"
#include "base/log.h"
#include "base/setting_names.h"
#include "base/settings.h"

enum {
    EXIT_CLEAN = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    PROGRAM_SIZE_MAX = 32,
    PROVIDERS_TEXT_SIZE = PROVIDER_USE_COUNT * (PROVIDER_SIZE_MAX + 8),
};

static void print_help(const char *program)
{
    printf("usage: %s [--check | --check-settings] [--help] [--version]\n"
           "\n"
           "Takes jobs from the broker and performs them. --check asks its providers for\n"
           "their models, says what is wrong with settings, keys and clock, and ends;\n"
           "--check-settings asks nobody.\n"
           "\n"
           "%s%s"
           "\n"
           "signals: SIGTERM and SIGINT have it take no more jobs, finish what ends in time\n"
           "and hand the rest back; a second one ends it at once. SIGUSR2 makes the log\n"
           "level debug, and sets it back; SIGUSR1 does nothing.\n"
           "exit codes: 0 stopped, or with --check all is well, 1 failed, or something is\n"
           "wrong, 2 bad usage or settings\n",
           program, actor_settings_help, s3_settings_help);
}

/* Returns whether the program has done all it was asked to; *code is its exit code then. */
static bool take_arguments(const char *program, int argc, char **argv, int *code)
{
    const struct build_library libraries[] = {loop_library(), link_library(),
                                              build_library("libcurl", "%s", LIBCURL_BUILT_WITH)};
    if (argc <= 1) {
        build_log(libraries, sizeof libraries / sizeof libraries[0]);
        return false;
    }
    *code = EXIT_CLEAN;
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(program);
    } else if (strcmp(argv[1], "--version") == 0) {
        build_print(program, libraries, sizeof libraries / sizeof libraries[0]);
    } else {
        fprintf(stderr, "%s: unknown argument %s (see --help)\n", program, argv[1]);
        *code = EXIT_USAGE;
    }
    return true;
}

/* A transfer needs a descriptor. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void say_ready(void *context)
{
    printf("%s: ready\n", (const char *)context);
    fflush(stdout);
}

static void on_signal(void *context, int number)
{
    struct runtime *runtime = context;
    (void)number;
    if (runtime->phase == RUNTIME_PHASE_PAID) {
        runtime_hurry(runtime);
    } else if (runtime->phase == RUNTIME_PHASE_WORKING) {
        runtime_stop(runtime, "signal");
    } else {
        _exit(EXIT_FAILED);
    }
}

/* For the log: who is asked first for each use of the role. */
static void name_providers(const struct role *role, const struct providers *providers,
                           char out[PROVIDERS_TEXT_SIZE])
{
    size_t size = 0;
    out[0] = '\0';
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        const struct provider_list *list = &providers->lists[use];
        if ((role->uses & 1u << use) != 0 && list->count > 0) {
            size += (size_t)snprintf(out + size, PROVIDERS_TEXT_SIZE - size, "%s%s:%s",
                                     size > 0 ? "," : "", provider_use_name((enum provider_use)use),
                                     list->items[0].name);
        }
    }
}

static int work(const struct role *role, struct actor_settings *settings, char *program)
{
    int code = EXIT_FAILED;
    struct asset_store assets = {0};
    struct runtime runtime = {0};
    enum status status = STATUS_OK;
    if (settings->assets != NULL) {
        status = asset_store_init(&assets, settings->assets,
                                  settings->has_bucket ? &settings->s3 : NULL);
        if (status != STATUS_OK) {
            log_error("asset directory cannot be made", "path=%s status=%s", settings->assets,
                      status_name(status));
            goto out;
        }
    }
    struct runtime_options options = {
        .role = role,
        .endpoint = settings->endpoint,
        .slots = (size_t)settings->slots,
        .grace_ms = settings->grace_ms,
        .paid_grace_ms = settings->paid_grace_ms,
        .metrics_address = settings->metrics_address,
        .providers = &settings->providers,
        .assets = settings->assets != NULL ? &assets : NULL,
        .ready = say_ready,
        .ready_context = program,
    };
    status = runtime_init(&runtime, &options);
    if (status == STATUS_OK) {
        asset_store_attach(&assets, runtime.loop, runtime.http, &runtime.clock);
        status = loop_on_signal(runtime.loop, on_signal, &runtime);
    }
    if (status != STATUS_OK) {
        log_error("cannot start", "endpoint=%s status=%s", settings->endpoint, status_name(status));
        code = status == STATUS_INVALID ? EXIT_USAGE : EXIT_FAILED;
        goto out;
    }
    char providers[PROVIDERS_TEXT_SIZE];
    name_providers(role, &settings->providers, providers);
    log_info("working", "endpoint=%s slots=%lld providers=%s", settings->endpoint,
             (long long)settings->slots, providers);
    runtime_run(&runtime);
    code = EXIT_CLEAN;
out:
    asset_store_fini(&assets);
    runtime_fini(&runtime);
    return code;
}

int actor_main(const struct role *role, int argc, char **argv)
{
    char program[PROGRAM_SIZE_MAX];
    int code = EXIT_CLEAN;
    snprintf(program, sizeof(program), "troupe-actor-%s", role->name);
    if (settings_log(program) != STATUS_OK) {
        return EXIT_USAGE;
    }
    const char *word = argc == 2 ? argv[1] : "";
    bool is_check = strcmp(word, "--check") == 0;
    bool is_check_of_settings = strcmp(word, "--check-settings") == 0;
    if (!is_check && !is_check_of_settings && take_arguments(program, argc, argv, &code)) {
        return code;
    }
    settings_unknown_log();
    struct actor_settings settings;
    if (actor_settings_read(role, &settings) != STATUS_OK ||
        (settings.lacks_provider && !is_check)) {
        actor_settings_fini(&settings);
        return EXIT_USAGE;
    }
    raise_descriptor_limit();
    if (is_check_of_settings) {
        code = EXIT_CLEAN;
    } else if (is_check) {
        code = doctor_run(role, &settings) ? EXIT_CLEAN : EXIT_FAILED;
        code = settings.lacks_provider ? EXIT_USAGE : code;
    } else {
        code = work(role, &settings, program);
    }
    actor_settings_fini(&settings);
    return code;
}
