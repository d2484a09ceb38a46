#include "gateway/audit_rates.h"

#include <assert.h>

/* What stands for the users that share one count. */
static const char OTHERS[] = "(others)";

static bool is_of(const struct audit_rate *rate, struct slice user)
{
    return slice_equal(slice_make(rate->user, rate->user_size), user);
}

/* Nothing would be forgotten with it. */
static bool is_free(const struct audit_rate *rate, int64_t now_ms)
{
    return rate->user_size == 0 || (rate->until_ms <= now_ms && rate->left_out == 0);
}

static struct audit_rate *find(struct audit_rates *rates, struct slice user, int64_t now_ms)
{
    struct audit_rate *place = NULL;
    for (uint32_t index = 0; index < rates->count; index++) {
        struct audit_rate *rate = &rates->users[index];
        if (is_of(rate, user)) {
            return rate;
        }
        if (place == NULL && is_free(rate, now_ms)) {
            place = rate;
        }
    }
    if (place == NULL && rates->count < AUDIT_USERS_MAX) {
        place = &rates->users[rates->count++];
    }
    if (place == NULL) {
        place = &rates->others;
        user = SLICE_LITERAL(OTHERS);
    }
    if (!is_of(place, user)) {
        *place = (struct audit_rate){.user_size = (uint8_t)user.size};
        memcpy(place->user, user.data, user.size);
    }
    return place;
}

bool audit_rates_take(struct audit_rates *rates, struct slice user, struct slice role,
                      int64_t now_ms)
{
    assert(user.size > 0 && user.size <= OWNER_SIZE_MAX);
    assert(role.size > 0 && role.size <= ROLE_SIZE_MAX);
    struct audit_rate *rate = find(rates, user, now_ms);
    rate->role_size = (uint8_t)role.size;
    memcpy(rate->role, role.data, role.size);
    if (rate->until_ms <= now_ms) {
        rate->until_ms = now_ms + AUDIT_WINDOW_MS;
        rate->lines = 0; /* what was left out before is told with what is now */
    }
    bool has_room = rate->lines < AUDIT_WINDOW_LINES;
    rate->lines += has_room;
    rate->left_out += !has_room && rate->left_out < UINT32_MAX;
    return has_room;
}

static bool take_rest(struct audit_rate *rate, int64_t now_ms, struct audit_rest *out)
{
    if (rate->left_out == 0 || rate->until_ms > now_ms) {
        return false;
    }
    *out = (struct audit_rest){
        .user_size = rate->user_size,
        .role_size = rate->role_size,
        .left_out = rate->left_out,
    };
    memcpy(out->user, rate->user, sizeof(out->user));
    memcpy(out->role, rate->role, sizeof(out->role));
    rate->left_out = 0;
    return true;
}

bool audit_rates_over(struct audit_rates *rates, int64_t now_ms, struct audit_rest *out)
{
    for (uint32_t index = 0; index < rates->count; index++) {
        if (take_rest(&rates->users[index], now_ms, out)) {
            return true;
        }
    }
    return take_rest(&rates->others, now_ms, out);
}
