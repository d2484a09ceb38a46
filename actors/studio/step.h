#ifndef TROUPE_ACTORS_STUDIO_STEP_H
#define TROUPE_ACTORS_STUDIO_STEP_H

/* The kinds of requests that can be made slow, wrong or to fail, and that are counted. */

enum step {
    STEP_CHAT,
    STEP_IMAGE,
    STEP_UPLOAD,
    STEP_SUBMIT,
    STEP_POLL,
    STEP_DOWNLOAD,
    STEP_CANCEL,
    STEP_LIST,
    STEP_COUNT,
    STEP_NONE = STEP_COUNT, /* never at fault: models, health, the studio's own controls */
};

/* "chat" ... "list", for rules, settings and the ledger. */
const char *step_name(enum step step);

#endif
