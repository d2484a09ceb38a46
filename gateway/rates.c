#include "gateway/rates.h"

#include <assert.h>
#include <stdlib.h>
#include "gateway/limits.h"

_Static_assert((RATE_BUCKETS & (RATE_BUCKETS - 1)) == 0, "a mask finds the bucket");

/* A user that was seen. times is a ring of what was let through within the window. */
struct rate_user {
    struct list bucket;
    struct list idle;
    int64_t *times; /* owned, capacity */
    uint32_t capacity;
    uint32_t first;
    uint32_t count;
    int64_t last_ms; /* the newest time */
    size_t owner_size;
    uint8_t owner[];
};

/* ---- the policy ---- */

/* Reads a number of at most six digits in 1..max off the front of *text. */
static bool number_take(const char **text, uint32_t max, uint32_t *out)
{
    uint32_t number = 0;
    size_t digits = 0;
    for (; **text >= '0' && **text <= '9' && digits < 6; digits++) {
        number = number * 10 + (uint32_t)(**text - '0');
        (*text)++;
    }
    *out = number;
    return digits > 0 && number >= 1 && number <= max;
}

enum status rate_policy_parse(const char *text, struct rate_policy *out)
{
    *out = (struct rate_policy){0};
    if (strcmp(text, "off") == 0) {
        return STATUS_OK;
    }
    struct rate_policy policy;
    if (!number_take(&text, RATE_JOBS_MAX, &policy.jobs) || *text != '/') {
        return STATUS_INVALID;
    }
    text++;
    if (!number_take(&text, RATE_WINDOW_S_MAX, &policy.window_s) || *text != '\0') {
        return STATUS_INVALID;
    }
    *out = policy;
    return STATUS_OK;
}

/* ---- users ---- */

