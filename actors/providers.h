#ifndef TROUPE_ACTORS_PROVIDERS_H
#define TROUPE_ACTORS_PROVIDERS_H

/*
 * Who does the generating: the chat model, the image model and the video model, each behind one
 * asynchronous call. A call succeeds by calling done, or fails the task by itself with what its
 * failure means for the job and for the money; a role sees successes only. The studio and the
 * hosted providers are reached by the same code. The null provider does the same calls with no I/O.
 * main owns the one struct providers; calls live in a role's state.
 */

#include "actors/asset_store.h"
#include "actors/chat_wire.h"
#include "actors/film_boxes.h"
#include "actors/image_wire.h"
#include "actors/operations.h"
#include "actors/picture.h"
#include "actors/turns.h"
#include "actors/wavespeed_wire.h"

struct providers {
    bool is_null;             /* no I/O at all */
    bool webhook_private;     /* webhooks may go to private addresses and to every port */
    bool result_private;      /* a result may be fetched from there, too */
    const char *result_hosts; /* the only ones that results are fetched from; NULL: any */
    int64_t null_ms;          /* of a whole job, with the null provider */
    int64_t repeat_after_ms;  /* from a call of unknown outcome to its repetition, at least */
    int64_t poll_ms;          /* between polls of a task, at first: they get rarer */
    struct turns pictures;    /* of pictures that come within an answer */
    struct provider_list lists[PROVIDER_USE_COUNT];
};

/* ---- paid calls (provider_paid.c): what image and video submissions have in common ---- */

enum paid_stage {
    PAID_STAGE_NONE,
    PAID_STAGE_ASKED,  /* the intent is on its way */
    PAID_STAGE_SENT,   /* the request is */
    PAID_STAGE_TAKEN,  /* the provider has it, and will be paid */
    PAID_STAGE_FAILED, /* what became of it is on its way into the record */
    PAID_STAGE_OVER,   /* and is there */
};

/* The first member of the calls. */
struct paid_call {
    enum paid_stage stage;
    uint8_t number;         /* of the operation under way */
    uint32_t price;         /* micro-dollars */
    bool is_last;           /* it repeats one of unknown outcome ... */
    int64_t unknown_at_ms;  /* ... that was last heard of then */
    uint8_t unknown_number; /* ... and its number */
    uint32_t call;          /* ... the lease under which that was made first; 0: another key */
    bool is_covered;        /* ... and its provider charges both once: what that one has cost */
    task_function *closed;  /* goes on with the close of the attempt; NULL: that is all. Its context
                               is this */
    struct slice gone;      /* a task that has failed, or that the provider does not know any more;
                               borrowed from the call ... */
    bool is_written_off;    /* ... because an earlier attempt had it dropped, perhaps */
    struct provider_list *list;
    struct provider_endpoint *endpoint; /* who is called; NULL until that is chosen */
    bool is_bound;          /* the next attempt calls the same one, whatever becomes of this call */
    task_function *submit;  /* makes the request, once the intent is durable; its context is this */
    task_function *look_up; /* looks for a call of unknown outcome where it was made, and takes the
                               task, or goes on with otherwise; NULL: the API cannot */
    task_function *otherwise;
    struct provider_failure failure;
};

/* An order (what is asked for in the end: words, a picture, a task) is over; failure is NULL when
 * it was answered. Tells the broker, passes the endpoint over for a while when it failed, and makes
 * the failure one that uses up no attempt when the next one may ask another of the list and nothing
 * may have been paid for. */
void provider_called(struct task *task, const struct paid_call *paid,
                     struct provider_failure *failure);

/* The same of an upload, a poll or a look into a list that has failed. One that went well is not
 * told: it does not say that orders are taken. counts: it is a failure of its provider; of the many
 * polls of a task a few may fail. */
void provider_missed(struct task *task, const struct paid_call *paid, bool counts,
                     struct provider_failure *failure);

/* Fails the task as is told. Nothing is recorded of a call. */
void provider_fail(struct task *task, const struct provider_failure *failure);

/* Whether the next attempt may ask another one. (All four: provider_call.c.) */
bool provider_may_be_another(const struct paid_call *paid, int64_t now_ms);

