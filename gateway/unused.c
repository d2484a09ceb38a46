#include "gateway/unused.h"

#include <assert.h>
#include <inttypes.h>
#include "base/log.h"
#include "gateway/gateway.h"

static void go_on(struct unused *unused);
static void on_listed(void *context, enum status status, const char *code, const char *words);

static int64_t age_of(const struct unused *unused)
{
    return unused->gateway->settings.unused_age_ms;
}

static int64_t every_ms(const struct unused *unused)
{
    int64_t age_ms = age_of(unused);
    return age_ms < SWEEP_MS ? age_ms : SWEEP_MS;
}

static bool is_bucket(const struct unused *unused)
{
    return unused->gateway->assets.bucket != NULL;
}

void unused_init(struct unused *unused, struct gateway *gateway)
{
    *unused = (struct unused){.gateway = gateway};
    int64_t age_ms = age_of(unused);
    unused->due_ms =
        gateway_now_ms(gateway) + (age_ms < UNUSED_FIRST_MS ? age_ms : UNUSED_FIRST_MS);
}

static void drop(struct unused *unused)
{
    file_walk_fini(&unused->files);
    bucket_walk_fini(&unused->objects);
    bucket_call_cancel(&unused->removal);
    asset_use_fini(&unused->use);
    unused->has_entry = false;
}

void unused_fini(struct unused *unused)
{
    if (unused->gateway != NULL) {
        requests_remove(&unused->gateway->requests, &unused->request);
    }
    drop(unused);
}

/* ---- the end ---- */

static void end(struct unused *unused)
{
    const struct unused_counts *counts = &unused->counts;
    unused->state = UNUSED_IDLE;
    unused->due_ms = gateway_now_ms(unused->gateway) + every_ms(unused);
    drop(unused);
    /* Something to read in the log when something was done, or should be known of. */
    bool is_news = counts->removed > 0 || counts->left > 0 || counts->foreign > 0;
    log_line(is_news ? LOG_INFO : LOG_DEBUG, "assets swept",
             "removed=%" PRIu64 " bytes=%" PRIu64 " seen=%" PRIu64 " kept=%" PRIu64
             " left_alone=%" PRIu64 " not_ours=%" PRIu64,
             counts->removed, counts->removed_bytes, counts->seen, counts->kept, counts->left,
             counts->foreign);
}

/* What failed is tried again after a pause; the walk stays where it is. */
static void stumble(struct unused *unused, const char *code, const char *words)
{
    if (++unused->failures < SWEEP_FAILURES_MAX) {
        unused->state = UNUSED_PAUSING;
        unused->due_ms = gateway_now_ms(unused->gateway) + SWEEP_PAUSE_MS;
        return;
    }
    log_warn("unused assets cannot be swept", "code=%s message=\"%s\"", code, words);
    end(unused);
}

/* ---- what the broker says ---- */

static void ask(struct unused *unused, uint32_t limit, struct slice cursor, request_done *done)
{
    struct message *message = &unused->request.message;
    *message = (struct message){.type = MESSAGE_TYPE_GET_ASSETS};
    message->get_assets.character = unused->entry.character;
    message->get_assets.limit = limit;
    message->get_assets.cursor = cursor;
    unused->request.done = done;
    unused->state = UNUSED_WAITING;
    if (gateway_ask(unused->gateway, &unused->request) != STATUS_OK) {
        stumble(unused, "not_asked", "too many questions wait for the broker");
    }
}

/* Gives the answer, or NULL after a failure. */
static const struct message_asset_names *page_of(struct unused *unused, const struct answer *answer)
{
    if (answer->message == NULL || answer->message->asset_names.code != REPLY_CODE_OK) {
        stumble(unused, "no_answer", "the broker does not tell which assets are used");
        return NULL;
    }
    unused->failures = 0;
    return &answer->message->asset_names;
}

