#ifndef TROUPE_TESTS_SIM_MODEL_MONEY_H
#define TROUPE_TESTS_SIM_MODEL_MONEY_H

/* The part of the model (model.h, which includes it) that is about money: what operations cost,
 * what users have spent and may spend. */

#include "broker/core/core.h"
#include "tests/sim/provider.h"

struct world;
struct model;
struct model_job;
struct view;

enum {
    MODEL_DAYS_MAX = 16,                    /* of a world: deliveries take six */
    MODEL_PAYEES = WORLD_PROVIDERS_MAX + 1, /* and all that is with none of them */
};

/* What a user spent on a day with a provider, in micro-dollars; model_money.c. */
struct model_money {
    uint64_t spent, uncertain, operations, jobs;
};

void model_money_operation(struct world *world, struct model_job *job, const struct effect *effect);
void model_money_end(struct world *world, struct model_job *job, const struct effect *effect);
/* A job begins to live, with this head. */
void model_money_accepted(struct world *world, struct model_job *job, const struct job *head);
/* What an actor declares that a call costs. */
uint32_t model_price_of_use(const struct world *world, uint8_t provider, enum provider_use use);
/* Whether so many jobs may be too much for a user's budget. */
bool model_money_may_refuse(const struct world *world, uint8_t user, uint32_t jobs);
/* The answer to a user's request for jobs. */
void model_money_reply(struct world *world, const struct message_reply *reply, uint8_t user);
void model_check_money(struct world *world);
/* Compares a user's usage as the store tells it. */
void model_check_usage(struct world *world, uint8_t user);
/* Restores what users have spent, and compares that with the broker's memory. */
void model_money_restore(struct world *world, struct core *other, struct view *view);
void model_money_compare(struct world *world, const struct core *other);
void model_money_committed(struct model *model);
void model_money_crashed(struct model *model);

#endif
