#ifndef TROUPE_GATEWAY_LIMITS_H
#define TROUPE_GATEWAY_LIMITS_H

/* Every maximum of the gateway, with its unit and its reason. Those of the wire are in
 * proto/messages.h. */

enum {
    /* Requests. */
    BODY_SIZE_MAX = 64 << 10,        /* bytes of a request's body: the API's contract */
    BODY_DEPTH_MAX = 16,             /* nesting of a body: the API's contract */
    GROUP_BODY_SIZE_MAX = 512 << 10, /* bytes of a batch's body: the API's contract */
    GROUP_RECORDS_SIZE_MAX =
        1408 << 10,             /* bytes of its jobs on the wire: a frame has room for them */
    ENTITY_SIZE_MAX = 1 << 20,  /* bytes read of a body before the connection is cut: above
                                  BODY_SIZE_MAX, so that most get their 413 in our words */
    QUERY_PAIRS_MAX = 16,       /* parameters of one query string: twice what any route knows */
    QUERY_VALUE_SIZE_MAX = 800, /* bytes of one decoded parameter: 200 characters to search for */
    TIME_EARLIEST = 1,          /* milliseconds since 1970: 0 is no time on the wire */
    TAGS_MAX = 32,              /* of a job: the API's contract, as the next two */
    TAG_CHARACTERS_MAX = 64,
    METADATA_SIZE_MAX = 4096,    /* bytes of a job's metadata as compact JSON */
    PROBLEMS_MAX = 8,            /* reported in one 400: enough to correct a body by */
    PROBLEM_SIZE_MAX = 128,      /* bytes of one problem's text */
    PROBLEM_FIELD_SIZE = 64,     /* bytes of its field's name, with the path to it */
    REQUEST_ID_SIZE_MAX = 128,   /* bytes of a client's X-Request-Id that is taken over: the wire's
                                    REQUEST_ID_MAX */
    CONNECTIONS_MAX = 60000,     /* open clients, further bounded by the limit of open files */
    CONNECTION_FILES_SPARE = 64, /* files kept free of clients: sockets of ours, assets' files */
    ACCEPTS_MAX = 16,            /* connections taken in one turn of the loop */
    REQUEST_TIMEOUT_MS = 10000,  /* for headers and body to arrive, and between requests */
    UPLOADS_LOOK_MS = 500,       /* between two looks at what arrives over HTTP/2 */
    UPLOAD_SLOW_MS = 1000,       /* a request that takes longer to arrive is slow ... */
    UPLOADS_SLOW_MAX = 100,      /* ... of which there may be so many, each with ENTITY_SIZE_MAX, */
    UPLOAD_ORIGINS_MAX = 256,    /* in equal shares of so many addresses */
    WRITE_TIMEOUT_MS = 30000,    /* a client that takes nothing for so long is cut off, as a rule */
    WRITE_TIMEOUT_MS_MIN = 1000, /* of the setting */
    WRITE_TIMEOUT_MS_MAX = 3600000,
    FLIGHT_RATE_MIN = 16 << 10,  /* bytes a second that it takes at least of a large answer */
    SWALLOWS_MAX = 64,           /* refused clients that are let finish; the rest is reset */
    SWALLOW_MS = 2000,           /* for one of them */
    SWALLOW_SIZE_MAX = 64 << 20, /* bytes swallowed of one of them */
    SWALLOW_PIECE_SIZE = 65536,  /* bytes swallowed at once */
    STOP_IDLE_MS = 250, /* after SIGTERM, before connections without a request are closed */
    SHUTDOWN_TIMEOUT_MS = 10000, /* requests still running at SIGTERM get so long */

    /* The broker. */
    BROKER_TIMEOUT_MS = 10000,   /* a request unanswered for so long ends in 503 */
    BROKER_REQUESTS_MAX = 16384, /* waiting for an answer; a power of two; beyond it 503 at once */
    BROKER_SILENCE_MS = 1000,    /* without a tick (every 250 ms) the cache is not trusted */
    BROKER_HELLO_MS = 1000,      /* between two attempts to open a session */
    BROKER_FRAMES_MAX = 64,      /* frames taken in one turn of the loop, in fairness to HTTP */
    BROKER_QUEUE_MAX = 1000,     /* frames that ZeroMQ holds in each direction */
    BROKER_HEARTBEAT_MS = 1000,  /* ZMTP's own, to find a dead TCP peer */
    BROKER_HEARTBEAT_TIMEOUT_MS = 3000,
    BROKER_RECONNECT_MS = 50,
    BROKER_RECONNECT_MS_MAX = 500,
    POSITION_FRESH_MS = 1000, /* what a job waits for is told again without asking (design 3) */
    OVERVIEW_FRESH_MS = 1000, /* likewise of queues */
    TICK_MS = 100,            /* deadlines and silence are looked at so often */

