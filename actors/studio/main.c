#include <cairo.h>
#include <h2o/version.h>
#include <inttypes.h>
#include <libavutil/avutil.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/studio/server.h"
#include "actors/studio/work.h"
#include "base/build.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/random.h"
#include "base/setting_names.h"
#include "base/settings.h"

void studio_id_make(char out[MEDIA_ID_SIZE])
{
    static const char DIGITS[] = "0123456789abcdef";
    uint8_t random[(MEDIA_ID_SIZE - 1) / 2];
    random_bytes(random, sizeof random);
    for (size_t index = 0; index < sizeof random; index++) {
        out[2 * index] = DIGITS[random[index] >> 4];
        out[2 * index + 1] = DIGITS[random[index] & 15];
    }
    out[MEDIA_ID_SIZE - 1] = '\0';
}

static void on_done(void *context, struct pool_job *job)
{
    struct studio *studio = context;
    server_return(studio->server, (struct work *)job);
}

/* Signals come through the server's own descriptor; a client that leaves must not kill the
 * studio. */
static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN); /* meant for the broker or `troupe up`, and sent to all */
}

static enum status load_rules(struct studio *studio)
{
    char problem[FAULT_TEXT_SIZE];
    const char *rules = studio->options.fault_rules;
    faults_init(&studio->faults, studio->options.fault_seed);
    if (rules == NULL) {
        return STATUS_OK;
    }
    enum status status =
        faults_parse(&studio->faults, slice_from_string(rules), problem, sizeof problem);
    if (status != STATUS_OK) {
        log_error("bad fault rules", "setting=TROUPE_STUDIO_FAULT_RULES problem=\"%s\"", problem);
    }
    return status == STATUS_OK ? STATUS_OK : STATUS_INVALID;
}

static enum status serve(struct studio *studio)
{
    block_signals();
    clock_init(&studio->clock, 0);
    media_init(&studio->media, (size_t)studio->options.memory_size_max);
    enum status status = load_rules(studio);
    if (status == STATUS_OK) {
        status = server_new(studio, &studio->server);
    }
    if (status == STATUS_OK) {
        status = pool_new(studio->options.thread_count, on_done, studio, &studio->pool);
    }
    if (status == STATUS_OK) {
        printf("troupe-studio: ready http://%s:%u\n", studio->options.host,
               server_port(studio->server));
        fflush(stdout);
        status = server_run(studio->server);
    }
    pool_destroy(&studio->pool);
    server_destroy(&studio->server);
    tasks_fini(&studio->tasks);
    media_fini(&studio->media);
    return status;
}

int main(int count, char **arguments)
{
    enum options_wish wish;
    const struct build_library libraries[] = {build_library("h2o", "%s", H2O_VERSION),
                                              build_library("cairo", "%s", cairo_version_string()),
                                              build_library("libav", "%s", av_version_info())};
    struct studio *studio = calloc(1, sizeof *studio);
    av_log_set_level(AV_LOG_QUIET); /* our own log tells what failed */
    enum status status = studio == NULL ? STATUS_NO_MEMORY : settings_log("troupe-studio");
    if (status == STATUS_OK) {
        status = options_read(count, arguments, &studio->options, &wish);
    }
    if (status == STATUS_OK && (wish == OPTIONS_CHECK || wish == OPTIONS_SERVE)) {
        settings_unknown_log();
    }
    if (status == STATUS_OK && wish == OPTIONS_HELP) {
        options_print_help();
    } else if (status == STATUS_OK && wish == OPTIONS_VERSION) {
        build_print("troupe-studio", libraries, sizeof libraries / sizeof libraries[0]);
    } else if (status == STATUS_OK && wish == OPTIONS_CHECK) {
        status = load_rules(studio);
    } else if (status == STATUS_OK) {
        build_log(libraries, sizeof libraries / sizeof libraries[0]);
        status = serve(studio);
    }
    free(studio);
    return status == STATUS_OK ? 0 : status == STATUS_INVALID ? 2 : 1;
}
