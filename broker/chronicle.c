#include "broker/chronicle.h"

#include "broker/broker.h"
#include "broker/keys.h"

struct loading {
    struct history *history;
    const struct view *view;
    int64_t now;
    enum status status;
};

static bool load(void *context, struct slice key, struct slice value)
{
    struct loading *loading = context;
    loading->status = history_load(loading->history, key, value, loading->now);
    if (loading->status == STATUS_MALFORMED) {
        view_note_entry(loading->view);
        loading->status = STATUS_OK;
    }
    return loading->status == STATUS_OK;
}

enum status chronicle_open(struct broker *broker, struct view *view)
{
    static const uint8_t from[] = {KEY_HISTORY};
    static const uint8_t to[] = {KEY_HISTORY + 1};
    enum status status = history_new(broker->now, &broker->history);
    if (status != STATUS_OK) {
        return status;
    }
    struct loading loading = {.history = broker->history, .view = view, .now = broker->now};
    status = view->methods->scan(view, slice_make(from, sizeof from), slice_make(to, sizeof to),
                                 load, &loading);
    status = view_pass_over(view, status); /* a chart has a hole where it cannot be read */
    return status == STATUS_OK ? loading.status : status;
}

static void take_meters(struct broker *broker, int64_t at)
{
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        history_take(broker->history, (enum job_kind)kind,
                     core_meters(broker->core, (enum job_kind)kind), at);
    }
}

enum status chronicle_turn(struct broker *broker)
{
    if (!history_is_due(broker->history, broker->now)) {
        return STATUS_OK;
    }
    take_meters(broker, history_minute(broker->history));
    return history_write(broker->history, &broker->batch, broker->now);
}

enum status chronicle_end(struct broker *broker)
{
    take_meters(broker, broker->now);
    return history_write(broker->history, &broker->batch, broker->now);
}

/* ---- answers ---- */

static struct message point_of(const struct history_point *point)
{
    const struct histogram_bounds *bounds = &HISTOGRAM_JOB;
    return (struct message){.type = MESSAGE_TYPE_HISTORY_POINT,
                            .history_point = {
                                .at = point->at,
                                .started = point->started,
                                .completed = point->ended[JOB_STATE_COMPLETED],
                                .failed = point->ended[JOB_STATE_FAILED],
                                .cancelled = point->ended[JOB_STATE_CANCELLED],
                                .waits = histogram_count(&point->waits),
                                .wait_p50 = histogram_percentile(&point->waits, bounds, 50),
                                .wait_p95 = histogram_percentile(&point->waits, bounds, 95),
                                .runs = histogram_count(&point->runs),
                                .run_p50 = histogram_percentile(&point->runs, bounds, 50),
                                .run_p95 = histogram_percentile(&point->runs, bounds, 95),
                                .wait_p99 = histogram_percentile(&point->waits, bounds, 99),
                                .run_p99 = histogram_percentile(&point->runs, bounds, 99),
                            }};
}

enum status chronicle_write(struct broker *broker, const struct message *request,
                            struct frame_writer *writer)
{
    const struct message_get_history *asked = &request->get_history;
    enum history_range range = (enum history_range)asked->range;
    uint32_t count = history_points(range);
    uint32_t kinds = asked->all ? (1u << JOB_KIND_COUNT) - 1 : 1u << asked->kind;
    const struct message head = {
        .type = MESSAGE_TYPE_HISTORY,
        .history = {.request = asked->request,
                    .step_ms = (uint64_t)history_step_ms(range),
                    .count = count},
    };
    take_meters(broker, broker->now);
    enum status status = frame_write(writer, &head);
    for (uint32_t index = 0; index < count && status == STATUS_OK; index++) {
        struct history_point point;
        history_read(broker->history, range, kinds, index, broker->now, &point);
        const struct message message = point_of(&point);
        status = frame_write(writer, &message);
    }
    return status;
}
