#include "gateway/insight_json.h"

#include <inttypes.h>
#include <stdio.h>
#include "base/encoding.h"
#include "base/money.h"
#include "gateway/pagination.h"

/* ---- users ---- */

/* A part of all that is at work, in ten thousandths. */
static void write_share(struct json_writer *writer, uint64_t active, uint64_t all)
{
    char text[16];
    uint64_t share = all == 0 ? 0 : (uint64_t)((double)active * 10000 / (double)all + 0.5);
    share = share > 10000 ? 10000 : share;
    int size = snprintf(text, sizeof text, "%" PRIu64 ".%04" PRIu64, share / 10000, share % 10000);
    json_name(writer, "share");
    json_put_raw(writer, slice_make(text, (size_t)size));
}

static void write_counts(struct json_writer *writer, const struct message_user *user)
{
    json_member_integer(writer, "waiting", (int64_t)user->waiting);
    json_member_integer(writer, "active", (int64_t)user->active);
    json_member_integer(writer, "pending", (int64_t)user->delayed);
}

static void write_members(struct json_writer *writer, const struct message_user *user,
                          uint64_t active_all)
{
    json_member_text(writer, "owner", user->owner);
    write_counts(writer, user);
    write_share(writer, user->active, active_all);
    json_member_money(writer, "spentTodayUsd", user->spent);
}

static void write_totals(struct json_writer *writer, const struct message_admin_page *page)
{
    json_name(writer, "totals");
    json_object_begin(writer);
    json_member_integer(writer, "users", (int64_t)page->users);
    json_member_integer(writer, "waiting", (int64_t)page->waiting);
    json_member_integer(writer, "active", (int64_t)page->active);
    json_member_integer(writer, "pending", (int64_t)page->delayed);
    json_object_end(writer);
}

