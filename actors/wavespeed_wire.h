#ifndef TROUPE_ACTORS_WAVESPEED_WIRE_H
#define TROUPE_ACTORS_WAVESPEED_WIRE_H

/*
 * WaveSpeed's API of predictions, as its own SDK uses it: POST {base}/api/v3/media/upload/binary,
 * POST {base}/api/v3/{model}, GET {base}/api/v3/predictions/{id}/result, POST
 * {base}/api/v3/predictions, and .../delete. What a model takes stands in its page there: pictures
 * are of models of text-to-image (flux, qwen-image), videos of image-to-video (wan). Pure.
 */

#include "actors/limits.h"
#include "actors/provider_error.h"
#include "base/buffer.h"

struct image_order {
    struct slice prompt;
    uint32_t seed; /* of the picture: no other order has it */
};

struct video_order {
    const char *image_url; /* where the upload is to be had */
    struct slice prompt;
    const char *resolution; /* 480p or 720p */
    int64_t duration;       /* seconds */
    uint32_t seed;
};

/* An answer of 2xx may say within itself that the request failed: false, and failure_out explains
 * in the provider's words, without secret (a key, may be NULL). That holds for all that follow. */

/* Reads the upload's answer into url_out, of HTTP_URL_SIZE_MAX + 1 bytes. */
bool wavespeed_wire_uploaded(struct slice body, const char *secret, char *url_out,
                             struct provider_failure *failure_out);

/* Append the body of a submission: of a video, of a picture. Return OK, TOO_LARGE or NO_MEMORY. */
enum status wavespeed_wire_video_order(const struct video_order *order, struct buffer *out);
enum status wavespeed_wire_image_order(const struct image_order *order, struct buffer *out);

/* Whether that is a task id: one that can stand in an address as it is. */
bool wavespeed_wire_is_task(struct slice text);

/* Reads the submission's answer: the task id, of TASK_SIZE_MAX + 1 bytes; empty when it is none. */
bool wavespeed_wire_submitted(struct slice body, const char *secret, char *task_out,
                              struct provider_failure *failure_out);

/* Reads from the same where the task is to be polled, when that is below base, the address that the
 * operator gave: a key goes nowhere else. url_out is of HTTP_URL_SIZE_MAX + 1 bytes. */
bool wavespeed_wire_poll_address(struct slice body, const char *base, char *url_out);

enum wavespeed_found {
    WAVESPEED_FOUND_THERE,
    WAVESPEED_FOUND_NOT_THERE,
    WAVESPEED_FOUND_UNTOLD,     /* not among those that tell what was asked for: some do not */
    WAVESPEED_FOUND_UNREADABLE, /* the page, or the order's id: nothing is known */
};

/* Looks in a page of the provider's list for an order of this seed that has not failed. THERE: its
 * id is in task_out, of TASK_SIZE_MAX + 1 bytes, which is empty otherwise. NOT_THERE,
 * UNTOLD: *count_out is how many predictions the page has. */
enum wavespeed_found wavespeed_wire_found(struct slice body, uint32_t seed, char *task_out,
                                          size_t *count_out);

enum wavespeed_status {
    WAVESPEED_STATUS_RUNNING,
    WAVESPEED_STATUS_OTHER, /* a word that we do not know: it may run on */
    WAVESPEED_STATUS_COMPLETED,
    WAVESPEED_STATUS_NSFW, /* likewise, and marked so; a result may be missing */
    WAVESPEED_STATUS_FAILED,
    WAVESPEED_STATUS_GONE, /* it is not known any more: the answer says 404 or 410 within itself */
};

enum wavespeed_drop {
    WAVESPEED_DROP_DONE,
    WAVESPEED_DROP_AGAIN,   /* it does not work just now */
    WAVESPEED_DROP_REFUSED, /* the task may run on */
    WAVESPEED_DROP_NONE,    /* none was: it may have been dropped before, or not be possible */
    WAVESPEED_DROP_GONE,    /* there is no such task any more */
};

/* What an answer of 2xx says to a request to drop one task. DONE needs its word: how many were
 * dropped, or a number of success of its own, or nothing at all (204). What does not confirm it
 * is REFUSED: it was asked for only. */
enum wavespeed_drop wavespeed_wire_dropped(struct slice body);

/* Reads a poll's answer. COMPLETED: url_out, of HTTP_URL_SIZE_MAX + 1 bytes, is filled in; else it
 * may be empty. FAILED, NSFW: failure_out is, too. false: the answer makes no sense, or says that
 * the poll failed, and failure_out says so. */
bool wavespeed_wire_polled(struct slice body, const char *secret, enum wavespeed_status *status_out,
                           char *url_out, struct provider_failure *failure_out);

#endif
