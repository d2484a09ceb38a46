/* troupe-broker: the queue. This file has the loop, and reads the settings. */

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/setting_names.h"
#include "base/settings.h"
#include "broker/broker.h"
#include "broker/context.h"
#include "broker/crowd.h"
#include "broker/gateways.h"
#include "broker/health.h"
#include "broker/intake.h"

enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_IN_USE = 3,
};

/* Waits until something arrives or is due. */
static void wait_for_work(struct broker *broker, int signals)
{
    struct endpoint *const endpoints[] = {broker->actors.endpoint, broker->gateways.endpoint};
    const int descriptors[] = {readers_descriptor(broker->readers), signals};
    int64_t now = clock_now_ms(&broker->clock);
    int64_t wake = core_wake(broker->core);
    wake = sweeper_wake(&broker->sweeper) < wake ? sweeper_wake(&broker->sweeper) : wake;
    wake = bulk_work_wake(broker) < wake ? bulk_work_wake(broker) : wake;
    int64_t timeout_ms = wake - now < TICK_MS ? wake - now : TICK_MS;
    endpoint_wait(endpoints, 2, descriptors, 2, timeout_ms > 0 ? timeout_ms : 0);
}

/* Takes the signals that have come. Returns whether one asks to stop. */
static bool take_signals(const struct broker *broker, int signals)
{
    struct signalfd_siginfo information;
    bool stop = false;
    while (read(signals, &information, sizeof information) == sizeof information) {
        if (information.ssi_signo == SIGUSR1) {
            broker_report(broker, "so far");
        } else {
            stop = true;
        }
    }
    return stop;
}

/* Makes everything durable that the turn has decided, unless it has failed before. */
static enum status commit(struct broker *broker, enum status status)
{
    int64_t start_us = clock_monotonic_us();
    if (status == STATUS_OK) {
        status = recorder_finish(broker->recorder, &broker->batch, broker->event_last, broker->now);
    }
    if (status != STATUS_OK || broker->failed) {
        log_error("cannot finish the turn", "status=%s", status_name(status));
        return STATUS_IO;
    }
    if (store_commit(broker->store, &broker->batch) != COMMIT_DURABLE) {
        log_error("cannot commit", "commit=%" PRIu64 " detail=\"%s\"", broker->batch.number,
                  store_error(broker->store));
        return STATUS_IO;
    }
    int64_t took_us = clock_monotonic_us() - start_us;
    int64_t took_ms = took_us / 1000;
    broker_metrics_commit(broker, took_us);
    if (took_ms > COMMIT_SLOW_MS) {
        log_warn("slow commit", "ms=%" PRId64 " bytes=%zu", took_ms, broker->batch.bytes.size);
    }
    return STATUS_OK;
}

/* Hands to the readers what had to wait for the commit. */
static void push_reads(struct broker *broker)
{
    struct read *read = broker->resolves;
    while (read != NULL) {
        struct read *next = read->next;
        readers_push(broker->readers, read);
        read = next;
    }
    broker->resolves = NULL;
    broker->resolves_end = &broker->resolves;
    dispatch_push(broker);
    sweeper_push(broker);
    bulk_work_push(broker);
    leftovers_push(broker);
}

/* The loop: what has arrived, then timers and new jobs, then one commit, then everything that was
 * waiting for it. */
static enum status run(struct broker *broker, int signals)
{
    const struct core_event tick = {.type = CORE_EVENT_TICK};
    enum status status = STATUS_OK;
    bool more = false;
    bool stop = false;
    while (!stop && status == STATUS_OK) {
        if (!more) {
            wait_for_work(broker, signals);
            log_tell_level();
        }
        broker->now = clock_now_ms(&broker->clock);
        batch_clear(&broker->batch, core_commit(broker->core));
        stop = take_signals(broker, signals);
        status = chronicle_turn(broker);
        intake_lost(broker);
        intake_reads(broker);
        more = intake_ports(broker);
        intake_lost(broker);
        more |= crowd_turn(broker);
        intake_space(broker);
        intake_ping(broker);
        broker_step(broker, &tick, SLICE_EMPTY, NULL);
        status = status == STATUS_OK && stop ? chronicle_end(broker) : status;
        status = commit(broker, status);
        if (status == STATUS_OK) {
            gateways_send(broker);
            port_send(&broker->actors, &broker->frame, broker->now);
            push_reads(broker);
            broker_metrics_turn(broker);
        }
    }
    broker_report(broker, "stopped");
    return status;
}

/* The signals come through the loop. SIGPIPE is an error of a write. */
static int block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Each connection is a descriptor, and so is each of the store's files. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int exit_code(enum status status)
{
    if (status == STATUS_OK) {
        return EXIT_OK;
    }
    return status == STATUS_BUSY ? EXIT_IN_USE : EXIT_FAILED;
}

static int serve(const struct broker_options *options)
{
    struct broker broker;
    int signals = block_signals();
    raise_descriptors();
    umask(0077);
    enum status status = signals < 0 ? STATUS_IO : broker_open(&broker, options);
    if (status == STATUS_OK) {
        printf("troupe-broker: ready\n");
        fflush(stdout);
        log_info("ready", "gateways=%s actors=%s", options->gateway_endpoint,
                 options->actor_endpoint);
        status = run(&broker, signals);
    }
    if (signals >= 0) {
        broker_close(&broker);
        close(signals);
    }
    return exit_code(status);
}

static int ask_health(void)
{
    const char *endpoint;
    if (options_gateway_endpoint(&endpoint) != STATUS_OK) {
        return EXIT_USAGE;
    }
    enum status status = health_check(endpoint);
    if (status != STATUS_OK) {
        log_error("broker is not well", "endpoint=%s status=%s", endpoint, status_name(status));
    }
    return status == STATUS_OK ? EXIT_OK : EXIT_FAILED;
}

int main(int count, char **words)
{
    struct broker_options options;
    const struct build_library libraries[] = {context_library(), store_library()};
    const char *word = count == 2 ? words[1] : "";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        options_help();
        return EXIT_OK;
    }
    if (strcmp(word, "--version") == 0) {
        build_print("troupe-broker", libraries, sizeof libraries / sizeof libraries[0]);
        return EXIT_OK;
    }
    if (settings_log("troupe-broker") != STATUS_OK) {
        return EXIT_USAGE;
    }
    if (strcmp(word, "--health") == 0) {
        return ask_health();
    }
    settings_unknown_log();
    if (strcmp(word, "--check-settings") == 0) {
        return options_read(&options) == STATUS_OK ? EXIT_OK : EXIT_USAGE;
    }
    if (count != 1) {
        log_error("bad usage: see --help", "");
        return EXIT_USAGE;
    }
    build_log(libraries, sizeof libraries / sizeof libraries[0]);
    return options_read(&options) == STATUS_OK ? serve(&options) : EXIT_USAGE;
}
