#ifndef TROUPE_GATEWAY_INSIGHT_JSON_H
#define TROUPE_GATEWAY_INSIGHT_JSON_H

/* Users and providers as the admin API tells them. Pure. */

#include "base/json_writer.h"
#include "proto/codec.h"

enum {
    PLACE_SIZE_MAX = 8 + OWNER_SIZE_MAX, /* bytes of a place among users */
    PLACE_TEXT_SIZE_MAX = 351,           /* the same in base64, as a cursor */
};

/* A place among users: behind this one, with so many jobs. */
struct user_place {
    struct slice owner;
    uint64_t jobs;
};

/* Writes {"users": [...], "totals": {...}} from the records of an ADMIN_PAGE; *last becomes the
 * place of its last user, in the records' memory. Returns OK, or MALFORMED when they are others;
 * the writer's own failures show in its status. */
enum status insight_json_users(struct json_writer *writer, const struct message_admin_page *page,
                               struct frame_reader records, struct user_place *last);

/* The same of one user, from the records of an ADMIN_PAGE that tell of each queue. Those of an
 * older broker, which passes over who is asked for, are others. */
enum status insight_json_user(struct json_writer *writer, const struct message_admin_page *page,
                              struct frame_reader records, struct slice owner);

/* Writes the member `pagination`: with a cursor behind the last user when there are more. */
void insight_json_page(struct json_writer *writer, uint32_t limit, bool more,
                       const struct user_place *last);

/* Reads a cursor, decoded into bytes, in which the place's owner then stands. Returns OK,
 * MALFORMED, TOO_LARGE or NO_MEMORY. */
enum status insight_json_place(struct slice cursor, struct buffer *bytes, struct user_place *out);

/* Writes {"providers": [...]} likewise. */
enum status insight_json_providers(struct json_writer *writer,
                                   const struct message_admin_page *page,
                                   struct frame_reader records);

#endif
