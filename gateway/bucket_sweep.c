#include "gateway/bucket_sweep.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include "base/log.h"
#include "gateway/limits.h"

#define ASSETS_PLACE "characters/"

enum {
    KEY_SIZE_MAX = S3_PREFIX_SIZE_MAX + 1 + S3_KEY_SIZE_MAX,
};

static void entry_next(struct bucket_sweep *sweep);

void bucket_sweep_fini(struct bucket_sweep *sweep)
{
    bucket_call_cancel(&sweep->list);
    bucket_call_cancel(&sweep->call);
    sweep->is_running = false;
}

static void end(struct bucket_sweep *sweep)
{
    if (sweep->removed_count > 0) {
        log_info("unfinished writes dropped", "count=%" PRIu64, sweep->removed_count);
    }
    bucket_sweep_fini(sweep);
}

/* A store that cannot list uploads has rules of its own for them, or keeps them. */
static void give_up(struct bucket_sweep *sweep, const char *code, const char *words)
{
    log_warn("unfinished writes cannot be swept from the object store", "code=%s message=\"%s\"",
             code, words);
    end(sweep);
}

static void started(struct bucket_sweep *sweep, enum status status)
{
    if (status != STATUS_OK) {
        give_up(sweep, "not_asked", status_name(status));
    }
}

static void on_dropped(void *context, const struct s3_failure *failure, struct slice answer)
{
    struct bucket_sweep *sweep = context;
    (void)answer;
    if (failure->kind != S3_FAILURE_NONE && failure->kind != S3_FAILURE_MISSING) {
        give_up(sweep, failure->code, failure->message);
        return;
    }
    sweep->removed_count += failure->kind == S3_FAILURE_NONE;
    entry_next(sweep);
}

static void drop(struct bucket_sweep *sweep)
{
    const struct s3_request request = {
        .method = "DELETE",
        .key = slice_from_string(sweep->entry.key),
        .query = {{SLICE_LITERAL("uploadId"), slice_from_string(sweep->entry.upload_id)}},
        .query_count = 1,
    };
    started(sweep, bucket_call_start(&sweep->call, sweep->line, &request, on_dropped, sweep));
}

static void on_listed(void *context, const struct s3_failure *failure, struct slice answer)
{
    struct bucket_sweep *sweep = context;
    if (failure->kind != S3_FAILURE_NONE) {
        give_up(sweep, failure->code, failure->message);
        return;
    }
    if (!s3_list_is_cut(answer, &sweep->is_cut)) {
        give_up(sweep, "no_list", "the answer is no list of uploads");
        return;
    }
    sweep->offset = 0;
    entry_next(sweep);
}

static void list_ask(struct bucket_sweep *sweep)
{
    char prefix[KEY_SIZE_MAX + 1];
    char mark[KEY_SIZE_MAX + 1];
    const char *above = sweep->line->bucket->prefix;
    snprintf(prefix, sizeof(prefix), "%s" ASSETS_PLACE, above);
    snprintf(mark, sizeof(mark), "%s%s", above, sweep->entry.key);
    struct s3_request request = {
        .method = "GET",
        .query = {{SLICE_LITERAL("max-uploads"), SLICE_LITERAL("100")},
                  {SLICE_LITERAL("prefix"), slice_from_string(prefix)},
                  {SLICE_LITERAL("uploads"), SLICE_EMPTY}},
        .query_count = 3,
    };
    if (sweep->page_count > 0) {
        request.query[3] =
            (struct sigv4_field){SLICE_LITERAL("key-marker"), slice_from_string(mark)};
        request.query[4] = (struct sigv4_field){SLICE_LITERAL("upload-id-marker"),
                                                slice_from_string(sweep->entry.upload_id)};
        request.query_count = 5;
    }
    sweep->page_count++;
    started(sweep, bucket_call_start(&sweep->list, sweep->line, &request, on_listed, sweep));
}

/* The next one of the list that is old enough, or the next list. Nothing but assets is touched,
 * whatever the store lists. */
static void entry_next(struct bucket_sweep *sweep)
{
    struct slice answer = buffer_slice(&sweep->list.answer);
    struct slice rest = slice_make(answer.data + sweep->offset, answer.size - sweep->offset);
    bool is_empty = sweep->offset == 0;
    struct s3_listed entry;
    while (s3_list_next(sweep->line->bucket, "Upload", &rest, &entry)) {
        is_empty = false;
        sweep->entry = entry;
        sweep->offset = answer.size - rest.size;
        if (entry.at_ms < sweep->older_ms &&
            strncmp(entry.key, ASSETS_PLACE, sizeof(ASSETS_PLACE) - 1) == 0) {
            drop(sweep);
            return;
        }
    }
    if (sweep->is_cut && !is_empty && sweep->page_count < SWEEP_PAGES_MAX) {
        list_ask(sweep);
    } else {
        end(sweep);
    }
}

void bucket_sweep_begin(struct bucket_sweep *sweep, struct bucket_line *line, int64_t older_ms)
{
    assert(!sweep->is_running);
    sweep->line = line;
    sweep->older_ms = older_ms;
    sweep->page_count = 0;
    sweep->removed_count = 0;
    sweep->is_running = true;
    list_ask(sweep);
}