/* Whether the asset store is known to take nothing: what is made now would be lost. Then the
 * failure is one that waits for it. */
bool provider_store_is_bad(struct task *task, struct provider_failure *failure_out);

/* Asks the record what may be done, and chooses who is called unless that is chosen: who has the
 * task; then who was called before, when its idempotency key makes a repetition safe or it is not
 * passed over; then the first that is not. */
struct operation_plan paid_plan(struct task *task, struct paid_call *paid, uint8_t first,
                                enum provider_use use);

/* Does what the plan says: submits (intent first), or fails the task as outcome_unknown. Returns
 * true, and does nothing, when the provider has the task already: its id is in *resume_out. */
bool paid_begin(struct task *task, struct paid_call *paid, uint8_t first, enum provider_use use,
                task_function *submit, struct slice *resume_out);

/* Chooses who is called for what may be repeated as often as the job is tried, under one number. */
void paid_choose(struct task *task, struct paid_call *paid, uint8_t number, enum provider_use use);

/* Tells that it is called; at_ms: when it was ordered, 0 being now, or not known. */
void paid_call_begins(struct task *task, const struct paid_call *paid, int64_t at_ms);

/* Records the intent, then submits; of a call without a price nothing is recorded. */
void paid_order(struct task *task, struct paid_call *paid, task_function *submit);

/* The header that names the call for a provider which has one: a call and its repetition have the
 * same. line is of PAID_KEY_LINE_SIZE bytes; *lines points to it while it is wanted. Returns the
 * number of headers, 0 or 1. */
enum {
    PAID_KEY_LINE_SIZE = 160,
};
size_t paid_key_header(struct task *task, const struct paid_call *paid, char *line);

/* The call failed, as is told: records whether it may have been charged, then fails the task. */
void paid_fail(struct task *task, struct paid_call *paid, const struct provider_failure *told);

/* The result is taken: tells what the call has cost, if anything. Should that be lost, the job's
 * end tells it. task_id may be empty. */
void paid_succeeded(struct task *task, const struct paid_call *paid, struct slice task_id);

/* The attempt ends: records what it leaves behind, and closes it (role.h). */
void paid_close(struct task *task, struct paid_call *paid, const struct ending *ending);

/* Records how an operation ends with the attempt, and closes it. */
void paid_close_as(struct task *task, struct paid_call *paid, enum operation_state state,
                   enum charge charged, struct slice task_id);

/* ---- results: what is paid for, and fetched into the store (provider_result.c) ---- */

enum result_kind {
    RESULT_KIND_PICTURE,
    RESULT_KIND_FILM,
};

/* What is known of the bytes that have come. */
struct result_look {
    struct picture_scan picture;
    struct film_boxes film;
};

/* The owner sets the first members. One of the functions is called once, unless the task has
 * failed: at an address that may not be called. */
struct result_call {
    struct task *task;
    enum result_kind kind;
    const char *url; /* borrowed */
    const struct provider_endpoint *endpoint;
    void (*stored)(void *context, const struct asset *asset);
    /* The sender has not handed it out within this attempt, or what it did was none. */
    void (*failed)(void *context, struct provider_failure *failure);
    void (*refused)(void *context, const char *words); /* by the store */
    void *context;

    uint32_t failures;           /* of fetching it */
    int64_t pause_ms;            /* after the next of them */
    struct asset_writer *writer; /* owned */
    bool is_asked;               /* the request is under way */
    bool is_waiting;             /* for the writer's turn: its first bytes are not taken */
    bool has_begun;              /* bytes were taken */
    enum status write_status;    /* why the writer took no more */
    bool is_nonsense;            /* what has come is none */
    struct result_look look;
};

/* Before the first fetch of an attempt. */
void result_begin(struct result_call *call);

/* Fetches it, and tries again within the attempt while that may help; from its first byte on when
 * it is called again after `refused`. */
void result_fetch(struct result_call *call);

/* What has come is not kept. May be called twice, and of one that was not begun. */
void result_end(struct result_call *call);

/* ---- chat (provider_chat.c) ---- */

