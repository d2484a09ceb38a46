#ifndef TROUPE_TESTS_SIM_MODEL_BULK_H
#define TROUPE_TESTS_SIM_MODEL_BULK_H

/* The part of the model (model.h) about what those who run the stack do with jobs: with one, and
 * with many. */

#include "broker/core/core.h"

struct model;
struct model_job;
struct world;

enum {
    MODEL_BULKS_MAX = 512,    /* asked for in one run */
    MODEL_BULK_JOBS_MAX = 12, /* of one, by their ids */
};

/* Something to be done with many jobs, and how far that is. */
struct model_bulk_state {
    bool exists;
    uint8_t state;
    uint64_t first, place;
    uint64_t matched, done, scanned;
    int64_t started_at;
};

struct model_bulk {
    struct id id;
    uint8_t action;
    uint8_t priority;
    uint8_t user;
    uint8_t kinds, states; /* of a filter */
    uint8_t owner;         /* of it: user + 1; 0 for all */
    uint64_t error;        /* of it: jobs that have failed of this; 0 for all */
    struct id error_group;
    uint32_t job_count; /* by their ids; 0: by the filter */
    uint32_t jobs[MODEL_BULK_JOBS_MAX];
    bool dirty;
    struct model_bulk_state current;
    struct model_bulk_state durable;
};

/* Adds a bulk that a gateway is about to ask for, of jobs by their ids or by a filter; NULL when
 * there were enough. */
struct model_bulk *model_bulk_new(struct world *world);
struct model_bulk *model_bulk_find(struct model *model, const struct id *id);

/* What a bulk is to tell that it was asked for: any text that is its own. */
struct slice model_bulk_where(const struct model_bulk *bulk);

/* A job's priority now, among its user's. */
uint8_t model_priority(const struct model_job *job);

/* CHANGE_JOB. */
void model_change_before(struct world *world, const struct core_event *event);
void model_change_answer(struct world *world, const struct core_event *event,
                         const struct message_reply *reply);

/* START_BULK and STOP_BULK. */
void model_bulk_before(struct world *world, const struct core_event *event);
void model_bulk_answer(struct world *world, const struct core_event *event,
                       const struct message_reply *reply);

/* BULK and BULK_GONE. */
void model_bulk_effect(struct world *world, const struct core_event *event,
                       const struct effect *effect);

/* A job has failed. */
void model_bulk_failed(struct model_job *job, const struct effect *effect);
/* A page's step is about to try a job again, or to let go of it. */
void model_bulk_touch(struct world *world, const struct core_event *event,
                      const struct model_job *job);

/* After a step with a page. */
void model_bulk_page(struct world *world, const struct core_event *event);

/* Whether a step may let go of a job before its time: it was asked to. */
bool model_removes(const struct world *world, const struct core_event *event, const struct id *job);

void model_bulks_committed(struct model *model);
void model_bulks_crashed(struct model *model);
void model_bulks_restarted(struct world *world);
bool model_bulk_is_durable(const struct model *model, const struct id *id);
bool model_bulks_run(const struct world *world);

#endif
