#include "cli/timeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/terminal.h"
#include "cli/terminal_text.h"
#include "cli/width.h"
#include "cli/wrap.h"

enum {
    ITEM_PATH_SIZE = 96,     /* bytes of the path of one member */
    LINE_SIZE_MAX = 1 << 16, /* bytes of a line; what does not fit is left out */
    INDENT = 4,              /* of what goes on in another line */
    LINES_MAX = 24,          /* of one event on a terminal */
};

/* One item of a list below data.timeline. */
struct item {
    const struct document *document;
    const char *list;
    size_t index;
};

static void path_of(const struct item *item, const char *member, char out[ITEM_PATH_SIZE])
{
    snprintf(out, ITEM_PATH_SIZE, "data.timeline.%s.%zu.%s", item->list, item->index, member);
}

static const char *text_of(const struct item *item, const char *member, const char *otherwise)
{
    char path[ITEM_PATH_SIZE];
    path_of(item, member, path);
    return document_text(item->document, path, otherwise);
}

static int64_t integer_of(const struct item *item, const char *member)
{
    char path[ITEM_PATH_SIZE];
    path_of(item, member, path);
    return document_integer(item->document, path, 0);
}

/* Prints what a line has of its own, and the error that the item has: on a terminal that is too
 * narrow over several lines. line: without a NUL. */
static void print_line(const struct item *item, struct buffer *line)
{
    struct buffer drawn;
    const char *code = text_of(item, "error.code", NULL);
    int columns = isatty(STDOUT_FILENO) == 1 ? terminal_columns() : 0;
    buffer_init(&drawn, 2 * LINE_SIZE_MAX);
    if (code != NULL) {
        buffer_append_format(line, "  %s: %s", code, text_of(item, "error.message", ""));
    }
    buffer_append(line, "", 1);
    char *text = (char *)line->data;
    terminal_text(text);
    bool fits = width_columns(slice_from_string(text)) <= columns;
    if (wrap_draw(text, INDENT, fits ? 0 : columns, LINES_MAX, &drawn) == STATUS_OK) {
        printf("%.*s\n", SLICE_PRINT(buffer_slice(&drawn)));
    }
    buffer_fini(&drawn);
}

static void print_attempt(const struct item *item)
{
    struct buffer line;
    buffer_init(&line, LINE_SIZE_MAX);
    buffer_append_format(&line, "attempt %-4" PRId64 " %s - %-24s  %-11s  on %s",
                         integer_of(item, "number"), text_of(item, "startedAt", "?"),
                         text_of(item, "endedAt", "now"), text_of(item, "outcome", "at work"),
                         text_of(item, "workerId", "?"));
    print_line(item, &line);
    buffer_fini(&line);
}

/* What a call costs, or would: what was not charged has no price. */
static void append_price(const struct item *item, struct buffer *line)
{
    char path[ITEM_PATH_SIZE];
    char text[MONEY_TEXT_SIZE];
    uint64_t price = 0;
    path_of(item, "priceUsd", path);
    if (document_money(item->document, path, &price)) {
        buffer_append_format(line, " %s USD", money_format(price, text));
    }
}

/* The call that a step has made, or that an attempt ended with. What a paid one costs is told by
 * its own event. */
static void append_call(const struct item *item, struct buffer *line)
{
    char path[ITEM_PATH_SIZE];
    uint64_t price = 0;
    const char *provider = text_of(item, "call.provider", NULL);
    int64_t took_ms = integer_of(item, "call.durationMs");
    if (provider == NULL) {
        return;
    }
    buffer_append_format(line, "  %s %s", provider, text_of(item, "call.purpose", "?"));
    if (took_ms < 1000) {
        buffer_append_format(line, " %" PRId64 " ms", took_ms);
    } else {
        buffer_append_format(line, " %.1f s", (double)took_ms / 1000);
    }
    path_of(item, "call.priceUsd", path);
    bool is_made = strcmp(text_of(item, "event", ""), "progress") == 0;
    if (is_made && !document_money(item->document, path, &price)) {
        buffer_append_format(line, " no price");
    }
}

static void print_event(const struct item *item)
{
    struct buffer line;
    const char *provider = text_of(item, "provider", NULL);
    const char *charged = text_of(item, "charged", "unknown");
    const char *task = text_of(item, "task", NULL);
    buffer_init(&line, LINE_SIZE_MAX);
    buffer_append_format(&line, "%s  %-16s  %3" PRId64 "%%  %s", text_of(item, "at", "?"),
                         text_of(item, "event", "?"), integer_of(item, "progress"),
                         provider == NULL ? text_of(item, "step", "-") : "");
    if (provider != NULL) {
        buffer_append_format(&line, "  %s %s", provider, text_of(item, "operation", "?"));
    }
    if (provider != NULL && strcmp(charged, "unknown") != 0) {
        buffer_append_format(&line, " charged: %s", charged);
    }
    if (provider != NULL && strcmp(charged, "no") != 0) {
        append_price(item, &line);
    }
    if (task != NULL) {
        buffer_append_format(&line, " task %s", task);
    }
    append_call(item, &line);
    print_line(item, &line);
    buffer_fini(&line);
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
