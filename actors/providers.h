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
#include "actors/image_wire.h"
#include "actors/operations.h"
#include "actors/video_wire.h"

struct provider_endpoint {
    const char *name; /* recorded with operations: a task is only resumed where it was submitted */
    const char *url;  /* base address, without a slash at its end */
    const char *model;
    const char *key; /* NULL or empty: no Authorization */
};

struct providers {
    bool is_null;             /* no I/O at all */
    bool webhook_private;     /* webhooks may go to private addresses and to every port */
    bool result_private;      /* a result may be fetched from there, too */
    const char *result_hosts; /* the only ones that results are fetched from; NULL: any */
    int64_t null_ms;          /* of a whole job, with the null provider */
    int64_t repeat_after_ms;  /* from a call of unknown outcome to its repetition, at least */
    int64_t poll_ms_min;      /* between polls of a video task: grows from here ... */
    int64_t poll_ms_max;      /* ... to this */
    struct provider_endpoint chat;
    struct provider_endpoint image;
    struct provider_endpoint video;
};

/* ---- chat (provider_chat.c) ---- */

/* text is valid until the call returns. */
typedef void chat_function(struct task *task, struct slice text);

struct chat_call {
    chat_function *done;
    bool wants_json;
};

/* Asks the chat model. prompt may go at once. Not a recorded operation: an answer costs less
 * than its record. */
void provider_chat(struct task *task, struct chat_call *call, const struct chat_prompt *prompt,
                   chat_function *done);

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
    uint8_t number;        /* of the operation under way */
    bool is_last;          /* it repeats one of unknown outcome ... */
    int64_t unknown_at_ms; /* ... that was last heard of then */
    const char *provider;
    task_function *submit; /* makes the request, once the intent is durable; its context is this */
    struct provider_failure failure;
};

/* Asks the record what may be done: submits (intent first), or fails the task as
 * outcome_unknown. Returns true, and does nothing, when the provider has the task already: its
 * id is in *resume_out. */
bool paid_begin(struct task *task, struct paid_call *paid, uint8_t first, const char *provider,
                task_function *submit, struct slice *resume_out);

/* The call failed: records whether it may have been charged, then fails the task. */
void paid_fail(struct task *task, struct paid_call *paid, const struct provider_failure *failure);

/* The attempt ends: records what it leaves behind, and closes it (role.h). */
void paid_close(struct task *task, struct paid_call *paid, const struct ending *ending);

/* Records how an operation ends with the attempt, and closes it. */
void paid_close_as(struct task *task, const struct paid_call *paid, enum operation_state state,
                   enum charge charged, struct slice task_id);

/* Makes a request for a result, which the provider named the address of, one that goes only where
 * the operator lets it go. */
void result_request(struct task *task, struct http_request *request);

/* A result's address is not to be called: no attempt at the job can have it. */
void result_fail_forbidden(struct task *task);

/* ---- images (provider_image.c) ---- */

typedef void image_function(struct task *task, const struct asset *asset);

struct image_call {
    struct paid_call paid;
    struct buffer body; /* of the request: kept until the intent is durable */
    char *url;          /* of the picture, when the answer is an address; owned */
    uint32_t downloads; /* of it that failed */
    image_function *done;
};

/* Draws a picture of the prompt and stores it. call is zeroed before its first use. */
void provider_image(struct task *task, struct image_call *call, struct slice prompt,
                    image_function *done);
void image_call_fini(struct image_call *call);

/* ---- videos (provider_video.c), in their order ---- */

typedef void video_upload_function(struct task *task, const char *url);
typedef void video_submit_function(struct task *task);
typedef void video_poll_function(struct task *task, uint8_t percent);
typedef void video_function(struct task *task, const struct asset *asset);

struct video_call {
    struct paid_call paid;
    struct buffer body;
    char task[TASK_SIZE_MAX + 1];    /* the provider's id, once it is known */
    char url[HTTP_URL_SIZE_MAX + 1]; /* of the upload, then of the finished video */
    int64_t polled_since_ms;
    int64_t poll_ms;
    uint32_t polls;
    uint32_t poll_failures;      /* in a row */
    bool is_recorded;            /* the task is on record, durably */
    bool is_resumed;             /* an earlier attempt ordered it */
    bool is_finished;            /* the provider has made it */
    struct asset_writer *writer; /* of the download; owned */
    video_upload_function *uploaded;
    video_submit_function *submitted;
    video_poll_function *progressed;
    video_submit_function *finished;
    video_function *downloaded;
};

/* Whether a submission of this job is on record: then upload and submission are not needed. */
bool provider_video_is_submitted(struct task *task);

/* Gives the provider the picture. path is the file of the source. */
void provider_video_upload(struct task *task, struct video_call *call, const char *path,
                           const char *content_type, video_upload_function *uploaded);

/* Orders the video, or finds the order that is on record. order may be NULL when it is. */
void provider_video_submit(struct task *task, struct video_call *call,
                           const struct video_order *order, video_submit_function *submitted);

/* Waits for the video. progressed is called with 0..100, rising, after each poll. */
void provider_video_poll(struct task *task, struct video_call *call,
                         video_poll_function *progressed, video_submit_function *finished);

/* The attempt ends without the video: the provider is told to drop the task when the job ends with
 * it, or when the task has outlived two attempts; a video that is made is kept for a retry. Closes
 * the attempt. */
void provider_video_close(struct task *task, struct video_call *call, const struct ending *ending);

/* Fetches the video into the asset store. */
void provider_video_download(struct task *task, struct video_call *call,
                             video_function *downloaded);
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
