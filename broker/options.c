#include "broker/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "base/metrics_listener.h"
#include "base/money.h"
#include "base/settings.h"
#include "broker/query.h"
#include "broker/store.h"

void options_help(void)
{
    printf("usage: troupe-broker [--check-settings] [--health] [--help] [--version]\n"
           "\n"
           "The queue: takes jobs from gateways, keeps them on disk, hands them to actors.\n"
           "--check-settings says what is wrong with settings, and ends. --health asks the\n"
           "broker that runs with these settings whether it is well, and ends.\n"
           "\n"
           "settings (environment):\n"
           "  TROUPE_GATEWAY_ENDPOINT  ZeroMQ endpoint to bind for gateways; ipc://PATH, or\n"
           "                           tcp://127.0.0.1:PORT\n"
           "  TROUPE_ACTOR_ENDPOINT    the same for actors\n"
           "  TROUPE_DATA              data directory; the broker keeps its database in\n"
           "                           $TROUPE_DATA/broker\n"
           "  TROUPE_RATE              off: no limits of started jobs a second (character\n"
           "                           10, image 5, video 3)\n"
           "  TROUPE_RATE_CHARACTER, TROUPE_RATE_IMAGE, TROUPE_RATE_VIDEO,\n"
           "  TROUPE_RATE_WEBHOOK      a number of its own, or off (deliveries: off)\n"
           "  TROUPE_ACTIVE_CHARACTER, TROUPE_ACTIVE_IMAGE, TROUPE_ACTIVE_VIDEO,\n"
           "  TROUPE_ACTIVE_WEBHOOK    jobs of a queue at work at once; 0 for no limit (0)\n"
           "  TROUPE_ACTIVE_USER       of these, jobs of one user; 0 for no limit (0)\n"
           "  TROUPE_ACTIVE_USER_WEBHOOK\n"
           "                           deliveries of one user under way at once (10)\n"
           "  TROUPE_JOBS_MAX          live jobs; more are refused (4000000)\n"
           "  TROUPE_RETENTION_COMPLETED, TROUPE_RETENTION_FAILED,\n"
           "  TROUPE_RETENTION_CANCELLED\n"
           "                           how long ended jobs are kept: a number and ms, s, m,\n"
           "                           h or d (30d, 30d, 1d)\n"
           "  TROUPE_RETENTION_TOMBSTONE\n"
           "                           how long it is said after that that there was one\n"
           "                           (7d)\n"
           "  TROUPE_BUDGET_USER_DAY   US dollars that a user may spend on a day (UTC); jobs\n"
           "                           that would bring it above are refused (no limit)\n"
           "  TROUPE_BUDGET_USER_DAY_SOFT\n"
           "                           above so much they are accepted with a warning (four\n"
           "                           fifths of the limit)\n"
           "  TROUPE_SPACE_FLOOR       bytes; with less free space new jobs are refused\n"
           "                           (536870912)\n"
           "  TROUPE_METRICS           address and port of /metrics, as 127.0.0.1:9464 (off)\n"
           "  TROUPE_LOG_LEVEL         debug, info, warn or error (info)\n"
           "  TROUPE_LOG_FORMAT        logfmt or json (logfmt)\n"
           "\n"
           "for tests of the broker itself:\n"
           "  TROUPE_TEST_UNSYNCED     on: commits are not synced; a power cut loses jobs\n"
           "  TROUPE_TEST_FAULT_COMMIT\n"
           "                           the number of the commit that fails; 0 for none\n"
           "  TROUPE_TEST_FAULT_READ   the number of the read that fails (3), or of those of\n"
           "                           a kind of keys (J3: broker/keys.h); 0 for none\n"
           "  TROUPE_TEST_GAP_MS       a start so long after the last commit is remembered\n"
           "                           (60000)\n"
           "\n"
           "signals: SIGTERM and SIGINT stop it, SIGUSR1 logs what it has done, SIGUSR2\n"
           "makes the log level debug, and sets it back.\n"
           "exit codes: 0 stopped, 1 failed, 2 bad usage or settings, 3 address or data\n"
           "directory in use\n");
}

