#include "broker/history.h"

#include <assert.h>
#include <stdlib.h>
#include "broker/bytes.h"
#include "broker/keys.h"
#include "broker/values.h"

enum {
    MINUTE_MS = 60000,
    BUCKETS = 21, /* of HISTOGRAM_JOB, the last included */
    SLOTS_MAX = HISTORY_POINTS_MAX,
    ENDS = 3,                                                   /* terminal states */
    SLOT_SIZE = 1 + 8 + 4 * (1 + ENDS) + 2 * (8 + 4 * BUCKETS), /* bytes of a value */
};

static const struct {
    int64_t step_ms;
    uint32_t slots;
} ranges[HISTORY_RANGE_COUNT] = {
    [HISTORY_HOUR] = {MINUTE_MS, 60},
    [HISTORY_DAY] = {15 * MINUTE_MS, 96},
    [HISTORY_MONTH] = {360 * MINUTE_MS, 120},
};

static const enum job_state ends[ENDS] = {JOB_STATE_COMPLETED, JOB_STATE_FAILED,
                                          JOB_STATE_CANCELLED};

/* As in the store: numbers of one step are small. */
struct times {
    uint64_t sum;
    uint32_t counts[BUCKETS];
};

struct slot {
    int64_t at; /* 0: nothing is known */
    uint32_t started;
    uint32_t ended[ENDS];
    struct times waits;
    struct times runs;
    bool changed;
};

struct history {
    int64_t written_at; /* the last write; or the start */
    struct meters last[JOB_KIND_COUNT];
    struct slot slots[HISTORY_RANGE_COUNT][JOB_KIND_COUNT][SLOTS_MAX];
};

enum status history_new(int64_t now, struct history **out)
{
    assert(HISTOGRAM_JOB.count + 1 == BUCKETS);
    *out = calloc(1, sizeof **out);
    if (*out == NULL) {
        return STATUS_NO_MEMORY;
    }
    (*out)->written_at = now;
    return STATUS_OK;
}

void history_destroy(struct history **history)
{
    free(*history);
    *history = NULL;
}

int64_t history_step_ms(enum history_range range)
{
    return ranges[range].step_ms;
}

uint32_t history_points(enum history_range range)
{
    return ranges[range].slots;
}

static int64_t step_of(enum history_range range, int64_t time)
{
    return time - time % ranges[range].step_ms;
}

static uint32_t place_of(enum history_range range, int64_t at)
{
    return (uint32_t)(at / ranges[range].step_ms % ranges[range].slots);
}

/* ---- counting ---- */

static uint32_t add(uint32_t sum, uint64_t more)
{
    return more > UINT32_MAX - sum ? UINT32_MAX : sum + (uint32_t)more;
}

static void add_times(struct times *times, const struct histogram *more)
{
    times->sum += more->sum;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        times->counts[bucket] = add(times->counts[bucket], more->counts[bucket]);
    }
}

static void add_to_slot(struct slot *slot, int64_t at, const struct meters *more)
{
    if (slot->at != at) {
        *slot = (struct slot){.at = at};
    }
    slot->started = add(slot->started, more->started);
    for (int end = 0; end < ENDS; end++) {
        slot->ended[end] = add(slot->ended[end], more->ended[ends[end]]);
    }
    add_times(&slot->waits, &more->waits);
    add_times(&slot->runs, &more->runs);
    slot->changed = true;
}

/* What was counted since: a run ends with an attempt, and not always a job with it. */
static bool subtract(struct meters *meters, const struct meters *last)
{
    bool changed = meters->started != last->started;
    meters->started -= last->started;
    for (int end = 0; end < ENDS; end++) {
        changed |= meters->ended[ends[end]] != last->ended[ends[end]];
        meters->ended[ends[end]] -= last->ended[ends[end]];
    }
    histogram_subtract(&meters->waits, &last->waits);
    histogram_subtract(&meters->runs, &last->runs);
    return changed || histogram_count(&meters->runs) > 0;
}

void history_take(struct history *history, enum job_kind kind, const struct meters *meters,
                  int64_t now)
{
    struct meters more = *meters;
    if (!subtract(&more, &history->last[kind])) {
        return;
    }
    history->last[kind] = *meters;
    for (int range = 0; range < HISTORY_RANGE_COUNT; range++) {
        int64_t at = step_of((enum history_range)range, now);
        uint32_t place = place_of((enum history_range)range, at);
        add_to_slot(&history->slots[range][kind][place], at, &more);
    }
}