enum status insight_json_users(struct json_writer *writer, const struct message_admin_page *page,
                               struct frame_reader records, struct user_place *last)
{
    struct message record;
    *last = (struct user_place){0};
    json_object_begin(writer);
    json_name(writer, "users");
    json_array_begin(writer);
    for (uint32_t index = 0; index < page->count; index++) {
        if (frame_next(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_USER) {
            return STATUS_MALFORMED;
        }
        json_object_begin(writer);
        write_members(writer, &record.user, page->active);
        json_object_end(writer);
        last->owner = record.user.owner;
        last->jobs = record.user.waiting + record.user.active + record.user.delayed;
    }
    json_array_end(writer);
    write_totals(writer, page);
    json_object_end(writer);
    return STATUS_OK;
}

/* What a user has in each queue, in their order, and in all. */
static bool take_queues(struct frame_reader *records, struct message_user users[],
                        struct message_user *all)
{
    struct message record;
    for (uint32_t index = 0; index < JOB_KIND_ASKED_COUNT; index++) {
        if (frame_next(records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_USER ||
            record.user.kind != index || !slice_equal(record.user.owner, all->owner)) {
            return false;
        }
        users[index] = record.user;
        all->waiting += record.user.waiting;
        all->active += record.user.active;
        all->delayed += record.user.delayed;
        all->spent = record.user.spent;
    }
    return true;
}

static void write_queue(struct json_writer *writer, const struct message_user *user)
{
    json_object_begin(writer);
    json_member_text(writer, "queue", slice_from_string(job_kind_name((enum job_kind)user->kind)));
    write_counts(writer, user);
    json_object_end(writer);
}

enum status insight_json_user(struct json_writer *writer, const struct message_admin_page *page,
                              struct frame_reader records, struct slice owner)
{
    struct message_user users[JOB_KIND_ASKED_COUNT];
    struct message_user all = {.owner = owner};
    if (page->count != JOB_KIND_ASKED_COUNT || !take_queues(&records, users, &all)) {
        return STATUS_MALFORMED;
    }
    json_object_begin(writer);
    json_name(writer, "users");
    json_array_begin(writer);
    json_object_begin(writer);
    write_members(writer, &all, page->active);
    json_name(writer, "queues");
    json_array_begin(writer);
    for (uint32_t index = 0; index < JOB_KIND_ASKED_COUNT; index++) {
        write_queue(writer, &users[index]);
    }
    json_array_end(writer);
    json_object_end(writer);
    json_array_end(writer);
    write_totals(writer, page);
    json_object_end(writer);
    return STATUS_OK;
}

/* ---- places ---- */

enum {
    PLACE_JOBS_SIZE = 8, /* bytes in front of the owner */
};

void insight_json_page(struct json_writer *writer, uint32_t limit, bool more,
                       const struct user_place *last)
{
    struct buffer place;
    uint8_t jobs[PLACE_JOBS_SIZE];
    buffer_init(&place, PLACE_SIZE_MAX);
    for (int index = 0; index < PLACE_JOBS_SIZE; index++) {
        jobs[index] = (uint8_t)(last->jobs >> 8 * (PLACE_JOBS_SIZE - 1 - index));
    }
    if (more && (buffer_append(&place, jobs, sizeof jobs) != STATUS_OK ||
                 buffer_append_slice(&place, last->owner) != STATUS_OK)) {
        writer->status = STATUS_NO_MEMORY;
    }
    pagination_write_cursor(limit, buffer_slice(&place), writer);
    buffer_fini(&place);
}

enum status insight_json_place(struct slice cursor, struct buffer *bytes, struct user_place *out)
{
    enum status status = decode_base64url(cursor, bytes);
    if (status != STATUS_OK) {
        return status;
    }
    *out = (struct user_place){0};
    for (size_t index = 0; index < PLACE_JOBS_SIZE && index < bytes->size; index++) {
        out->jobs = out->jobs << 8 | bytes->data[index];
    }
    if (bytes->size <= PLACE_JOBS_SIZE || out->jobs > INT64_MAX) {
        return STATUS_MALFORMED;
    }
    out->owner = slice_make(bytes->data + PLACE_JOBS_SIZE, bytes->size - PLACE_JOBS_SIZE);
    for (struct slice left = out->owner; left.size > 0;) {
        size_t size = utf8_size(left);
        if (size == 0) {
            return STATUS_MALFORMED;
        }
        left = slice_make(left.data + size, left.size - size);
    }
    return STATUS_OK;
}

/* ---- providers ---- */

static void write_uses(struct json_writer *writer, uint8_t uses)
{
    json_name(writer, "uses");
    json_array_begin(writer);
    for (uint32_t use = 0; use < PROVIDER_USE_COUNT; use++) {
        if ((uses & 1u << use) != 0) {
            json_put_text(writer, slice_from_string(provider_use_name((enum provider_use)use)));
        }
    }
    json_array_end(writer);
}

static void write_limit(struct json_writer *writer, int64_t window_ms, uint32_t max, uint64_t used)
{
    if (max == 0) {
        return;
    }
    json_object_begin(writer);
    json_member_integer(writer, "durationMs", window_ms);
    json_member_integer(writer, "max", max);
    json_member_integer(writer, "used", (int64_t)used);
    json_object_end(writer);
}

static void write_provider(struct json_writer *writer, const struct message_provider_state *state)
{
    json_object_begin(writer);
    json_member_text(writer, "provider", state->provider);
    json_member_text(writer, "account", state->account);
    write_uses(writer, state->uses);
    json_name(writer, "breaker");
    json_object_begin(writer);
    json_member_text(writer, "state",
                     slice_from_string(breaker_told_name((enum breaker_told)state->breaker)));
    json_member_time(writer, "since", state->since);
    json_member_time(writer, "until", state->until);
    json_object_end(writer);
    json_name(writer, "limits");
    json_array_begin(writer);
    write_limit(writer, 1000, state->limit_second, state->used_second);
    write_limit(writer, 60000, state->limit_minute, state->used_minute);
    write_limit(writer, 86400000, state->limit_day, state->used_day);
    json_array_end(writer);
    json_member_time(writer, "limitedUntil", state->limited_until);
    json_member_time(writer, "blockedUntil", state->blocked_until);
    json_name(writer, "perMinute");
    json_object_begin(writer);
    json_member_integer(writer, "calls", (int64_t)state->calls);
    json_member_integer(writer, "errors", (int64_t)state->errors);
    json_object_end(writer);
    json_member_integer(writer, "workers", state->workers);
    json_member_integer(writer, "waiting", (int64_t)state->waiting);
    json_object_end(writer);
}

enum status insight_json_providers(struct json_writer *writer,
                                   const struct message_admin_page *page,
                                   struct frame_reader records)
{
    struct message record;
    json_object_begin(writer);
    json_name(writer, "providers");
    json_array_begin(writer);
    for (uint32_t index = 0; index < page->count; index++) {
        if (frame_next(&records, &record) != STATUS_OK ||
            record.type != MESSAGE_TYPE_PROVIDER_STATE) {
            return STATUS_MALFORMED;
        }
        write_provider(writer, &record.provider_state);
    }
    json_array_end(writer);
    json_object_end(writer);
    return STATUS_OK;
}