static const char *required(const char *name)
{
    const char *value = settings_text(name, NULL);
    if (value == NULL) {
        log_error("a setting is missing", "name=%s", name);
    }
    return value;
}

enum status options_gateway_endpoint(const char **out)
{
    return settings_endpoint("TROUPE_GATEWAY_ENDPOINT", out);
}

/* Reads a number from 1, or off. */
static enum status read_rate(const char *name, uint32_t *rate)
{
    int64_t number;
    const char *value = settings_text(name, NULL);
    if (value == NULL) {
        return STATUS_OK;
    }
    if (strcmp(value, "off") == 0) {
        *rate = 0;
        return STATUS_OK;
    }
    if (!settings_number(value, 1, RATE_MAX, &number)) {
        log_error("bad setting",
                  "name=%s value=\"%s\" need=\"off, or a whole number from 1 to %d\"", name, value,
                  RATE_MAX);
        return STATUS_INVALID;
    }
    *rate = (uint32_t)number;
    return STATUS_OK;
}

static enum status read_rates(struct core_options *core)
{
    static const char *const names[JOB_KIND_COUNT] = {
        [JOB_KIND_CHARACTER] = "TROUPE_RATE_CHARACTER",
        [JOB_KIND_IMAGE] = "TROUPE_RATE_IMAGE",
        [JOB_KIND_VIDEO] = "TROUPE_RATE_VIDEO",
        [JOB_KIND_WEBHOOK] = "TROUPE_RATE_WEBHOOK",
    };
    const char *all = settings_text("TROUPE_RATE", NULL);
    enum status status = STATUS_OK;
    if (all != NULL && strcmp(all, "off") != 0) {
        log_error("bad setting", "name=TROUPE_RATE value=%s need=\"off, or unset\"", all);
        status = STATUS_INVALID;
    }
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        core->rate[kind] = all == NULL ? core->rate[kind] : 0;
        if (read_rate(names[kind], &core->rate[kind]) != STATUS_OK) {
            status = STATUS_INVALID;
        }
    }
    return status;
}

static enum status read_count(const char *name, int64_t min, int64_t max, uint32_t *out)
{
    int64_t number;
    enum status status = settings_integer(name, min, max, *out, &number);
    *out = status == STATUS_OK ? (uint32_t)number : *out;
    return status;
}

static enum status read_caps(struct core_options *core)
{
    uint32_t user_max = 0;
    const struct {
        const char *name;
        int64_t min;
        uint32_t *out;
    } counts[] = {
        {"TROUPE_ACTIVE_CHARACTER", 0, &core->active_max[JOB_KIND_CHARACTER]},
        {"TROUPE_ACTIVE_IMAGE", 0, &core->active_max[JOB_KIND_IMAGE]},
        {"TROUPE_ACTIVE_VIDEO", 0, &core->active_max[JOB_KIND_VIDEO]},
        {"TROUPE_ACTIVE_WEBHOOK", 0, &core->active_max[JOB_KIND_WEBHOOK]},
        {"TROUPE_ACTIVE_USER", 0, &user_max},
        {"TROUPE_ACTIVE_USER_WEBHOOK", 0, &core->user_active_max[JOB_KIND_WEBHOOK]},
        {"TROUPE_JOBS_MAX", 1, &core->jobs_max},
    };
    enum status status = STATUS_OK;
    for (size_t index = 0; index < sizeof counts / sizeof counts[0]; index++) {
        if (read_count(counts[index].name, counts[index].min, JOBS_MAX, counts[index].out) !=
            STATUS_OK) {
            status = STATUS_INVALID;
        }
    }
    for (int kind = 0; kind < JOB_KIND_ASKED_COUNT; kind++) {
        core->user_active_max[kind] = user_max;
    }
    return status;
}