enum status rates_init(struct rates *rates, const struct rate_policy *policy, uint64_t seed)
{
    *rates = (struct rates){.policy = *policy, .seed = seed};
    list_init(&rates->idle);
    if (policy->jobs == 0) {
        return STATUS_OK;
    }
    rates->buckets = calloc(RATE_BUCKETS, sizeof(rates->buckets[0]));
    for (size_t index = 0; rates->buckets != NULL && index < RATE_BUCKETS; index++) {
        list_init(&rates->buckets[index]);
    }
    return rates->buckets == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static size_t user_size(const struct rate_user *user)
{
    return sizeof(*user) + user->owner_size + user->capacity * sizeof(user->times[0]);
}

static void user_forget(struct rates *rates, struct rate_user *user)
{
    rates->size -= user_size(user);
    rates->user_count--;
    list_remove(&user->bucket);
    list_remove(&user->idle);
    free(user->times);
    free(user);
}

void rates_fini(struct rates *rates)
{
    while (rates->idle.next != NULL && !list_is_empty(&rates->idle)) {
        user_forget(rates, LIST_OWNER(rates->idle.next, struct rate_user, idle));
    }
    free(rates->buckets);
    rates->buckets = NULL;
}

static struct list *bucket_of(const struct rates *rates, struct slice owner)
{
    uint64_t hash = rates->seed;
    for (size_t index = 0; index < owner.size; index++) {
        hash = (hash ^ owner.data[index]) * 0x100000001b3U;
    }
    hash *= 0x9e3779b97f4a7c15U;
    return &rates->buckets[(hash >> 40) & (RATE_BUCKETS - 1)];
}

static struct rate_user *user_find(const struct rates *rates, struct slice owner)
{
    const struct list *bucket = bucket_of(rates, owner);
    for (struct list *node = bucket->next; node != bucket; node = node->next) {
        struct rate_user *user = LIST_OWNER(node, struct rate_user, bucket);
        if (slice_equal(slice_make(user->owner, user->owner_size), owner)) {
            return user;
        }
    }
    return NULL;
}

static int64_t window_ms(const struct rates *rates)
{
    return (int64_t)rates->policy.window_s * 1000;
}

/* Makes room for so many bytes by forgetting users whose window is over, who are at the front: keep
 * is not one of them. Returns whether there is room. */
static bool room_make(struct rates *rates, const struct rate_user *keep, size_t size,
                      int64_t now_ms)
{
    struct list *node = rates->idle.next;
    while (rates->size + size > RATE_SIZE_MAX && node != &rates->idle) {
        struct rate_user *user = LIST_OWNER(node, struct rate_user, idle);
        node = node->next;
        if (now_ms - user->last_ms < window_ms(rates)) {
            break;
        }
        if (user != keep) {
            user_forget(rates, user);
        }
    }
    return rates->size + size <= RATE_SIZE_MAX;
}

static struct rate_user *user_add(struct rates *rates, struct slice owner, int64_t now_ms)
{
    size_t size = sizeof(struct rate_user) + owner.size;
    struct rate_user *user = room_make(rates, NULL, size, now_ms) ? calloc(1, size) : NULL;
    if (user == NULL) {
        return NULL;
    }
    user->owner_size = owner.size;
    memcpy(user->owner, owner.data, owner.size);
    user->last_ms = now_ms;
    list_append(bucket_of(rates, owner), &user->bucket);
    list_append(&rates->idle, &user->idle);
    rates->user_count++;
    rates->size += size;
    return user;
}

/* ---- times ---- */

static int64_t time_at(const struct rate_user *user, uint32_t index)
{
    return user->times[(user->first + index) % user->capacity];
}

static void times_expire(struct rate_user *user, int64_t limit_ms)
{
    while (user->count > 0 && time_at(user, 0) <= limit_ms) {
        user->first = (user->first + 1) % user->capacity;
        user->count--;
    }
}

/* Gives the ring room for so many more times. Returns OK or FULL. */
static enum status times_grow(struct rates *rates, struct rate_user *user, uint32_t more,
                              int64_t now_ms)
{
    uint32_t capacity = user->capacity == 0 ? 1 : user->capacity;
    while (capacity < user->count + more) {
        capacity *= 2;
    }
    if (capacity == user->capacity) {
        return STATUS_OK;
    }
    size_t size = (capacity - user->capacity) * sizeof(user->times[0]);
    int64_t *times =
        room_make(rates, user, size, now_ms) ? malloc(capacity * sizeof(times[0])) : NULL;
    if (times == NULL) {
        return STATUS_FULL;
    }
    for (uint32_t index = 0; index < user->count; index++) {
        times[index] = time_at(user, index);
    }
    free(user->times);
    user->times = times;
    user->first = 0;
    user->capacity = capacity;
    rates->size += size;
    return STATUS_OK;
}

static uint32_t seconds_until(const struct rates *rates, int64_t time_ms, int64_t now_ms)
{
    int64_t left_ms = time_ms + window_ms(rates) - now_ms;
    return (uint32_t)((left_ms + 999) / 1000);
}

enum status rates_take(struct rates *rates, struct slice owner, uint32_t jobs, int64_t now_ms,
                       struct rate_state *out)
{
    assert(rates->buckets != NULL && jobs > 0);
    uint32_t max = rates->policy.jobs;
    struct rate_user *user = user_find(rates, owner);
    if (user == NULL) {
        user = user_add(rates, owner, now_ms);
    }
    if (user == NULL) {
        return STATUS_FULL;
    }
    times_expire(user, now_ms - window_ms(rates));
    uint32_t room = max - user->count;
    if (jobs > room) {
        uint32_t needed = jobs - room; /* so many must grow old first; more than there are: never */
        out->remaining = room;
        out->reset_s = needed > user->count
                           ? rates->policy.window_s
                           : seconds_until(rates, time_at(user, needed - 1), now_ms);
        return STATUS_AGAIN;
    }
    if (times_grow(rates, user, jobs, now_ms) != STATUS_OK) {
        return STATUS_FULL;
    }
    for (uint32_t index = 0; index < jobs; index++) {
        user->times[(user->first + user->count) % user->capacity] = now_ms;
        user->count++;
    }
    user->last_ms = now_ms;
    list_remove(&user->idle);
    list_append(&rates->idle, &user->idle);
    out->remaining = max - user->count;
    out->reset_s = seconds_until(rates, time_at(user, 0), now_ms);
    assert(user->count <= max);
    return STATUS_OK;
}