/* text is valid until the call returns. */
typedef void chat_function(struct task *task, struct slice text);

struct chat_call {
    struct paid_call paid; /* of one that has a price: its stage tells whether it is under way */
    struct buffer body;    /* of the request: kept until the intent is durable */
    chat_function *done;
    bool wants_json;
};

/* Asks the chat model. prompt may go at once. Only a call that has a price is a recorded operation:
 * any other costs less than its record. call is zeroed before its first use. */
void provider_chat(struct task *task, struct chat_call *call, const struct chat_prompt *prompt,
                   chat_function *done);

/* Whether the attempt ends with this call under way: then it is closed by paid_close. */
bool chat_call_is_open(const struct chat_call *call);
void chat_call_fini(struct chat_call *call);

/* ---- predictions: what is ordered, polled and fetched (provider_prediction.c) ---- */

typedef void prediction_poll_function(struct task *task, uint8_t percent);

/* What is ordered. */
struct prediction_kind {
    uint8_t operation; /* the first of its OPERATION_ numbers */
    enum provider_use use;
    const char *purpose; /* of the order, in metrics */
    int64_t poll_ms_max; /* between the first polls, unless the provider has a pace of its own */
};

struct prediction_call {
    struct paid_call paid; /* the first member */
    const struct prediction_kind *kind;
    struct buffer body;           /* of the order: kept until the intent is durable */
    uint32_t seed;                /* of the order */
    uint32_t pages;               /* of the provider's list that were asked for */
    char task[TASK_SIZE_MAX + 1]; /* the provider's id, once it is known */
    char *poll_url;               /* where its provider tells of it, if it said so; owned */
    char *result;                 /* the address of what it made; owned */
    int64_t polled_since_ms;
    int64_t poll_ms;
    uint32_t polls;
    uint32_t poll_failures;  /* in a row, but for those that said when to come again */
    int64_t cancel_pause_ms; /* before the provider is asked again to drop it */
    bool is_recorded;        /* the task is on record, durably */
    bool is_resumed;         /* an earlier attempt ordered it ... */
    bool is_known;           /* ... and a poll of this one was told of it */
    bool is_finished;        /* the provider has made it */
    bool was_running;        /* when it was looked at before it was to be dropped */
    bool drop_is_unclear;    /* it was asked for that, and what came of it is not known */
    task_function *submitted;
    prediction_poll_function *progressed;
    task_function *finished;
};

/* What the record says; chooses who is called unless that is chosen. */
struct operation_plan prediction_plan(struct task *task, struct prediction_call *call,
                                      const struct prediction_kind *kind);

/* Orders what call->body says, with a seed that no other order has, or finds the order that is on
 * record. The context of submitted and finished is call. */
void prediction_submit(struct task *task, struct prediction_call *call,
                       const struct prediction_kind *kind, uint32_t seed, task_function *submitted);

/* Waits for it: its address is in call->result. progressed, if not NULL, is called with 0..100,
 * rising, after each poll. */
void prediction_poll(struct task *task, struct prediction_call *call,
                     prediction_poll_function *progressed, task_function *finished);

/* The attempt ends without it: the provider is told to drop the task when the job ends with it, or
 * when the task has outlived two attempts; what is made is kept for a retry. Closes the attempt
 * (provider_prediction_close.c). */
void prediction_close(struct task *task, struct prediction_call *call,
                      const struct prediction_kind *kind, const struct ending *ending);
void prediction_fini(struct prediction_call *call);

/* For its own files: the provider has taken the order, and call->task is to be recorded; an order
 * of unknown outcome is looked for (provider_prediction_look_up.c); the provider is asked once how
 * far the task is; that is one that an earlier attempt ordered (false when it is no task id); the
 * provider does not know the task. */
void prediction_record(struct task *task, struct prediction_call *call);
void prediction_look_up(struct task *task, void *context);
void prediction_ask(struct task *task, struct prediction_call *call, int64_t timeout_ms,
                    task_response_function *take);
bool prediction_take_task(struct prediction_call *call, struct slice task_id);
bool prediction_is_gone(const struct http_response *response);

