#include "gateway/bucket_removal.h"

#include <stdio.h>
#include "base/log.h"
#include "gateway/limits.h"

#define ASSETS_PREFIX "/assets/"

static void list_ask(struct bucket_removal *removal);
static void entry_next(struct bucket_removal *removal);

static void end(struct bucket_removal *removal, enum status status)
{
    bucket_removal_cancel(removal);
    removal->function(removal->context, status);
}

/* Whether what was asked for has happened; else the removal has ended. */
static bool is_good(struct bucket_removal *removal, const struct s3_failure *failure)
{
    if (failure->kind == S3_FAILURE_NONE) {
        return true;
    }
    log_error("what was deleted cannot be removed from the object store", "code=%s message=\"%s\"",
              failure->code, failure->message);
    end(removal, STATUS_IO);
    return false;
}

static void started(struct bucket_removal *removal, enum status status)
{
    if (status != STATUS_OK) {
        log_error("object store cannot be asked", "status=%s", status_name(status));
        end(removal, STATUS_IO);
    }
}

static void on_deleted(void *context, const struct s3_failure *failure, struct slice answer)
{
    (void)answer;
    struct bucket_removal *removal = context;
    if (failure->kind != S3_FAILURE_MISSING && !is_good(removal, failure)) {
        return;
    }
    if (removal->is_character) {
        entry_next(removal);
    } else {
        end(removal, STATUS_OK);
    }
}

static void object_delete(struct bucket_removal *removal, const char *key)
{
    const struct s3_request request = {.method = "DELETE", .key = slice_from_string(key)};
    started(removal,
            bucket_call_start(&removal->call, removal->line, &request, on_deleted, removal));
}

static void list_refuse(struct bucket_removal *removal)
{
    log_error("the object store's answer is no list of what was asked for", "");
    end(removal, STATUS_IO);
}

/* The next one of the list, or the next list: what is gone is not in it. Nothing else than what was
 * asked for is removed, whatever the store lists. */
static void entry_next(struct bucket_removal *removal)
{
    struct slice answer = buffer_slice(&removal->list.answer);
    struct slice rest = slice_make(answer.data + removal->offset, answer.size - removal->offset);
    if (s3_list_next(removal->line->bucket, "Contents", &rest, &removal->entry)) {
        if (strncmp(removal->entry.key, removal->place, strlen(removal->place)) != 0) {
            list_refuse(removal);
            return;
        }
        removal->offset = answer.size - rest.size;
        object_delete(removal, removal->entry.key);
    } else if (removal->offset == 0 && removal->is_cut) {
        list_refuse(removal);
    } else if (removal->offset == 0) {
        end(removal, STATUS_OK);
    } else if (removal->pages >= BUCKET_REMOVAL_PAGES_MAX) {
        end(removal, STATUS_AGAIN);
    } else {
        list_ask(removal);
    }
}

static void on_listed(void *context, const struct s3_failure *failure, struct slice answer)
{
    struct bucket_removal *removal = context;
    if (!is_good(removal, failure)) {
        return;
    }
    removal->offset = 0;
    if (!s3_list_is_cut(answer, &removal->is_cut)) { /* nothing is confirmed by it */
        list_refuse(removal);
        return;
    }
    entry_next(removal);
}

static void list_ask(struct bucket_removal *removal)
{
    char prefix[S3_PREFIX_SIZE_MAX + 1 + URL_SIZE_MAX + 1];
    snprintf(prefix, sizeof(prefix), "%s%s", removal->line->bucket->prefix, removal->place);
    const struct s3_request request = {
        .method = "GET",
        .query = {{SLICE_LITERAL("max-keys"), SLICE_LITERAL("100")},
                  {SLICE_LITERAL("prefix"), slice_from_string(prefix)}},
        .query_count = 2,
    };
    removal->pages++;
    started(removal,
            bucket_call_start(&removal->list, removal->line, &request, on_listed, removal));
}

void bucket_removal_start(struct bucket_removal *removal, const struct message_removal *wanted)
{
    char id[ID_TEXT_SIZE];
    id_format(&wanted->character, id);
    size_t size = (size_t)snprintf(removal->place, sizeof(removal->place), "characters/%s/", id);
    removal->is_character = wanted->url.size == 0;
    removal->pages = 0;
    removal->offset = 0;
    if (removal->is_character) {
        list_ask(removal);
        return;
    }
    struct slice url = wanted->url;
    size_t front = sizeof(ASSETS_PREFIX) - 1;
    bool is_its_own = url.size > front + size && url.size - front <= URL_SIZE_MAX &&
                      memcmp(url.data, ASSETS_PREFIX, front) == 0 &&
                      memcmp(url.data + front, removal->place, size) == 0;
    if (!is_its_own) {
        end(removal, STATUS_OK);
        return;
    }
    snprintf(removal->place, sizeof(removal->place), "%.*s", (int)(url.size - front),
             (const char *)url.data + front);
    object_delete(removal, removal->place);
}

void bucket_removal_cancel(struct bucket_removal *removal)
{
    bucket_call_cancel(&removal->list);
    bucket_call_cancel(&removal->call);
}
