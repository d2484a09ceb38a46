#include "broker/core/keyed.h"
#include "broker/core/state.h"
#include "proto/bulk_refusal.h"

/*
 * START_BULK, STOP_BULK, and the pages of jobs that readers find for a bulk. Each job is handed in
 * as if its own request had come, and its answer counted in place of being sent. How far the bulk
 * is becomes durable in the batch of what it has done: after a crash it goes on there, and does
 * nothing twice.
 */

/* ---- START_BULK ---- */

static bool is_valid(const struct message_start_bulk *start, const struct keyed *keyed)
{
    return !id_is_zero(&start->bulk) && start->user.size > 0 && start->jobs.size % ID_SIZE == 0 &&
           (start->action != JOB_ACTION_PRIORITY || start->priority != 0) && keyed_is_valid(keyed);
}

/* It has those jobs before it that are there now. */
static void begin(struct core *core, const struct message_start_bulk *start)
{
    uint32_t total = (uint32_t)(start->jobs.size / ID_SIZE);
    uint64_t first = total > 0 ? total : core->event_last + 1;
    uint8_t states = id_is_zero(&start->error_group) ? start->states : 1 << JOB_STATE_FAILED;
    const struct message_bulk told = {
        .bulk = start->bulk,
        .action = start->action,
        .user = start->user,
        .started_at = core->now,
        .first = first,
        .place = first,
        .total = total,
        .priority = start->priority,
        .states = states,
        .where = start->where,
    };
    struct id gone;
    if (bulks_forget(&core->bulks, &gone)) {
        emit(core, EFFECT_BULK_GONE)->id = gone;
    }
    struct effect *effect = emit(core, EFFECT_BULK);
    effect->bulk = bulks_add(&core->bulks, &told);
    effect->start = start;
}

void core_start_bulk(struct core *core, const struct core_event *event)
{
    const struct message_start_bulk *start = &event->message->start_bulk;
    const struct keyed keyed = {start->user, start->key, start->key_hash};
    struct message_reply reply = {.job = start->bulk};
    if (!is_valid(start, &keyed)) {
        reply.code = REPLY_CODE_INVALID;
    } else if (bulks_find(&core->bulks, &start->bulk) != NULL) {
        reply.replayed = true;
    } else if (keyed_is_open(core, &keyed, event->facts)) {
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
        return;
    } else if (keyed_judge(&keyed, event->facts) == KEYED_REPEAT) {
        reply.job = event->facts->key_job;
        reply.replayed = true;
    } else if (keyed_judge(&keyed, event->facts) == KEYED_REUSED) {
        reply.code = REPLY_CODE_KEY_REUSED;
    } else if (bulks_live(&core->bulks) == BULKS_LIVE_MAX) {
        reply.code = REPLY_CODE_TOO_MANY_BULKS;
    } else if (start->action == JOB_ACTION_RETRY && core->space_low) {
        reply.code = REPLY_CODE_DISK_FULL; /* each of the jobs would be refused */
    } else {
        begin(core, start);
        keyed_note(core, &keyed, &start->bulk);
    }
    emit_reply(core, event, start->request, reply);
}

/* ---- STOP_BULK ---- */

static void end(struct core *core, struct bulk *bulk, enum bulk_state state)
{
    assert(bulk_is_live(bulk));
    bulk->told.state = (uint8_t)state;
    bulk->told.completed_at = core->now;
}

void core_stop_bulk(struct core *core, const struct core_event *event)
{
    const struct message_stop_bulk *stop = &event->message->stop_bulk;
    struct bulk *bulk = bulks_find_own(&core->bulks, &stop->bulk);
    struct message_reply reply = {.job = stop->bulk};
    if (bulk == NULL) {
        reply.code = REPLY_CODE_NOT_FOUND;
    } else if (bulk_is_live(bulk)) {
        end(core, bulk, BULK_STATE_CANCELLED);
        emit(core, EFFECT_BULK)->bulk = bulk;
    } else if (bulk->told.state == BULK_STATE_COMPLETED) {
        reply.code = REPLY_CODE_ALREADY_ENDED;
    }
    emit_reply(core, event, stop->request, reply);
}

/* ---- pages ---- */

/* Whether a job has ended that was to be what only live ones can be. */
static bool has_ended(const struct core *core, const struct bulk *bulk,
                      const struct bulk_item *item)
{
    uint8_t action = bulk->told.action;
    return action != JOB_ACTION_RETRY && action != JOB_ACTION_REMOVE && item->found &&
           core_index(core, &item->job) == JOB_NONE;
}

/* Whether a job still is what was asked for: a live one may have moved on since it was found. */
static bool suits(const struct core *core, const struct bulk *bulk, const struct bulk_item *item)
{
    uint32_t index = core_index(core, &item->job);
    uint8_t action = bulk->told.action;
    if (index == JOB_NONE) {
        return item->found && (action == JOB_ACTION_RETRY || action == JOB_ACTION_REMOVE);
    }
    return bulk->told.states == 0 || (bulk->told.states & 1u << core_job(core, index)->state) != 0;
}

