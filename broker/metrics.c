#include "broker/metrics.h"

#include <string.h>
#include "broker/broker.h"

enum status broker_metrics_open(struct broker *broker)
{
    const char *address = broker->options->metrics_address;
    if (address == NULL) {
        return STATUS_OK;
    }
    return metrics_listener_new(address, sizeof(struct broker_snapshot), broker_metrics_write,
                                broker->store, &broker->metrics);
}

void broker_metrics_commit(struct broker *broker, int64_t took_us)
{
    struct broker_meters *meters = &broker->meters;
    if (broker->batch.count > 0) {
        histogram_add(&meters->commits, &HISTOGRAM_REQUEST, (uint64_t)took_us);
        histogram_add(&meters->commit_sizes, &HISTOGRAM_COUNT, broker->batch.count);
    }
}

static void note_money(const struct broker *broker, struct broker_snapshot *snapshot)
{
    for (uint32_t place = 0; place < PROVIDERS_MAX; place++) {
        struct provider_money *money = &snapshot->money[place];
        struct slice name;
        if (core_provider_spent(broker->core, place, &name, money->spent)) {
            money->name_size = (uint8_t)name.size;
            memcpy(money->name, name.data, name.size);
        }
    }
}

static void note_account(const struct message_provider_state *told, int64_t now,
                         struct provider_meter *meter)
{
    meter->blocked_ms = told->blocked_until > now ? told->blocked_until - now : 0;
    meter->windows[ACCOUNT_WINDOW_SECOND] =
        (struct provider_window){told->limit_second, told->used_second};
    meter->windows[ACCOUNT_WINDOW_MINUTE] =
        (struct provider_window){told->limit_minute, told->used_minute};
    meter->windows[ACCOUNT_WINDOW_DAY] = (struct provider_window){told->limit_day, told->used_day};
}

static void note_providers(const struct broker *broker, struct broker_snapshot *snapshot)
{
    struct message_provider_state told[PROVIDERS_MAX];
    snapshot->provider_count = core_providers(broker->core, broker->now, told);
    for (uint32_t index = 0; index < snapshot->provider_count; index++) {
        struct provider_meter *meter = &snapshot->providers[index];
        memcpy(meter->name, told[index].provider.data, told[index].provider.size);
        meter->breaker = told[index].breaker;
        meter->workers = told[index].workers;
        meter->waiting = told[index].waiting;
        note_account(&told[index], broker->now, meter);
    }
}

void broker_metrics_turn(struct broker *broker)
{
    struct broker_snapshot snapshot = {.now = broker->now};
    if (broker->metrics == NULL || broker->now - broker->metrics_at < METRICS_PUBLISH_MS) {
        return;
    }
    broker->metrics_at = broker->now;
    core_statistics(broker->core, &snapshot.core);
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        snapshot.queues[kind] = *core_meters(broker->core, (enum job_kind)kind);
    }
    note_providers(broker, &snapshot);
    note_money(broker, &snapshot);
    snapshot.recorder = recorder_totals(broker->recorder);
    snapshot.shell = broker->meters;
    snapshot.gateways = broker->gateways.peers.count;
    snapshot.actors = broker->actors.peers.count;
    const struct broker_refusals refusals = broker_refusals(broker, &snapshot.core);
    snapshot.refused = refusals.refused;
    snapshot.sessionless = refusals.sessionless;
    snapshot.space_low = broker->space_low;
    metrics_listener_publish(broker->metrics, &snapshot);
}