    /* Exports of jobs. */
    EXPORTS_MAX = 4,          /* at once: each keeps one of the broker's two readers busy */
    EXPORT_JOBS_MAX = 100000, /* of one */
    EXPORT_WAITS_MAX = 30,    /* seconds for a place in the broker, before one breaks off */

    /* The object store. */
    HTTP_CLIENT_HELD_MAX = 32 << 10, /* bytes of an answer that wait to be taken */
    HTTP_CLIENT_CONNECT_MS = 5000,   /* for a connection, TLS included */
    HTTP_CLIENT_SILENCE_MS = 10000,  /* without a byte, the first one included */
    HTTP_CLIENT_KEPT_MAX = 64,       /* connections kept for the next request */

    /* Memory of what is known. */
    CACHE_ENTRIES_MAX = 65536, /* jobs; a power of two */
    CACHE_SIZE_MAX = 64 << 20, /* bytes of them with their rendered bodies */
    AUTH_TOKENS_MAX = 4096,    /* verified tokens; a power of two; at most 32 MiB of bytes */
    HUB_BUCKETS = 16384,       /* of subscriptions by job and by owner; a power of two */

    /* Walks through lists by skip. */
    WALKS_MAX = 8192, /* pages remembered, 88 bytes each; the oldest of a set goes first */
    WALKS_WAYS = 8,   /* places in a set */
    WALK_MS = 60000,  /* how long a page is remembered: who reads it takes a while to go on */

    /* The limit of submitted jobs, when there is one. */
    RATE_JOBS_MAX = 10000,     /* of a policy: 80 kB of times for a user at the limit */
    RATE_WINDOW_S_MAX = 86400, /* of a policy */
    RATE_SIZE_MAX = 32 << 20,  /* bytes of all users; beyond it unknown ones get 503 */
    RATE_BUCKETS = 16384,      /* of users; a power of two */

    /* The audit log. */
    AUDIT_NOTES_MAX = 1024,   /* lines on their way to the broker; beyond it they are lost, and
                                  logged */
    AUDIT_WINDOW_LINES = 30,  /* of one user's refused tries in a window: what people do by hand */
    AUDIT_WINDOW_MS = 600000, /* so that one user cannot push out what the log holds */
    AUDIT_USERS_MAX = 256,    /* counted apart; others share a count */

    /* Compressed answers. */
    GZIP_SIZE_MIN = 2048, /* bytes of a body: a single job fits in a packet as it is */
    GZIP_LEVEL = 1,       /* the loop compresses by itself: speed before size */

    /* Event streams. */
    STREAMS_MAX = 50000,           /* open at once; beyond it 503 */
    STREAM_QUEUE_SIZE_MAX = 65536, /* bytes held for a slow reader before it must catch up */
    STREAM_QUEUE_ITEMS_MAX = 256,  /* events held for it */
    STREAM_PAGE_EVENTS = 128,      /* events asked of the broker at a time; below the above */
    STREAM_READS_MAX = 256,        /* pages asked for at once by all streams together */
    STREAM_HEARTBEAT_MS = 15000,   /* a beat so often keeps proxies and finds the dead */
    STREAM_LEFT_MS = 1000,         /* and to a dashboard that sends nothing any more */
    STREAM_EVENT_SIZE_MAX = 8192,  /* bytes of one event's text: its wire limits, escaped */
    WATCH_STREAMS_MAX = 1000,      /* dashboards open at once; beyond it 503 */
    WATCH_MS = 250,                /* between two pieces of news for all of them */
    WATCH_SILENCE_MS = 5000,       /* of the broker, before they end: longer than it restarts */
    WATCH_LATE_MS = 1000,          /* between two ticks; what is more is not the broker's silence */
    WATCH_EVENT_SIZE_MAX = 32 << 10, /* bytes of one: JOB_NEWS_MAX jobs, or all queues */
    JOB_NEWS_MAX = 100,              /* jobs in one */
    TIMELINE_EVENTS_MAX = 256,       /* of one job: as many as the broker keeps */
    TIMELINE_SIZE_MAX = 2 << 20,     /* bytes of a job with them, at their wire limits, escaped */
    WAIT_S_MAX = 60,                 /* of ?wait=N */
    WAITS_MAX = 16384,               /* requests in ?wait=N; beyond it they are answered at once */

