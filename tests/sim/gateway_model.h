#ifndef TROUPE_TESTS_SIM_GATEWAY_MODEL_H
#define TROUPE_TESTS_SIM_GATEWAY_MODEL_H

/*
 * Gateways with clients behind them: they submit, cancel and retry, send what is unanswered again
 * after a reconnect, give up after ten seconds, and remember which jobs were acknowledged.
 */

#include "proto/codec.h"
#include "tests/sim/model.h"
#include "tests/sim/network.h"

struct model_job;

enum {
    REQUESTS_MAX = 64, /* unanswered at a gateway */
    PAYLOAD_MODEL_SIZE = 160,
    LABELS_MODEL_SIZE = 64,
    REQUEST_MS = 10000, /* a client waits this long */
};

enum {
    REQUEST_ID_MODEL_SIZE = 32,
};

/* Something asked and not answered. */
struct request {
    bool used;
    bool is_cancel;
    bool is_retry;
    bool is_group; /* of the group of the job */
    bool is_put;   /* PUT_ENDPOINT, or DELETE_ENDPOINT */
    bool is_delete;
    uint32_t endpoint; /* of these and of a delivery's retry: place in the model */
    uint32_t
        reporter; /* of the retry of a delivery: number + 1 of the job whose own webhook it is of
                          said to be; 0 for none */
    uint8_t key;  /* of a retry or PUT_ENDPOINT: 1..MODEL_KEYS; 0 for none */
    uint8_t key_hash[HASH_SIZE]; /* with it: stands for what is asked */
    uint32_t version;
    uint32_t events;
    bool is_delete_document; /* of what the job made: its character or, of_media, its entry */
    bool is_removed;         /* with it: REMOVED, of what is left of that */
    bool of_media;
    bool is_queue; /* SET_QUEUE */
    uint8_t kind;  /* of it */
    bool paused;
    bool is_change; /* CHANGE_JOB */
    bool is_bulk;   /* START_BULK or, with is_delete, STOP_BULK */
    uint32_t bulk;  /* of it: place in the model */
    uint8_t action;
    uint8_t priority;
    bool is_orders; /* SET_WORKER */
    uint8_t orders;
    struct id worker;
    bool is_note; /* NOTE_AUDIT */
    bool audited; /* it is to be written down */
    char request_id[REQUEST_ID_MODEL_SIZE];
    bool admin;
    uint8_t user;    /* that asks; of a cancel or retry not always the owner */
    uint8_t retries; /* of the job when its retry was asked */
    uint32_t job;    /* number in the model */
    uint64_t number;
    int64_t asked_at;
};

struct gateway {
    struct id instance;
    uint32_t link;
    uint64_t session; /* 0: not welcome yet */
    uint64_t request_last;
    int64_t hello_at;
    struct frame *late;
    struct request requests[REQUESTS_MAX];
};

void gateway_init(struct world *world, uint32_t index);
void gateway_fini(struct gateway *gateway);

/* A client wants something: handler of WAKE_CLIENT. */
void gateway_client(struct world *world, uint32_t index);
/* Connects, resends, gives up: handler of WAKE_GATEWAY. */
void gateway_wake(struct world *world, uint32_t index);
void gateway_lost(struct world *world, uint32_t index, uint32_t link);
void gateway_receive(struct world *world, uint32_t index, uint32_t link, struct slice bytes);
bool gateway_is_idle(const struct gateway *gateway);

/* gateway_change.c: makes the message of a request that is not for one new job; false when it is.
 * It borrows the request, and ids. */
bool gateway_change_message(const struct world *world, const struct request *request, bool resent,
                            struct id ids[MODEL_BULK_JOBS_MAX], struct message *out);

/* Whether there is a line in the audit log of a request that was answered. */
bool gateway_change_is_written(const struct world *world, const struct request *request,
                               const struct message_reply *reply);

/* gateway_manage.c: wishes of those who run the stack: a change of a job, or a bulk. */
bool gateway_wish_change(struct world *world, struct request *request);
bool gateway_wish_bulk(struct world *world, struct request *request);
/* A queue, or a worker, or a try that is refused. */
bool gateway_wish_steer(struct world *world, struct request *request);

/* gateway_wish.c: fills in a new job that a client asks for. */
struct model_job *gateway_new_job(struct world *world, uint32_t user);
/* A job that is made from what another made: its character, or its media entry. */
struct model_job *gateway_new_use(struct world *world, const struct model_job *maker,
                                  bool of_media);
/* The same for a group of them, which is asked for as one: gives the first. */
struct model_job *gateway_new_group(struct world *world, uint32_t user);
void gateway_group_message(const struct world *world, uint32_t number, struct message *out);

/* The bytes of a job's input. */
struct input_text {
    char payload[PAYLOAD_MODEL_SIZE];
    char trace[TRACEPARENT_SIZE + 1];
    char request_id[24];
    char labels[LABELS_MODEL_SIZE];
};

/* The input of a job; it borrows text. */
struct job_input gateway_input(const struct model_job *job, uint32_t number,
                               struct input_text *text);
/* Tags and metadata of a job: of one in four. */
struct slice gateway_labels(uint32_t number, char text[LABELS_MODEL_SIZE]);
void gateway_submit_message(const struct world *world, uint32_t number, struct input_text *text,
                            struct message *out);

#endif
