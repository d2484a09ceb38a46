#ifndef TROUPE_CLI_SSE_H
#define TROUPE_CLI_SSE_H

/*
 * Reads Server-Sent Events (WHATWG HTML, 9.2.6) from bytes as they arrive. Pure: each whole event
 * is handed to a callback. Keeps the last event id for a reconnect. Embedded by its owner.
 */

#include "base/buffer.h"

enum {
    SSE_LINE_SIZE_MAX = 1 << 20, /* bytes of a line, and of an event's data: more ends the stream */
    SSE_ID_SIZE_MAX = 63,
    SSE_NAME_SIZE_MAX = 63,
};

struct sse_event {
    const char *id;   /* the last id seen, "" for none */
    const char *name; /* "message" when it has none */
    struct slice data;
};

typedef void sse_visit(void *context, const struct sse_event *event);

struct sse {
    struct buffer line;
    struct buffer data;
    char id[SSE_ID_SIZE_MAX + 1];
    char name[SSE_NAME_SIZE_MAX + 1];
    bool has_data;
    bool after_return; /* the last byte was a carriage return: a line feed right after it ends
                          nothing */
    sse_visit *visit;
    void *context;
};

void sse_init(struct sse *sse, sse_visit *visit, void *context);
void sse_fini(struct sse *sse);

/* Forgets a half-read event, as at the end of a connection; keeps the last id. */
void sse_reset(struct sse *sse);

/* Takes bytes. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status sse_feed(struct sse *sse, struct slice bytes);

#endif