/* ---- images (provider_image.c) ---- */

typedef void image_function(struct task *task, const struct asset *asset);

/* A picture is what the answer holds, in memory until it is stored, or it is fetched: from the
 * address in that, or from that of a prediction, whose result is where both stand. */
struct image_call {
    struct prediction_call prediction; /* the first member */
    struct result_call result;
    uint32_t stores; /* that failed */
    struct task *owner;
    struct turn turn;            /* to have an answer or a picture in memory */
    bool was_held_up;            /* it has begun, and waited for the turn */
    bool is_paced;               /* it has the turn, and is looked at while it comes ... */
    size_t paced_size;           /* ... with so many bytes the last time */
    struct buffer answer;        /* what has come of it; then the picture, until it is stored */
    struct picture picture;      /* what it is */
    struct asset_writer *writer; /* of it; owned */
    image_function *done;
};

/* Draws a picture and stores it, or finds the order that is on record. call is zeroed before its
 * first use. */
void provider_image(struct task *task, struct image_call *call, const struct image_order *order,
                    image_function *done);
/* The attempt ends: nothing is stored any more; then prediction_close. */
void image_call_close(struct task *task, struct image_call *call, const struct ending *ending);
void image_call_fini(struct image_call *call);

/* ---- videos (provider_video.c), in their order ---- */

typedef void video_step_function(struct task *task);
typedef void video_function(struct task *task, const struct asset *asset);

struct video_call {
    struct prediction_call prediction; /* the first member */
    char *upload;                      /* the address of the uploaded picture; owned */
    struct task *owner;
    struct result_call result;
    video_step_function *uploaded;
    video_step_function *submitted;
    video_step_function *finished;
    video_function *downloaded;
};

/* Whether a submission of this job is on record: then upload and submission are not needed. */
bool provider_video_is_submitted(struct task *task, struct video_call *call);

/* The picture that a video is made from. */
struct video_source {
    const char *path; /* of its file, which stays until the upload is over */
    const char *name; /* that the provider is told */
    const char *content_type;
};

/* Whether the order is to be the same, word for word, as one of unknown outcome that was made at
 * that provider: it has the key of that one (idempotencyHeader). */
bool provider_video_is_repeated(struct task *task, struct video_call *call, const char *provider);

/* Takes an upload that an earlier attempt made. */
void provider_video_reuse_upload(struct task *task, struct video_call *call, const char *url,
                                 video_step_function *uploaded);

/* Who makes the video. */
const char *provider_video_name(const struct video_call *call);

/* Gives the provider the picture: its address is in call->upload. */
void provider_video_upload(struct task *task, struct video_call *call,
                           const struct video_source *source, video_step_function *uploaded);

/* Orders the video, or finds the order that is on record. */
void provider_video_submit(struct task *task, struct video_call *call,
                           const struct video_order *order, video_step_function *submitted);

/* Waits for the video. progressed is called with 0..100, rising, after each poll. */
void provider_video_poll(struct task *task, struct video_call *call,
                         prediction_poll_function *progressed, video_step_function *finished);

/* Fetches the video into the asset store. */
void provider_video_download(struct task *task, struct video_call *call,
                             video_function *downloaded);

/* The attempt ends without the video: see prediction_close. */
void provider_video_close(struct task *task, struct video_call *call, const struct ending *ending);
void video_call_fini(struct video_call *call);

/* ---- the null provider (provider_null.c) ---- */

enum null_call {
    NULL_CALL_CHAT,
    NULL_CALL_IMAGE,
    NULL_CALL_UPLOAD,
    NULL_CALL_SUBMIT,
    NULL_CALL_POLL,
    NULL_CALL_DOWNLOAD,
};

enum {
    NULL_CALL_COUNT = 6,
    NULL_POLLS = 4, /* polls of a null video */
};

/* Calls callback after this call's share of null_ms: at once, within the call, when that is 0. */
void provider_null_wait(struct task *task, enum null_call call, task_function *callback,
                        void *context);

/* What a null picture or video is: a name without a file. */
void provider_null_asset(struct task *task, bool is_video, struct asset *out);

#endif
