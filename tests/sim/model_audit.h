#ifndef TROUPE_TESTS_SIM_MODEL_AUDIT_H
#define TROUPE_TESTS_SIM_MODEL_AUDIT_H

/*
 * The part of the model (model.h) that is the audit log: every request that is asked with an action
 * and answered has one line, in the same step and batch, and no line is there without one.
 */

#include "broker/core/core.h"

struct world;

enum {
    MODEL_LINES_MAX = 1 << 14, /* in one run */
};

struct model_line {
    int64_t at;
    uint32_t digest;  /* of the whole line */
    uint32_t request; /* digest of the request's id */
};

/* Embedded in the model. */
struct model_audit {
    struct model_line lines[MODEL_LINES_MAX]; /* by number - 1 */
    uint64_t last;
    uint64_t durable;
    /* of the step that is running */
    uint32_t emitted;
    bool changes;    /* its request is of something that is not so yet */
    bool of_another; /* its request deletes what is another's */
    uint32_t version;
    struct message_audit_line line; /* of the last effect */
};

void model_audit_before(struct world *world, const struct core_event *event);
void model_audit_effect(struct world *world, const struct effect *effect);
/* After a step with a request of a gateway; answer is NULL when it is not answered yet. */
void model_audit_answer(struct world *world, const struct core_event *event,
                        const struct message_reply *answer);
void model_audit_committed(struct model_audit *audit);
void model_audit_crashed(struct model_audit *audit);

/* A gateway has the answer to a request with this id. */
void model_audit_acknowledged(struct world *world, const char *request_id);

/* The log as the store tells it, page by page. */
void model_check_audit(struct world *world);

#endif