/* Hands in the request for one job, from nobody. */
static void perform(struct core *core, const struct bulk *bulk, const struct bulk_item *item)
{
    struct slice user = slice_make(bulk->user, bulk->user_size);
    struct message message = {.type = MESSAGE_TYPE_CHANGE_JOB};
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY, .message = &message, .facts = &item->facts};
    switch ((enum job_action)bulk->told.action) {
    case JOB_ACTION_RETRY:
        message.type = MESSAGE_TYPE_RETRY_JOB;
        message.retry_job =
            (struct message_retry_job){.job = item->job, .owner = user, .admin = true};
        core_retry(core, &event);
        break;
    case JOB_ACTION_CANCEL:
        message.type = MESSAGE_TYPE_CANCEL_JOB;
        message.cancel_job =
            (struct message_cancel_job){.job = item->job, .owner = user, .admin = true};
        core_cancel(core, &event);
        break;
    case JOB_ACTION_PROMOTE:
    case JOB_ACTION_REMOVE:
    case JOB_ACTION_PRIORITY:
        message.change_job = (struct message_change_job){.job = item->job,
                                                         .action = bulk->told.action,
                                                         .user = user,
                                                         .priority = bulk->told.priority};
        core_change(core, &event);
        break;
    }
}

/* Why a job is refused that was not asked for it. */
static enum bulk_refusal unasked(const struct core *core, const struct bulk_item *item)
{
    bool is_known = item->found || core_index(core, &item->job) != JOB_NONE;
    return item->damaged ? BULK_REFUSAL_DAMAGED
           : is_known    ? BULK_REFUSAL_CHANGED
                         : BULK_REFUSAL_NOT_FOUND;
}

static void count(struct message_bulk *told, bool is_done, bool is_ended, enum bulk_refusal refusal)
{
    assert(!is_done || !is_ended);
    told->matched++;
    told->done += is_done;
    told->refused += !is_done;
    told->ended += is_ended;
    if (!is_done && !is_ended) {
        bulk_refusal_add(told, refusal);
    }
}

/* Does what is to be done with one job, and counts it. Returns false when it must be looked at
 * again first. */
static bool take(struct core *core, struct bulk *bulk, const struct bulk_item *item)
{
    bool is_done = false;
    bool is_ended = has_ended(core, bulk, item);
    enum bulk_refusal refusal = unasked(core, item);
    if (!item->damaged && suits(core, bulk, item)) {
        perform(core, bulk, item);
        /* The answer comes last, and nobody waits for it. */
        const struct effect *last = &core->effects->items[--core->effects->count];
        if (last->type == EFFECT_RESOLVE) {
            return false;
        }
        assert(last->type == EFFECT_REPLY);
        is_done = last->reply.code == REPLY_CODE_OK;
        refusal = bulk_refusal_of((enum reply_code)last->reply.code);
        core->statistics.refused -= !is_done; /* no request: the operation counts it itself */
    }
    count(&bulk->told, is_done, is_ended, refusal);
    return true;
}

void core_page(struct core *core, const struct bulk_page *page)
{
    struct bulk *bulk = bulks_find_own(&core->bulks, &page->bulk);
    uint32_t index = 0;
    uint64_t scanned = 0;
    assert(page->count <= BULK_PAGE_MAX);
    if (bulk == NULL || !bulk_is_live(bulk) || bulk->told.place != page->place) {
        return; /* it was stopped meanwhile */
    }
    /* Effects point to the links of jobs that are revived: these must not move within the step. */
    if (groups_reserve(&core->groups, page->count) != STATUS_OK) {
        return; /* the same page is looked for again */
    }
    while (index < page->count && emit_has_room(core, EFFECTS_TICK_MAX) &&
           take(core, bulk, &page->items[index])) {
        const struct bulk_item *item = &page->items[index++];
        assert(item->place < bulk->told.place);
        bulk->told.place = item->place;
        scanned = item->scanned;
    }
    if (index == page->count) {
        assert(page->place_end <= bulk->told.place);
        bulk->told.place = page->place_end;
        scanned = page->scanned;
    }
    bulk->told.scanned += scanned;
    if (bulk->told.place == 0) {
        end(core, bulk, BULK_STATE_COMPLETED);
    }
    emit(core, EFFECT_BULK)->bulk = bulk;
}

/* ---- restart, questions ---- */

/* Whether no more are explained than were refused. */
static bool are_refused(const struct message_bulk *stored)
{
    uint64_t left = stored->refused - stored->ended;
    for (uint32_t refusal = 0; refusal < BULK_REFUSAL_COUNT; refusal++) {
        uint64_t explained = bulk_refusal_count(stored, (enum bulk_refusal)refusal);
        if (explained > left) {
            return false;
        }
        left -= explained;
    }
    return true;
}

enum status core_restore_bulk(struct core *core, const struct message_bulk *stored)
{
    assert(!core->started);
    bool is_sound = stored->place <= stored->first &&
                    stored->done + stored->refused == stored->matched &&
                    stored->ended <= stored->refused && are_refused(stored) &&
                    (stored->state == BULK_STATE_RUNNING) == (stored->completed_at == 0) &&
                    (stored->state == BULK_STATE_COMPLETED) == (stored->place == 0) &&
                    core->bulks.count < BULKS_MAX && stored->user.size > 0;
    if (!is_sound) {
        return STATUS_MALFORMED;
    }
    bulks_add(&core->bulks, stored);
    return STATUS_OK;
}

const struct bulks *core_bulks(const struct core *core)
{
    return &core->bulks;
}

const struct bulk *core_bulk_next(struct core *core)
{
    return bulks_next(&core->bulks);
}
