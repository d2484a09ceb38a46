#ifndef TROUPE_TESTS_SIM_TRACE_H
#define TROUPE_TESTS_SIM_TRACE_H

/*
 * What happened lately, for the report of a failure, and the digest of all that happened, for
 * telling whether two runs were the same. An entry is a word and a few numbers; it is made into
 * text only when somebody wants to read it.
 */

#include <stdbool.h>
#include <stdint.h>

enum {
    TRACE_SIZE = 64, /* entries kept: a little more than one turn's worth of actions */
    TRACE_VALUES = 4,
};

struct trace_entry {
    int64_t at;
    uint64_t step;
    const char *what; /* a literal: "dispatch job lease peer", the labels of the values after it */
    const char *word; /* a literal that says which kind; may be NULL */
    int64_t values[TRACE_VALUES];
};

struct trace {
    struct trace_entry entries[TRACE_SIZE];
    uint64_t count;
    uint64_t digest;
    bool verbose; /* print each entry as it comes */
};

void trace_init(struct trace *trace, bool verbose);

/* Adds an entry. Both texts must be literals. */
void trace_add(struct trace *trace, int64_t at, uint64_t step, const char *what, const char *word,
               const int64_t values[TRACE_VALUES]);

/* Prints the entries kept, oldest first, with times relative to `start`. */
void trace_print(const struct trace *trace, int64_t start);

#endif
