#include "gateway/removals.h"

#include "base/log.h"
#include "gateway/gateway.h"

void removals_init(struct removals *removals, struct gateway *gateway)
{
    *removals = (struct removals){.gateway = gateway};
    buffer_init(&removals->ended, REMOVED_SIZE_MAX);
}

void removals_fini(struct removals *removals)
{
    if (removals->gateway != NULL) {
        requests_remove(&removals->gateway->requests, &removals->request);
    }
    buffer_fini(&removals->ended);
}

void removals_wake(struct removals *removals, int64_t now_ms)
{
    removals->due_ms = now_ms;
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
    removals->due_ms = now_ms + (removals->unfinished ? TICK_MS : REMOVALS_MS);
    removals->unfinished = false;
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
    if (now_ms < removals->due_ms || list_is_linked(&removals->request.node) ||
        !session_is_current(&gateway->session, now_ms)) {
        return;
    }
    buffer_clear(&removals->ended);
    *message = (struct message){.type = MESSAGE_TYPE_LIST_REMOVALS};
    message->list_removals.limit = LIST_LIMIT_MAX;
    message->list_removals.after = removals->after;
    removals->request.done = on_page;
    gateway_ask(gateway, &removals->request);
}
