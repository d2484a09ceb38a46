#ifndef TROUPE_BROKER_CORE_PROVIDERS_H
#define TROUPE_BROKER_CORE_PROVIDERS_H

/*
 * What the actors of all hosts share of the providers that they call: whether one is down
 * (breaker.h), and how often an account may be called (window.h). Actors declare them when they
 * open a session; what no open session has declared lives on until its place is wanted, because it
 * may come back with its windows. What is counted for a day is stored by the recorder, and restored
 * at a start. Nothing here calls a provider or knows a key.
 */

#include "broker/core/breaker.h"
#include "broker/core/limits.h"
#include "broker/core/minute.h"
#include "broker/core/window.h"
#include "proto/messages.h"

enum {
    PROVIDER_NONE = PROVIDERS_MAX, /* the index of none */
};
_Static_assert(PROVIDERS_MAX <= 64, "a worker's are a bit set");

enum account_window {
    ACCOUNT_WINDOW_SECOND,
    ACCOUNT_WINDOW_MINUTE,
    ACCOUNT_WINDOW_DAY, /* any 24 hours; the only one that outlives the broker */
};
enum {
    ACCOUNT_WINDOW_COUNT = 3
};

struct account {
    uint8_t name_size; /* 0: the place is free */
    uint8_t name[PROVIDER_SIZE_MAX];
    uint32_t references;                   /* providers that use it */
    uint32_t limits[ACCOUNT_WINDOW_COUNT]; /* calls in a window, the strictest that is declared;
                                              0: no limit */
    struct window windows[ACCOUNT_WINDOW_COUNT];
    int64_t granted_at;    /* the last call; 0: none */
    int64_t blocked_until; /* the provider asked for a pause */
    int64_t turn_at;       /* when the call that was denied last for a limit may come again */
    int64_t tight_until;   /* calls were denied for a limit a short time ago: jobs start as slowly
                              as the limit lets them call */
    int64_t spent_until;   /* and likewise for the limit of a day, until a part of it is over that
                              was used up when calls were denied */
};

struct provider {
    uint8_t name_size; /* 0: the place is free */
    uint8_t name[PROVIDER_SIZE_MAX];
    uint8_t account;                     /* index */
    uint8_t uses;                        /* bit set of those it was ever declared for */
    uint8_t ranks[PROVIDER_USE_COUNT];   /* among those of a use: the lowest is asked first */
    uint32_t prices[PROVIDER_USE_COUNT]; /* of a call, in micro-dollars */
    uint32_t limits[PROVIDER_USE_COUNT][ACCOUNT_WINDOW_COUNT]; /* as declared; 0: none */
    uint64_t spent[JOB_KIND_COUNT];       /* with it, by jobs of a kind, since it is here */
    uint32_t holders[PROVIDER_USE_COUNT]; /* sessions that have declared it for a use ... */
    uint32_t sessions;                    /* ... and for any */
    struct breaker breaker;
    int64_t paused_until; /* it has failed, and said when to come again */
    struct minute minute; /* calls that workers reported: COMPLETED and FAILED */
};

/* Embedded by the core. */
struct providers {
    int64_t started_at;   /* before then nothing is known of what was called in a minute; 0: nothing
                             was called */
    int64_t forgotten_at; /* the last call of an account whose place was taken; 0: none */
    uint32_t count;       /* providers that a session holds */
    struct provider items[PROVIDERS_MAX];
    struct account accounts[PROVIDERS_MAX];
};

/* started_at: now, or 0 at the first start of all, when no job has ever called anybody. */
void providers_init(struct providers *providers, int64_t started_at);

/* Returns an index or PROVIDER_NONE. */
uint32_t providers_find(const struct providers *providers, struct slice name);

/* What a session has declared is a bit set of places for each use; the session owns it. */

/* Takes a declaration for the session whose `held` is. Returns OK, or FULL when a table is full of
 * what is in use. */
enum status providers_declare(struct providers *providers, const struct message_provider *declared,
                              uint64_t held[PROVIDER_USE_COUNT], int64_t now);

/* That session ends. */
void providers_release(struct providers *providers, uint64_t held[PROVIDER_USE_COUNT]);

/* Whether it has declared this provider, for whatever use. */
bool providers_is_held(const uint64_t held[PROVIDER_USE_COUNT], uint32_t index);

/* The uses that open sessions have declared it for: a bit set. */
uint8_t providers_uses(const struct provider *provider);

/* A provider that has failed says when to come again (503 or 529 with Retry-After): it is not
 * called for so long, PROVIDER_PAUSE_MS_MAX at most, whether or not it counts as down. The others
 * of its account are: it is this one that does not work. */
void providers_pause(struct provider *provider, int64_t wait_ms, int64_t now);

/* The first moment from now at which a provider may be called, as far as its account's limits and
 * the pauses go that both have asked for, or INT64_MIN. */
int64_t providers_account_next(const struct providers *providers, uint32_t index, int64_t now);

/* The same for the limits alone, not for a pause that the provider asked for. */
int64_t providers_limits_next(const struct account *account, int64_t now);

/* A call is counted, whoever makes it. */
void providers_count(struct providers *providers, uint32_t index, int64_t now);

/* The account of a provider; borrows. */
struct slice providers_account(const struct providers *providers, uint32_t index);

/* The part of a day that calls are counted in at this time. */
uint32_t providers_day_part(int64_t now);

/* Takes the calls that an account had in a part of the day before the start. When there is no room
 * for it, an account that is new is full for a day. */
void providers_restore(struct providers *providers, struct slice account, uint32_t part,
                       uint64_t count, int64_t now);

/* Gives the price of a call with the provider that is asked first for a use; the dearest of several
 * such; when no session holds one for it, that of those who were there before. False when there are
 * none. */
bool providers_price(const struct providers *providers, enum provider_use use, uint32_t *price);

/* When a call that a limit forbids until `until` may come again: those that are denied take turns,
 * as far apart as the limit lets calls through, so that they do not all come at once. */
int64_t providers_turn(struct providers *providers, uint32_t index, int64_t until, int64_t now);

/* What the providers that are held for a use allow: `at` is the first moment at which one may be
 * called, INT64_MIN when it is now or there are none. */
struct providers_gate {
    int64_t at;
    bool is_down;       /* all breakers are open: nothing but time and a probe changes that ... */
    int64_t down_until; /* ... and time does then, whatever limits there are */
    bool is_spent;      /* it is not for more than a minute, for the limit of a day */
    bool tasks_pass;    /* what has a recorded task need not wait for it */
    int64_t pace_ms;    /* a job may start so long after the one before: none is closed, so that a
                           call would be a probe, or calls are denied for a limit; 0: at once */
};
struct providers_gate providers_gate(const struct providers *providers, enum provider_use use,
                                     int64_t now);

#endif