static void on_names(struct request *request, const struct answer *answer)
{
    struct unused *unused = LIST_OWNER(request, struct unused, request);
    const struct message_asset_names *page = page_of(unused, answer);
    if (page == NULL) {
        return;
    }
    if (!page->known && !page->gone) { /* what is used cannot be read: all of it is left */
        unused->use.is_known = false;
        unused->use.is_complete = true;
        go_on(unused);
    } else if (!page->known && unused->use.is_known) {
        stumble(unused, "deleted", "the character was deleted meanwhile");
    } else if (asset_use_add(&unused->use, page) != STATUS_OK) {
        stumble(unused, "no_memory", "no memory for names");
    } else if (page->next.size > 0 && !unused->use.is_too_much) {
        assert(page->next.size <= sizeof(unused->cursor));
        memcpy(unused->cursor, page->next.data, page->next.size);
        ask(unused, ASSETS_LIMIT_MAX, slice_make(unused->cursor, page->next.size), on_names);
    } else {
        unused->use.is_complete = true;
        go_on(unused);
    }
}

static void on_character(struct request *request, const struct answer *answer)
{
    struct unused *unused = LIST_OWNER(request, struct unused, request);
    const struct message_asset_names *page = page_of(unused, answer);
    if (page == NULL) {
        return;
    }
    asset_use_begin(&unused->use, &unused->entry.character, page);
    if (page->known) {
        ask(unused, ASSETS_LIMIT_MAX, SLICE_EMPTY, on_names);
    } else {
        unused->use.is_complete = true;
        go_on(unused);
    }
}

/* ---- removing ---- */

static void count_removed(struct unused *unused)
{
    unused->counts.removed++;
    unused->counts.removed_bytes += unused->entry.size;
    unused->totals.removed++;
    unused->totals.removed_bytes += unused->entry.size;
    unused->has_entry = false;
    unused->failures = 0;
}

static void on_removed(void *context, const struct s3_failure *failure, struct slice answer)
{
    struct unused *unused = context;
    (void)answer;
    if (failure->kind != S3_FAILURE_NONE && failure->kind != S3_FAILURE_MISSING) {
        stumble(unused, failure->code, failure->message);
        return;
    }
    count_removed(unused);
    go_on(unused);
}

static void remove_object(struct unused *unused)
{
    struct bucket_walk *walk = &unused->objects;
    const struct s3_request request = {.method = "DELETE",
                                       .key = slice_from_string(walk->entry.key)};
    unused->state = UNUSED_WAITING;
    enum status status =
        bucket_call_start(&unused->removal, walk->line, &request, on_removed, unused);
    if (status != STATUS_OK) {
        stumble(unused, "not_asked", status_name(status));
    }
}

static void remove_entry(struct unused *unused)
{
    if (!asset_use_is_within(unused->counts.seen, unused->counts.removed)) {
        log_warn("there are more unused assets than are removed at once",
                 "removed=%" PRIu64 " seen=%" PRIu64, unused->counts.removed, unused->counts.seen);
        end(unused);
    } else if (is_bucket(unused)) {
        remove_object(unused);
    } else if (file_walk_remove(&unused->files, &unused->entry) == STATUS_OK) {
        count_removed(unused);
    } else {
        log_warn("unused asset cannot be removed", "name=%s", unused->entry.name);
        unused->counts.left++;
        unused->totals.left++;
        unused->has_entry = false;
    }
}

/* ---- the walk ---- */

/* What is to become of the entry that the walk is at. */
static void judge(struct unused *unused)
{
    const struct stored_asset *entry = &unused->entry;
    const struct asset_use *use = &unused->use;
    enum asset_standing standing = ASSET_KEPT;
    bool is_old = entry->is_ours && entry->at_ms < unused->older_ms;
    if (is_old && !(use->is_complete && id_equal(&use->character, &entry->character))) {
        ask(unused, 0, SLICE_EMPTY, on_character);
        return;
    }
    if (is_old) {
        standing =
            asset_use_judge(use, entry, UNUSED_SLACK_MS + age_of(unused) / UNUSED_SLACK_PART);
    }
    if (standing == ASSET_UNUSED) {
        remove_entry(unused);
        return;
    }
    unused->counts.foreign += !entry->is_ours;
    unused->counts.kept += entry->is_ours && standing == ASSET_KEPT;
    unused->counts.left += standing == ASSET_LEFT;
    unused->totals.foreign += !entry->is_ours;
    unused->totals.kept += entry->is_ours && standing == ASSET_KEPT;
    unused->totals.left += standing == ASSET_LEFT;
    unused->has_entry = false;
}

