#ifndef TROUPE_ACTORS_LIMITS_H
#define TROUPE_ACTORS_LIMITS_H

/* Every maximum of an actor process, with its unit and reason. Those of the wire are
 * proto/messages.h's. */

#include "proto/messages.h"

enum {
    SLOTS_MAX = 100000,          /* jobs at once in one process; the wire's limit of HELLO.slots */
    SLOTS_DEFAULT = 5,           /* the specification's default of QUEUE_CONCURRENCY */
    SLOTS_WEBHOOK_DEFAULT = 100, /* deliveries wait for others' servers and cost next to nothing */

    /* Connection. */
    HEARTBEAT_MS_DEFAULT = 5000,   /* until a WELCOME tells another value */
    HEARTBEAT_MS_MIN = 50,         /* a broker's value below is raised to this: no busy loop */
    HEARTBEAT_MS_MAX = 60000,      /* a broker's value above is lowered to this */
    SILENCE_HEARTBEATS = 3,        /* heartbeats without a word: the connection is made again */
    HELLO_BACKOFF_MS_MIN = 100,    /* after the first refusal, doubled from there ... */
    HELLO_BACKOFF_MS_MAX = 5000,   /* ... to this */
    WELCOME_WAIT_MS = 5000,        /* HELLO is repeated when no WELCOME came */
    RECONNECT_MS_MIN = 50,         /* libzmq's own pace of connecting ... */
    RECONNECT_MS_MAX = 1000,       /* ... grows to this */
    LINK_REOPEN_MS = 1000,         /* to the next try after sockets could not be made */
    LINK_FRAMES_PER_TURN = 64,     /* frames taken before records are sent: keeps turns short */
    LINK_ROUNDS_PER_TURN = 4,      /* receive-send rounds before timers and transfers get a turn */
    LINK_FRAMES_QUEUED_MAX = 1000, /* frames libzmq holds each way; a full queue ends the session */
    LINGER_MS = 1000,              /* how long the last frames may take to leave at the end */
    ERROR_REPLY_INTERVAL_MS = 1000, /* one ERROR at most: two peers must not answer each other */

    /* Stopping. */
    GRACE_MS_DEFAULT = 10000,
    GRACE_MS_MAX = 3600000,
    PAID_GRACE_MS_DEFAULT = 240000, /* as long as a call for a picture may take */

    /* Jobs. */
    STEPS_MAX = 16,                /* steps of a role */
    ATTEMPT_MS_MAX = 24 * 3600000, /* a broker's timeout above is lowered to this */
    CANCEL_PAUSE_MS = 200, /* before a cancel that failed is asked for again, doubled from there */
    CLOSE_MS =
        4000, /* to tell the provider that a job has ended: before the broker ends it by itself,
                        which is 10 s after a cancel and 5 s after an attempt's time */

    /* HTTP. */
    HTTP_CONNECT_MS = 10000,          /* to get a connection, TLS included */
    HTTP_CONNECTIONS_KEPT = 2048,     /* idle ones, for the next requests: one for each job */
    HTTP_REDIRECTS_MAX = 3,           /* of downloads; other requests follow none */
    HTTP_URL_SIZE_MAX = 4096,         /* bytes; signed CDN addresses are about 1000 */
    HTTP_WORDS_SIZE_MAX = 64 << 10,   /* bytes of an error in place of a download */
    HTTP_HEADERS_SIZE_MAX = 64 << 10, /* bytes, of redirects and trailers, too: libcurl keeps all */
    HTTP_STALL_S = 60,                /* seconds below one byte a second end a download */

    /* Webhooks. */
    WEBHOOK_TIMEOUT_MS = 15000,         /* of a whole request (Standard Webhooks: 15 to 30 s) */
    WEBHOOK_ANSWER_SIZE_MAX = 16 << 10, /* bytes read of an answer, which nobody looks at */
    WEBHOOK_HEADERS_SIZE_MAX = 512,     /* bytes of our three header lines */

