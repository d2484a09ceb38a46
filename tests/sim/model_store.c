#include <assert.h>
#include <string.h>
#include "broker/keys.h"
#include "broker/query.h"
#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* The store between two turns: replayed, it is the memory. */

/* Every field that the store keeps. */
#define HEAD_FIELDS(FIELD) \
    FIELD(id)              \
    FIELD(character)       \
    FIELD(media)           \
    FIELD(source)          \
    FIELD(worker)          \
    FIELD(display_id)      \
    FIELD(step)            \
    FIELD(created_at)      \
    FIELD(started_at)      \
    FIELD(completed_at)    \
    FIELD(attempt_at)      \
    FIELD(next_attempt_at) \
    FIELD(start_by)        \
    FIELD(deadline)        \
    FIELD(stop_by)         \
    FIELD(accepted)        \
    FIELD(version)         \
    FIELD(lease)           \
    FIELD(paid_lease)      \
    FIELD(attempt)         \
    FIELD(attempts_made)   \
    FIELD(workers_lost)    \
    FIELD(open_before)     \
    FIELD(kind)            \
    FIELD(state)           \
    FIELD(priority)        \
    FIELD(progress)        \
    FIELD(operations)      \
    FIELD(webhook_events)  \
    FIELD(retries)         \
    FIELD(flags)           \
    FIELD(spent)           \
    FIELD(uncertain)       \
    FIELD(estimate)        \
    FIELD(expected)        \
    FIELD(open_price)      \
    FIELD(open)

struct comparison {
    struct world *world;
    struct core *other;
    uint32_t count;
};

static void compare_job(void *context, const struct job *job, struct slice owner)
{
    struct comparison *comparison = context;
    struct world *world = comparison->world;
    const struct job *other = core_find(comparison->other, &job->id);
    uint32_t number = model_job_number(&world->model, model_find(&world->model, &job->id));
    comparison->count++;
    world_check(world, "the store replayed is the memory", other != NULL,
                "job %u is not in the store", number);
    world_check(world, "the store replayed is the memory",
                slice_equal(owner, core_owner(comparison->other, other)), "owner of job %u",
                number);
    const struct job_links *links = core_links(world->shell.core, job);
    const struct job_links *others = core_links(comparison->other, other);
    bool same = links == NULL ? others == NULL
                              : others != NULL && memcmp(links, others, sizeof(*links)) == 0;
    world_check(world, "the store replayed is the memory", same, "links of job %u", number);
#define COMPARE_FIELD(name)                                                                   \
    world_check(world, "the store replayed is the memory",                                    \
                memcmp(&job->name, &other->name, sizeof(job->name)) == 0, "%s of job %u, %s", \
                #name, number, job_state_name(job->state));
    HEAD_FIELDS(COMPARE_FIELD)
#undef COMPARE_FIELD
}

static void count_job(void *context, const struct job *job, struct slice owner)
{
    (void)job;
    (void)owner;
    ((struct comparison *)context)->count++;
}

static enum status restore_other(void *context, const struct job_value *value)
{
    struct comparison *comparison = context;
    const struct job_links *links = value->is_linked ? &value->links : NULL;
    enum status status =
        core_restore(comparison->other, &value->head, value->owner, links, comparison->world->now);
    if (status == STATUS_OK) {
        core_restore_error(comparison->other, &value->head.id, value->error_code,
                           value->error_message);
    }
    return status;
}

bool model_draft_is_kept(struct slice code)
{
    return !slice_equal(code, SLICE_LITERAL("character_deleted")) &&
           !slice_equal(code, SLICE_LITERAL("media_deleted"));
}

/* A draft goes with its job, or when that has completed or cannot be tried again. */
static bool check_draft(void *context, struct slice key, struct slice value)
{
    struct comparison *comparison = context;
    struct id job;
    (void)value;
    assert(key.size == 1 + sizeof(job));
    memcpy(&job, key.data + 1, sizeof(job));
    const struct model_job *found = model_find(&comparison->world->model, &job);
    bool is_wanted = found != NULL && found->durable.draft != 0 && !found->durable.expired;
    world_check(comparison->world, "drafts go with their jobs", is_wanted, "one is left");
    return is_wanted;
}

void model_check_restore(struct world *world)
{
    static const uint8_t draft_first = KEY_DRAFT;
    static const uint8_t draft_end = KEY_DRAFT + 1;
    struct comparison comparison = {.world = world};
    struct core_options options;
    core_options_default(&options);
    options.event_last = world->model.event_last;
    options.commit_last = world->store.synced;
    enum status status = core_new(&options, world->now, &comparison.other);
    assert(status == STATUS_OK);
    struct store_view view;
    store_view_init(&view, &world->store, world->store.synced, world->store.synced);
    model_money_restore(world, comparison.other, &view.view);
    status = query_live(&view.view, restore_other, &comparison);
    world_check(world, "the store replayed is the memory", status == STATUS_OK, "restore: %s",
                status_name(status));
    status = view.view.methods->scan(&view.view, slice_make(&draft_first, 1),
                                     slice_make(&draft_end, 1), check_draft, &comparison);
    assert(status == STATUS_OK);
    core_check(comparison.other);
    core_each(world->shell.core, compare_job, &comparison);
    model_money_compare(world, comparison.other);
    uint32_t count = comparison.count;
    comparison.count = 0;
    core_each(comparison.other, count_job, &comparison);
    world_check(world, "the store replayed is the memory", count == comparison.count,
                "%u jobs in the store, %u in memory", comparison.count, count);
    core_destroy(&comparison.other);
    world_seen(world, SEEN_RESTORED);
}