bool history_is_due(const struct history *history, int64_t now)
{
    return now / MINUTE_MS != history->written_at / MINUTE_MS;
}

int64_t history_minute(const struct history *history)
{
    return step_of(HISTORY_HOUR, history->written_at) + MINUTE_MS - 1;
}

/* ---- the store ---- */

static uint8_t *write_times(uint8_t *out, const struct times *times)
{
    out = bytes_put_64(out, times->sum);
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        out = bytes_put_32(out, times->counts[bucket]);
    }
    return out;
}

static const uint8_t *read_times(const uint8_t *from, struct times *times)
{
    times->sum = bytes_get_64(from);
    from += 8;
    for (int bucket = 0; bucket < BUCKETS; bucket++, from += 4) {
        times->counts[bucket] = bytes_get_32(from);
    }
    return from;
}

static void write_slot(const struct slot *slot, uint8_t out[SLOT_SIZE])
{
    uint8_t *end = out;
    *end++ = VALUE_FORMAT;
    end = bytes_put_64(end, (uint64_t)slot->at);
    end = bytes_put_32(end, slot->started);
    for (int state = 0; state < ENDS; state++) {
        end = bytes_put_32(end, slot->ended[state]);
    }
    end = write_times(end, &slot->waits);
    end = write_times(end, &slot->runs);
    assert(end == out + SLOT_SIZE);
}

static void read_slot(const uint8_t *from, struct slot *out)
{
    *out = (struct slot){.at = (int64_t)bytes_get_64(from + 1)};
    from += 9;
    out->started = bytes_get_32(from);
    from += 4;
    for (int state = 0; state < ENDS; state++, from += 4) {
        out->ended[state] = bytes_get_32(from);
    }
    read_times(read_times(from, &out->waits), &out->runs);
}

enum status history_load(struct history *history, struct slice key, struct slice value, int64_t now)
{
    uint8_t range;
    uint8_t kind;
    uint8_t place;
    struct slot slot;
    if (!key_read_history(key, &range, &kind, &place) || range >= HISTORY_RANGE_COUNT ||
        kind >= JOB_KIND_COUNT || place >= ranges[range].slots) {
        return STATUS_MALFORMED;
    }
    if (value.size != SLOT_SIZE || value.data[0] != VALUE_FORMAT) {
        return STATUS_OK;
    }
    read_slot(value.data, &slot);
    if (slot.at > 0 && slot.at <= now && slot.at % ranges[range].step_ms == 0 &&
        place_of((enum history_range)range, slot.at) == place) {
        history->slots[range][kind][place] = slot;
    }
    return STATUS_OK;
}

enum status history_write(struct history *history, struct batch *batch, int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    uint8_t value[SLOT_SIZE];
    for (int range = 0; range < HISTORY_RANGE_COUNT; range++) {
        for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
            for (uint32_t place = 0; place < ranges[range].slots; place++) {
                struct slot *slot = &history->slots[range][kind][place];
                if (!slot->changed) {
                    continue;
                }
                write_slot(slot, value);
                struct slice name = key_history(key, (uint8_t)range, (uint8_t)kind, (uint8_t)place);
                enum status status = batch_put(batch, name, slice_make(value, SLOT_SIZE));
                if (status != STATUS_OK) {
                    return status;
                }
                slot->changed = false;
            }
        }
    }
    history->written_at = now;
    return STATUS_OK;
}

/* ---- reading ---- */

static void sum_times(struct histogram *sum, const struct times *times)
{
    sum->sum += times->sum;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        sum->counts[bucket] += times->counts[bucket];
    }
}

void history_read(const struct history *history, enum history_range range, uint32_t kinds,
                  uint32_t index, int64_t now, struct history_point *out)
{
    assert(index < ranges[range].slots);
    int64_t ago_ms = (int64_t)(ranges[range].slots - 1 - index) * ranges[range].step_ms;
    *out = (struct history_point){.at = step_of(range, now) - ago_ms};
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        const struct slot *slot = &history->slots[range][kind][place_of(range, out->at)];
        if ((kinds & 1u << kind) == 0 || slot->at != out->at) {
            continue;
        }
        out->started += slot->started;
        for (int end = 0; end < ENDS; end++) {
            out->ended[ends[end]] += slot->ended[end];
        }
        sum_times(&out->waits, &slot->waits);
        sum_times(&out->runs, &slot->runs);
    }
}