    /* The object store. */
    STORE_PART_SIZE = 5 << 20,   /* bytes of a part: the least that S3 takes but for the last */
    STORE_PART_SLACK = 64 << 10, /* bytes of the next one that have come with it */
    STORE_PARTS_MAX = 128,       /* of an object: a video of VIDEO_SIZE_MAX has 103 */
    STORE_WRITES_MAX = 12,       /* results on their way at once, each with a part in memory */
    STORE_CLEANUPS_MAX = 64,     /* cut off writes that are tidied up after; the rest is swept */
    STORE_TRIES_MAX = 5,         /* of one request */
    STORE_PAUSE_MS_MIN = 200,    /* before the second, doubled from there ... */
    STORE_PAUSE_MS_MAX = 5000,   /* ... to this, Retry-After included */
    STORE_TIMEOUT_MS = 120000,   /* of one request: a part at 350 kbit/s */
    STORE_PROBE_MS_MIN = 1000,   /* from a failure to the first probe, doubled from there ... */
    STORE_PROBE_MS_MAX = 60000,  /* ... to this */
    STORE_PROBE_SIZE = 1 << 20,  /* bytes of one: about a picture */
    STORE_SPARE_MS = 5000,       /* of an attempt: no picture waits for the store any more */
    STORE_ANSWER_SIZE_MAX = 64 << 10, /* bytes of an answer but of an object */

    /* Providers. */
    PROVIDER_ANSWER_SIZE_MAX = 1 << 20, /* bytes of a JSON answer without a picture in it */
    PROVIDER_LIST_SIZE_MAX = 8 << 20,   /* bytes of a page of predictions, each with its input */
    PROVIDER_URL_SIZE_MAX = 1024,  /* bytes of a base address, and of other texts in settings */
    PROVIDER_KEY_SIZE_MAX = 4096,  /* bytes of a provider's key */
    CHAT_TEXT_SIZE_MAX = 16 << 10, /* bytes kept of a chat answer: documents are bounded */
    IMAGE_SIZE_MAX = 24 << 20,     /* bytes of a picture; WaveSpeed takes 20 MB, PNGs are ~2 */
    PICTURES_HELD_MAX = 8, /* answers with a picture in them, in memory until that is stored */
    PICTURE_BEGINNING_SIZE_MAX = 4 << 10, /* bytes of any other answer, which is not known to hold
                                             one: thousands may have so much */
    PICTURE_PACES = 8, /* of the request's time: an answer that others wait for brings ... */
    PICTURE_PACE_SIZE = 64 << 10, /* ... bytes in each: at less, half a MiB would take it all */
    VIDEO_SIZE_MAX = 512 << 20,   /* bytes of a video: streamed, so only the disk's concern */
    CHAT_TIMEOUT_MS = 120000,
    IMAGE_TIMEOUT_MS = 240000, /* below the attempt's 5 minutes: the answer is classified */
    UPLOAD_TIMEOUT_MS = 120000,
    SUBMIT_TIMEOUT_MS = 60000,
    POLL_TIMEOUT_MS = 30000,
    DOWNLOAD_TIMEOUT_MS = 300000,
    PROVIDER_TIMEOUT_S_MAX = 280, /* of a request, in the providers file: within an attempt */
    PROVIDER_POLL_S_MAX = 60,
    POLLS_SLOWER_MAX = 3,          /* polls get so many times rarer */
    RESULT_DOWNLOADS_MAX = 3,      /* tries to fetch a result that is paid for ... */
    RESULT_WAITS_MAX = 6,          /* ... while its sender does not work just now: 31 s at least */
    IMAGE_POLL_MS = 2000,          /* between polls of a picture, at first: the vendor's advice */
    IMAGE_STORES_MAX = 10,         /* tries to store it, each when the store has taken a probe */
    DOWNLOAD_PAUSE_MS = 1000,      /* after the first of them, doubled from there */
    POLL_FAILURES_MAX = 5,         /* polls in a row that may fail: the task runs on meanwhile */
    POLL_FAILURES_TOLD = 4,        /* from this one on each counts against the provider: two of an
                                      attempt, so that one task alone has nobody wait */
    POLL_WAIT_MS_MAX = 60000,      /* that a poll's answer may tell to wait: longer waits the job */
    RETRY_AFTER_MS_MAX = 86400000, /* the wire's limit of FAIL.retry_after_ms */
    REPEAT_AFTER_S_DEFAULT = 60,   /* from a hosted call of unknown outcome to its repetition */
    REPEAT_AFTER_S_MAX = 240,      /* so that an attempt has time for the call itself */
    PROVIDER_AVOID_MS = 10000,     /* a provider that failed is passed over when there is another */
    REPORT_MS = 1000,              /* calls that went well are told together */
    THROTTLED_MS_DEFAULT = 5000,   /* a 429 that does not say when to come again */
    NULL_MS_MAX = 3600000,         /* of null:MS */
};

#endif
