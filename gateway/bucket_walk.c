#include "gateway/bucket_walk.h"

#include <assert.h>
#include <stdio.h>

#define ASSETS_PLACE "characters/"

enum {
    KEY_SIZE_MAX = S3_PREFIX_SIZE_MAX + 1 + S3_KEY_SIZE_MAX,
};

void bucket_walk_begin(struct bucket_walk *walk, struct bucket_line *line,
                       bucket_walk_function *function, void *context)
{
    bucket_walk_fini(walk);
    walk->line = line;
    walk->function = function;
    walk->context = context;
}

void bucket_walk_fini(struct bucket_walk *walk)
{
    bucket_call_cancel(&walk->list);
    *walk = (struct bucket_walk){.line = NULL};
}

static void on_listed(void *context, const struct s3_failure *failure, struct slice answer)
{
    struct bucket_walk *walk = context;
    walk->is_asking = false;
    if (failure->kind != S3_FAILURE_NONE) {
        walk->function(walk->context, STATUS_IO, failure->code, failure->message);
    } else if (!s3_list_is_cut(answer, &walk->is_cut)) {
        walk->function(walk->context, STATUS_MALFORMED, "no_list",
                       "the answer is no list of objects");
    } else {
        walk->is_listed = true;
        walk->offset = 0;
        walk->function(walk->context, STATUS_OK, "", "");
    }
}

static enum status list_ask(struct bucket_walk *walk)
{
    char prefix[KEY_SIZE_MAX + 1];
    char mark[KEY_SIZE_MAX + 1];
    const char *above = walk->line->bucket->prefix;
    snprintf(prefix, sizeof(prefix), "%s" ASSETS_PLACE, above);
    snprintf(mark, sizeof(mark), "%s%s", above, walk->entry.key);
    bool is_first = walk->entry.key[0] == '\0';
    struct s3_request request = {.method = "GET"};
    if (!is_first) {
        request.query[request.query_count++] =
            (struct sigv4_field){SLICE_LITERAL("marker"), slice_from_string(mark)};
    }
    request.query[request.query_count++] =
        (struct sigv4_field){SLICE_LITERAL("max-keys"), SLICE_LITERAL("100")};
    request.query[request.query_count++] =
        (struct sigv4_field){SLICE_LITERAL("prefix"), slice_from_string(prefix)};
    walk->is_listed = false;
    enum status status = bucket_call_start(&walk->list, walk->line, &request, on_listed, walk);
    walk->is_asking = status == STATUS_OK;
    return status;
}

/* A page of which nothing can be read leaves no place to go on from. */
enum status bucket_walk_next(struct bucket_walk *walk, struct stored_asset *out)
{
    assert(walk->line != NULL);
    struct slice answer = buffer_slice(&walk->list.answer);
    if (walk->is_listed) {
        struct slice rest = slice_make(answer.data + walk->offset, answer.size - walk->offset);
        struct s3_listed entry;
        while (s3_list_next(walk->line->bucket, "Contents", &rest, &entry)) {
            if (strcmp(entry.key, walk->entry.key) <= 0) {
                continue; /* a store that does not go on from the mark would never end */
            }
            walk->entry = entry;
            walk->offset = answer.size - rest.size;
            stored_asset_read_key(slice_from_string(entry.key), out);
            out->at_ms = entry.at_ms;
            out->size = entry.size;
            return STATUS_OK;
        }
        if (!walk->is_cut || walk->offset == 0) {
            return STATUS_NOT_FOUND;
        }
    }
    enum status status = walk->is_asking ? STATUS_OK : list_ask(walk);
    return status == STATUS_OK ? STATUS_AGAIN : status;
}
