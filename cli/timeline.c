#include "cli/timeline.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    ITEM_PATH_SIZE = 96, /* bytes of the path of one member */
};

/* One item of a list below data.timeline. */
struct item {
    const struct document *document;
    const char *list;
    size_t index;
};

static const char *text_of(const struct item *item, const char *member, const char *otherwise)
{
    char path[ITEM_PATH_SIZE];
    snprintf(path, sizeof path, "data.timeline.%s.%zu.%s", item->list, item->index, member);
    return document_text(item->document, path, otherwise);
}

static int64_t integer_of(const struct item *item, const char *member)
{
    char path[ITEM_PATH_SIZE];
    snprintf(path, sizeof path, "data.timeline.%s.%zu.%s", item->list, item->index, member);
    return document_integer(item->document, path, 0);
}

static void print_error(const struct item *item)
{
    const char *code = text_of(item, "error.code", NULL);
    if (code != NULL) {
        printf("  %s: %s", code, text_of(item, "error.message", ""));
    }
}

static void print_attempt(const struct item *item)
{
    printf("attempt %-4" PRId64 " %s - %-24s  %-11s  on %s", integer_of(item, "number"),
           text_of(item, "startedAt", "?"), text_of(item, "endedAt", "now"),
           text_of(item, "outcome", "at work"), text_of(item, "workerId", "?"));
    print_error(item);
    printf("\n");
}

static void print_event(const struct item *item)
{
    const char *provider = text_of(item, "provider", NULL);
    printf("%s  %-16s  %3" PRId64 "%%  %s", text_of(item, "at", "?"), text_of(item, "event", "?"),
           integer_of(item, "progress"), text_of(item, "step", "-"));
    if (provider != NULL) {
        const char *charged = text_of(item, "charged", "unknown");
        printf("  %s %s", provider, text_of(item, "operation", "?"));
        if (strcmp(charged, "unknown") != 0) {
            printf(" charged: %s", charged);
        }
    }
    print_error(item);
    printf("\n");
}

void timeline_print(const struct document *document)
{
    struct item item = {document, "attempts", 0};
    size_t count = document_count(document, "data.timeline.attempts");
    printf("\n");
    for (item.index = 0; item.index < count; item.index++) {
        print_attempt(&item);
    }
    item.list = "events";
    count = document_count(document, "data.timeline.events");
    for (item.index = 0; item.index < count; item.index++) {
        print_event(&item);
    }
    if (!document_flag(document, "data.timeline.complete", true)) {
        printf("earlier events are not kept any more\n");
    }
}
