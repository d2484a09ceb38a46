#include "gateway/removals.h"

#include "base/log.h"
#include "gateway/gateway.h"

static void on_objects_removed(void *owner);

void removals_init(struct removals *removals, struct gateway *gateway)
{
    *removals = (struct removals){.gateway = gateway};
    buffer_init(&removals->ended, REMOVED_SIZE_MAX);
    bucket_removals_init(&removals->objects, &gateway->bucket_line, &removals->ended,
                         on_objects_removed, removals);
}

void removals_fini(struct removals *removals)
{
    if (removals->gateway != NULL) {
        requests_remove(&removals->gateway->requests, &removals->request);
    }
    bucket_removals_fini(&removals->objects);
    buffer_fini(&removals->ended);
}

void removals_wake(struct removals *removals, int64_t now_ms)
{
    removals->is_woken = true;
    if (removals->failures == 0) {
        removals->due_ms = now_ms;
    }
}

/* ---- the answers ---- */

/* Whatever became of it: what is still remembered comes again in the next round. */
static void on_removed(struct request *request, const struct answer *answer)
{
    (void)request;
    (void)answer;
}

/* Tells the broker what is gone. */
static void confirm(struct removals *removals)
{
    struct message *message = &removals->request.message;
    *message = (struct message){.type = MESSAGE_TYPE_REMOVED};
    message->removed.ids = buffer_slice(&removals->ended);
    removals->request.done = on_removed;
    gateway_ask(removals->gateway, &removals->request);
}

/* Removes the assets of one. Something may still be written while an attempt could be at work, so
 * that it ends only after that. Returns whether to go on. */
static bool remove_one(struct removals *removals, const struct message_removal *removal,
                       int64_t now_ms, uint32_t *left)
{
    const struct assets *assets = &removals->gateway->assets;
    enum status status = removal->url.size > 0
                             ? assets_remove(assets, &removal->character, removal->url)
                             : assets_remove_character(assets, &removal->character, left);
    if (status == STATUS_IO) {
        log_error("assets of what was deleted cannot be removed", "");
    }
    removals->unfinished |= status == STATUS_AGAIN;
    if (status == STATUS_OK && now_ms - removal->at >= ASSETS_SETTLE_MS) {
        status = buffer_append(&removals->ended, removal->id.bytes, ID_SIZE);
    }
    removals->after = removal->id;
    return *left > 0;
}

/* A round is over: the next one comes soon when something is left to do. */
static void round_end(struct removals *removals, int64_t now_ms)
{
    removals->after = (struct id){0};
    removals->due_ms =
        now_ms + (removals->unfinished || removals->is_woken ? TICK_MS : REMOVALS_MS);
    removals->unfinished = false;
}

/* After a failure the round begins again, later and later while the bucket does not work. */
static void on_objects_removed(void *owner)
{
    struct removals *removals = owner;
    struct bucket_removals *objects = &removals->objects;
    int64_t now_ms = gateway_now_ms(removals->gateway);
    if (objects->has_failed) {
        int64_t pause_ms = (int64_t)BUCKET_PAUSE_MS_MIN << removals->failures;
        bool is_long = pause_ms >= BUCKET_PAUSE_MS_MAX;
        removals->failures += !is_long;
        removals->after = (struct id){0};
        removals->due_ms = now_ms + (is_long ? BUCKET_PAUSE_MS_MAX : pause_ms);
    } else {
        removals->failures = 0;
        removals->after = removals->last;
        removals->unfinished |= objects->unfinished;
        if (removals->is_last_page) {
            objects->is_behind = removals->unfinished;
            round_end(removals, now_ms);
        }
    }
    if (removals->ended.size > 0) {
        confirm(removals);
    }
}

/* Hands a page to the bucket. */
static void objects_remove(struct removals *removals, const struct answer *answer, int64_t now_ms)
{
    struct frame_reader records = answer->records;
    struct slice page = slice_make(records.position, (size_t)(records.end - records.position));
    uint32_t count = answer->message->removal_page.count;
    struct message record;
    for (uint32_t index = 0; index < count; index++) {
        if (frame_next(&records, &record) == STATUS_OK && record.type == MESSAGE_TYPE_REMOVAL) {
            removals->last = record.removal.id;
        }
    }
    page.size -= (size_t)(records.end - records.position);
    removals->is_last_page = count < LIST_LIMIT_MAX;
    bucket_removals_begin(&removals->objects, page, now_ms);
}

static void on_page(struct request *request, const struct answer *answer)
{
    struct removals *removals = LIST_OWNER(request, struct removals, request);
    int64_t now_ms = gateway_now_ms(removals->gateway);
    uint32_t left = ASSETS_REMOVED_MAX;
    bool more = true;
    if (answer->message == NULL || answer->message->removal_page.code != REPLY_CODE_OK) {
        round_end(removals, now_ms);
        return;
    }
    if (removals->gateway->assets.bucket != NULL) {
        objects_remove(removals, answer, now_ms);
        return;
    }
    struct frame_reader records = answer->records;
    uint32_t count = answer->message->removal_page.count;
    for (uint32_t index = 0; index < count && more; index++) {
        struct message record;
        if (frame_next(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_REMOVAL) {
            break;
        }
        more = remove_one(removals, &record.removal, now_ms, &left);
    }
    if (more && count < LIST_LIMIT_MAX) {
        round_end(removals, now_ms);
    }
    if (removals->ended.size > 0) {
        confirm(removals);
    }
}

/* ---- the question ---- */

void removals_tick(struct removals *removals, int64_t now_ms)
{
    struct gateway *gateway = removals->gateway;
    struct message *message = &removals->request.message;
    if (removals->objects.is_running || now_ms < removals->due_ms ||
        list_is_linked(&removals->request.node) || !session_is_current(&gateway->session, now_ms)) {
        return;
    }
    buffer_clear(&removals->ended);
    removals->is_woken = removals->is_woken && !id_is_zero(&removals->after);
    *message = (struct message){.type = MESSAGE_TYPE_LIST_REMOVALS};
    message->list_removals.limit = LIST_LIMIT_MAX;
    message->list_removals.after = removals->after;
    removals->request.done = on_page;
    gateway_ask(gateway, &removals->request);
}
