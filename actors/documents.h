#ifndef TROUPE_ACTORS_DOCUMENTS_H
#define TROUPE_ACTORS_DOCUMENTS_H

/*
 * The documents that jobs end with and the drafts that attempts leave to each other: JSON, opaque
 * to the broker, served by the gateway. Pure; jansson's trees are owned by the caller.
 */

#include <jansson.h>
#include "actors/asset.h"
#include "base/buffer.h"

/* Parses bytes of another process: a JSON object without duplicate members. Returns OK,
 * MALFORMED or NO_MEMORY. */
enum status document_parse(struct slice bytes, json_t **out);

/* Appends the compact form. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status document_write(const json_t *document, struct buffer *out);

/* Makes a character: every member of the request passed on, our own on top of them (id,
 * displayId, imageUrl, mediaId, createdAt, and aiPersonality: what the chat model wrote;
 * `personality` stays as requested). personality may be NULL, portrait NULL or empty. Returns
 * NULL without memory. */
json_t *document_of_character(const struct message_job *job, json_t *request, json_t *personality,
                              const struct asset *portrait, int64_t now_ms);

/* What a media entry tells. Texts may be NULL, numbers 0: they are null then. */
struct media_entry {
    const struct id *id;
    const struct id *character;
    const char *type; /* image or video */
    const struct asset *asset;
    const char *pose;
    const struct id *source; /* the picture that a video was made from */
    int64_t duration;        /* seconds */
    const char *resolution;
    struct slice prompt;
    int64_t created_at_ms;
};

/* Appends the entry. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status document_of_media(const struct media_entry *entry, struct buffer *out);

/* An asset inside a draft. Reading gives false when there is none or it is not one of ours. */
json_t *draft_of_asset(const struct asset *asset);
bool draft_read_asset(json_t *draft, const char *name, struct asset *out);

#endif