    /* Assets. */
    ASSET_PATH_SIZE_MAX = 256, /* bytes below /assets/ */
    ASSET_PIECE_SIZE = 65536,  /* bytes of a file in memory, per request */
    ASSETS_OPEN_MAX = 1024,    /* files being sent at once; beyond it 503 */
    ASSETS_PROXIED_MAX = 512,  /* objects being passed on at once, each with a piece, what the
                                  client holds and libcurl's own: 100 kB; beyond it 503 */
    ASSET_PROXY_PIECE_SIZE = 32 << 10, /* bytes of an object that h2o has to send, per request */
    ASSET_WORDS_SIZE_MAX = 4096,       /* bytes read of a store's words on why there is no object */
    ASSET_ADDRESS_S = 300,             /* a bucket's address works so long: to begin, not to end */
    ASSETS_REMOVED_MAX = 256,      /* files removed in one turn of the loop: some milliseconds */
    BUCKET_REMOVALS_MAX = 4,       /* removals from a bucket at once, each with one request */
    BUCKET_REMOVAL_PAGES_MAX = 10, /* lists of a hundred objects that one of them removes */
    BUCKET_PAUSE_MS_MIN = 1000,    /* after a failure of the store, doubled from there ... */
    BUCKET_PAUSE_MS_MAX = 60000,   /* ... to this */
    REMOVALS_MS = 60000,           /* between two looks for assets that somebody left behind */
    SWEEP_MS = 86400000,           /* between two looks for what was left half written */
    SWEEP_AGE_MS = 86400000,       /* that is what nobody has written to for so long */
    SWEEP_DIRECTORIES_MAX = 8,     /* characters looked through in one turn of the loop */
    SWEEP_PAGES_MAX = 1000,        /* lists of a hundred uploads in one look */
    UNUSED_AGE_MS_MIN = 1000,      /* of the setting: for trying it out */
    UNUSED_AGE_DAYS_MAX = 60,     /* of the setting: less than characters that are gone are known */
    UNUSED_AGE_MS = 604800000,    /* assets that nobody uses are kept so long, by default: a week
                                       to notice that a backup must be put back */
    UNUSED_FIRST_MS = 300000,     /* after the start, before they are looked for; then each
                                       SWEEP_MS, or as often as the age if that is less */
    UNUSED_SLACK_MS = 2000,       /* times of files and objects may be so wrong: whole seconds */
    UNUSED_SLACK_PART = 100,      /* clocks may differ by so much of the age: a day, a quarter of
                                       an hour, as much as stores allow */
    UNUSED_AGAIN_PART = 24,       /* of the time between two looks: when another one has it */
    SWEEP_STEP_US = 2000,         /* of a look in one turn of the loop, and */
    SWEEP_ENTRIES_MAX = 256,      /* files or objects of it, an open directory counting for */
    SWEEP_DIRECTORY_ENTRIES = 16, /* as many */
    SWEEP_PAUSE_MS = 10000,       /* after a failure of the broker or the store; a look that has */
    SWEEP_FAILURES_MAX = 30,      /* so many in a row is given up */
    ASSET_NAMES_HELD_MAX = 1 << 18, /* used ones of one character, 32 bytes each: of one that has
                                       more nothing is removed */
    SWEEP_REMOVED_MIN = 1000,       /* one look removes so many, and of what it has seen */
    SWEEP_REMOVED_PART = 10,        /* one in so many: the rest goes on the next day */
    ASSETS_SETTLE_MS = 900000, /* after a deletion something may still be written: an attempt takes
                                  ten minutes at most */
};

#endif