static enum status read_retention(struct retention *retention)
{
    const struct {
        const char *name;
        int64_t min_ms;
        int64_t *out;
    } times[] = {
        {"TROUPE_RETENTION_COMPLETED", 1, &retention->ended_ms[JOB_STATE_COMPLETED]},
        {"TROUPE_RETENTION_FAILED", 1, &retention->ended_ms[JOB_STATE_FAILED]},
        {"TROUPE_RETENTION_CANCELLED", 1, &retention->ended_ms[JOB_STATE_CANCELLED]},
        {"TROUPE_RETENTION_TOMBSTONE", RETENTION_TOMBSTONE_MIN_MS, &retention->tombstone_ms},
    };
    const int64_t max_ms = RETENTION_MAX_S * INT64_C(1000);
    enum status status = STATUS_OK;
    for (size_t index = 0; index < sizeof times / sizeof times[0]; index++) {
        if (settings_duration(times[index].name, times[index].min_ms, max_ms, *times[index].out,
                              times[index].out) != STATUS_OK) {
            status = STATUS_INVALID;
        }
    }
    return status;
}

/* Reads US dollars; *out stays as it is without the setting. */
static enum status read_money(const char *name, uint64_t *out)
{
    uint64_t amount;
    const char *text = settings_text(name, NULL);
    if (text == NULL) {
        return STATUS_OK;
    }
    if (!money_parse(text, BUDGET_MAX, &amount) || amount == 0) {
        log_error("bad setting",
                  "name=%s value=%s need=\"US dollars above 0, at most a billion, "
                  "with at most six places\"",
                  name, text);
        return STATUS_INVALID;
    }
    *out = amount;
    return STATUS_OK;
}

static enum status read_budgets(struct core_options *core)
{
    enum status status = read_money("TROUPE_BUDGET_USER_DAY", &core->budget);
    core->budget_soft = core->budget / 5 * 4;
    if (read_money("TROUPE_BUDGET_USER_DAY_SOFT", &core->budget_soft) != STATUS_OK) {
        return STATUS_INVALID;
    }
    if (core->budget > 0 && core->budget_soft > core->budget) {
        log_error("bad setting", "name=TROUPE_BUDGET_USER_DAY_SOFT need=\"no more than "
                                 "TROUPE_BUDGET_USER_DAY\"");
        return STATUS_INVALID;
    }
    return status;
}

/* Reads the settings that only tests use. */
static enum status read_faults(struct broker_options *out)
{
    int64_t commit = 0;
    int64_t read = 0;
    const char *number = settings_text("TROUPE_TEST_FAULT_READ", "0");
    out->fault_read_kind = isalpha((unsigned char)*number) ? *number++ : '\0';
    enum status status = settings_flag("TROUPE_TEST_UNSYNCED", false, &out->unsynced);
    if (settings_integer("TROUPE_TEST_FAULT_COMMIT", 0, INT64_MAX, 0, &commit) != STATUS_OK ||
        settings_parse_integer("TROUPE_TEST_FAULT_READ", number, 0, INT64_MAX, &read) !=
            STATUS_OK ||
        settings_integer("TROUPE_TEST_GAP_MS", 1, INT32_MAX, GAP_MS, &out->gap_ms) != STATUS_OK) {
        status = STATUS_INVALID;
    }
    out->fault_commit = (uint64_t)commit;
    out->fault_read = (uint64_t)read;
    return status;
}

enum status options_read(struct broker_options *out)
{
    int64_t space_floor = SPACE_FLOOR;
    *out = (struct broker_options){0};
    core_options_default(&out->core);
    bool good = options_gateway_endpoint(&out->gateway_endpoint) == STATUS_OK;
    good &= settings_endpoint("TROUPE_ACTOR_ENDPOINT", &out->actor_endpoint) == STATUS_OK;
    out->data_directory = required("TROUPE_DATA");
    good &= out->data_directory != NULL;
    out->metrics_address = settings_text("TROUPE_METRICS", NULL);
    good &=
        out->metrics_address == NULL || metrics_address_check(out->metrics_address) == STATUS_OK;
    good &= read_rates(&out->core) == STATUS_OK;
    good &= read_caps(&out->core) == STATUS_OK;
    good &= read_retention(&out->core.retention) == STATUS_OK;
    good &= read_budgets(&out->core) == STATUS_OK;
    good &= settings_integer("TROUPE_SPACE_FLOOR", 0, INT64_MAX, SPACE_FLOOR, &space_floor) ==
            STATUS_OK;
    good &= read_faults(out) == STATUS_OK;
    out->space_floor = (uint64_t)space_floor;
    return good ? STATUS_OK : STATUS_INVALID;
}
