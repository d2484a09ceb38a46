#ifndef TROUPE_ACTORS_STUDIO_FAULTS_H
#define TROUPE_ACTORS_STUDIO_FAULTS_H

/*
 * Misbehaviour on order: rules that say which requests go wrong, how, and how often. Pure but for
 * allocation while rules are parsed; chance comes from a seed, so a run can be repeated.
 * docs/studio.md lists the members of a rule.
 */

#include <stdbool.h>
#include <stdint.h>

#include "actors/studio/dice.h"
#include "actors/studio/step.h"
#include "actors/studio/trace.h"
#include "base/buffer.h"

enum {
    FAULT_RULE_COUNT_MAX = 256, /* one for each cell of a matrix of jobs, steps and kinds */
    FAULT_TEXT_SIZE = 200,      /* bytes of a rule's code, message or contains, with the NUL */
    FAULT_LATENCY_MS_MAX = 600000,
    FAULT_JSON_SIZE_MAX = 64 * 1024,
};

enum fault_kind {
    FAULT_NONE,
    FAULT_LATENCY,     /* the answer comes later; other rules still apply */
    FAULT_STATUS,      /* an error answer, no work done */
    FAULT_RETRY_AFTER, /* 429 with Retry-After, no work done */
    FAULT_HANG_BEFORE, /* never answers, no work done */
    FAULT_HANG_AFTER,  /* never answers, but the work is done and charged */
    FAULT_RESET,       /* the connection is reset, no work done */
    FAULT_RESET_AFTER, /* the connection is reset instead of the answer; the work is charged */
    FAULT_RESET_AMID,  /* it is reset half way through the body */
    FAULT_DRIP,        /* the body comes a few bytes at a time */
    FAULT_TRUNCATE,    /* the connection ends half way through the body */
    FAULT_CUT,         /* half of the body, as though that were all */
    FAULT_WRONG_CONTENT_TYPE,
    FAULT_GARBAGE,        /* the body is not JSON, or not a picture or film */
    FAULT_TASK_LOST,      /* submit: accepted, charged and forgotten; poll: forgotten now */
    FAULT_NEVER_FINISHES, /* the task stays in processing */
    FAULT_TASK_FAILED,    /* the task ends failed, with code and message */
    FAULT_REFUSAL,        /* content policy, each vendor's way */
    FAULT_DUPLICATE,      /* the work is done and charged twice for one request */
};

struct fault {
    enum fault_kind kind;
    int status;
    int retry_after_s; /* 0: no such header */
    int latency_ms;    /* the sum of all latency rules that matched; of drip: between pieces */
    int bytes;         /* of drip: a piece */
    char code[FAULT_TEXT_SIZE]; /* the vendor's error code; "" for the usual one */
    char message[FAULT_TEXT_SIZE];
};

struct fault_rule {
    enum step step; /* STEP_COUNT: all */
    struct fault fault;
    char contains[FAULT_TEXT_SIZE]; /* "" or what the prompt must contain */
    char trace[TRACE_SIZE];         /* "" or the trace that the request must be part of */
    double rate;                    /* 0..1, of the requests that match */
    int64_t skip;                   /* requests that match and are let through first */
    int64_t every;                  /* after those, each so-manieth that matches; 1: each */
    int64_t matched;                /* since those */
    int64_t count;                  /* times it fires; -1: no end */
    int64_t fired;
};

struct faults {
    struct fault_rule rules[FAULT_RULE_COUNT_MAX];
    size_t count;
    struct dice dice;
};

void faults_init(struct faults *faults, uint64_t seed);

/* Replaces all rules by those of a JSON list; on failure nothing changes and problem (of size
 * bytes) says why in one line. Returns OK, MALFORMED, INVALID or TOO_LARGE. */
enum status faults_parse(struct faults *faults, struct slice json, char *problem, size_t size);

/* Decides one request and counts it. text is what "contains" looks at; trace, "" for none, is the
 * trace that the request is part of. */
struct fault faults_decide(struct faults *faults, enum step step, struct slice text,
                           const char *trace);

/* Appends the rules as JSON with how often each fired. */
enum status faults_write(const struct faults *faults, struct buffer *out);

/* The rule file's word for a kind. */
const char *fault_kind_name(enum fault_kind kind);

#endif
