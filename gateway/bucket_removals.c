#include "gateway/bucket_removals.h"

#include <assert.h>
#include "base/log.h"
#include "proto/codec.h"

static void step(struct bucket_removals *removals);

void bucket_removals_init(struct bucket_removals *removals, struct bucket_line *line,
                          struct buffer *ended, bucket_removals_function *function, void *owner)
{
    *removals = (struct bucket_removals){
        .line = line, .function = function, .owner = owner, .ended = ended, .is_behind = true};
    buffer_init(&removals->page, FRAME_SIZE_MAX);
}

void bucket_removals_fini(struct bucket_removals *removals)
{
    for (size_t index = 0; index < BUCKET_REMOVALS_MAX; index++) {
        bucket_removal_cancel(&removals->lanes[index].work);
    }
    buffer_fini(&removals->page);
}

static void on_removed(void *context, enum status status)
{
    struct bucket_removal_lane *lane = context;
    struct bucket_removals *removals = lane->removals;
    lane->is_taken = false;
    removals->unfinished |= status == STATUS_AGAIN;
    removals->has_failed |= status == STATUS_IO;
    if (status == STATUS_OK && removals->now_ms - lane->at_ms >= ASSETS_SETTLE_MS &&
        buffer_append(removals->ended, lane->id.bytes, ID_SIZE) != STATUS_OK) {
        removals->has_failed = true;
    }
    if (!removals->is_stepping) {
        step(removals);
    }
}

/* What was deleted goes at once, and once more when nothing can be written any more. In between
 * lists of what is not there cost money, and are made only when something may have been left. */
static bool is_due(const struct bucket_removals *removals, const struct message_removal *removal)
{
    int64_t age_ms = removals->now_ms - removal->at;
    return removals->is_behind || age_ms < 2 * REMOVALS_MS || age_ms >= ASSETS_SETTLE_MS;
}

/* Reads the next one that is due. Returns whether there is one. */
static bool next_read(struct bucket_removals *removals, struct message *out)
{
    struct slice page = buffer_slice(&removals->page);
    struct slice rest = slice_make(page.data + removals->offset, page.size - removals->offset);
    bool is_found = false;
    while (!is_found && !removals->has_failed && rest.size > 0) {
        is_found = record_read(&rest, out) == STATUS_OK && out->type == MESSAGE_TYPE_REMOVAL &&
                   is_due(removals, &out->removal);
        removals->offset = page.size - rest.size;
    }
    return is_found;
}

static struct bucket_removal_lane *lane_free(struct bucket_removals *removals)
{
    for (size_t index = 0; index < BUCKET_REMOVALS_MAX; index++) {
        if (!removals->lanes[index].is_taken) {
            return &removals->lanes[index];
        }
    }
    return NULL;
}

static bool is_idle(const struct bucket_removals *removals)
{
    for (size_t index = 0; index < BUCKET_REMOVALS_MAX; index++) {
        if (removals->lanes[index].is_taken) {
            return false;
        }
    }
    return true;
}

/* Gives work to all lanes that are free. */
static void step(struct bucket_removals *removals)
{
    struct message message;
    struct bucket_removal_lane *lane;
    removals->is_stepping = true;
    while ((lane = lane_free(removals)) != NULL && next_read(removals, &message)) {
        lane->removals = removals;
        lane->is_taken = true;
        lane->id = message.removal.id;
        lane->at_ms = message.removal.at;
        lane->work.line = removals->line;
        lane->work.function = on_removed;
        lane->work.context = lane;
        bucket_removal_start(&lane->work, &message.removal);
    }
    removals->is_stepping = false;
    if (is_idle(removals)) {
        removals->is_running = false;
        removals->is_behind |= removals->has_failed;
        removals->function(removals->owner);
    }
}

void bucket_removals_begin(struct bucket_removals *removals, struct slice records, int64_t now_ms)
{
    assert(!removals->is_running);
    buffer_clear(&removals->page);
    removals->offset = 0;
    removals->now_ms = now_ms;
    removals->unfinished = false;
    removals->has_failed = buffer_append_slice(&removals->page, records) != STATUS_OK;
    removals->is_running = true;
    step(removals);
}