/* Goes to the next entry. Returns OK, AGAIN (not in this step), NOT_FOUND or what failed. */
static enum status next(struct unused *unused)
{
    enum status status = is_bucket(unused) ? bucket_walk_next(&unused->objects, &unused->entry)
                                           : file_walk_next(&unused->files, &unused->entry);
    unused->has_entry = status == STATUS_OK;
    unused->counts.seen += status == STATUS_OK && unused->entry.is_ours;
    unused->totals.seen += status == STATUS_OK && unused->entry.is_ours;
    return status;
}

/* Goes on until an answer is needed, or enough is done for this turn of the loop. */
static void step(struct unused *unused)
{
    int64_t until_us = clock_monotonic_us() + SWEEP_STEP_US;
    while (unused->state == UNUSED_WALKING && unused->budget > 0 &&
           clock_monotonic_us() < until_us) {
        enum status status = unused->has_entry ? STATUS_OK : next(unused);
        if (status == STATUS_OK) {
            judge(unused);
        } else if (status == STATUS_NOT_FOUND) {
            end(unused);
        } else if (is_bucket(unused) && status == STATUS_AGAIN) {
            unused->state = UNUSED_WAITING;
        } else if (status != STATUS_AGAIN) {
            stumble(unused, "walk", status_name(status));
        }
        unused->budget -= status == STATUS_OK ? 1 : SWEEP_DIRECTORY_ENTRIES;
    }
}

/* After an answer, with what is left of this tick's budget. */
static void go_on(struct unused *unused)
{
    unused->state = UNUSED_WALKING;
    step(unused);
}

static void on_listed(void *context, enum status status, const char *code, const char *words)
{
    struct unused *unused = context;
    if (status == STATUS_OK) {
        unused->failures = 0;
        go_on(unused);
    } else {
        stumble(unused, code, words);
    }
}

static void begin(struct unused *unused)
{
    struct gateway *gateway = unused->gateway;
    unused->older_ms = gateway_now_ms(gateway) - age_of(unused);
    unused->counts = (struct unused_counts){.seen = 0};
    unused->failures = 0;
    if (is_bucket(unused)) {
        bucket_walk_begin(&unused->objects, &gateway->bucket_line, on_listed, unused);
    } else if (file_walk_begin(&unused->files, &gateway->assets) != STATUS_OK) {
        log_warn("unused assets cannot be swept from the assets directory", "");
    }
    go_on(unused);
}

/* A broker that is too old to know the question does not answer it. */
static void on_claimed(struct request *request, const struct answer *answer)
{
    struct unused *unused = LIST_OWNER(request, struct unused, request);
    if (answer->message != NULL && answer->message->asset_names.code == REPLY_CODE_OK) {
        begin(unused);
    } else {
        unused->state = UNUSED_IDLE;
        unused->due_ms = gateway_now_ms(unused->gateway) + every_ms(unused) / UNUSED_AGAIN_PART;
    }
}

static void claim(struct unused *unused)
{
    struct message *message = &unused->request.message;
    *message = (struct message){.type = MESSAGE_TYPE_GET_ASSETS};
    message->get_assets.every_ms = (uint64_t)every_ms(unused);
    unused->request.done = on_claimed;
    unused->state = UNUSED_CLAIMING;
    if (gateway_ask(unused->gateway, &unused->request) != STATUS_OK) {
        unused->state = UNUSED_IDLE;
    }
}

void unused_tick(struct unused *unused, int64_t now_ms)
{
    if (age_of(unused) == 0) {
        return;
    }
    unused->budget = SWEEP_ENTRIES_MAX;
    switch (unused->state) {
    case UNUSED_IDLE:
        if (now_ms >= unused->due_ms && session_is_current(&unused->gateway->session, now_ms)) {
            claim(unused);
        }
        break;
    case UNUSED_PAUSING:
        if (now_ms >= unused->due_ms) {
            go_on(unused);
        }
        break;
    case UNUSED_WALKING:
        step(unused);
        break;
    case UNUSED_CLAIMING:
    case UNUSED_WAITING:
        break;
    }
}
