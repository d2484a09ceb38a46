#ifndef TROUPE_GATEWAY_VALIDATE_H
#define TROUPE_GATEWAY_VALIDATE_H

/*
 * The one validator: tables of field rules against bodies and query strings. Pure. It reports every
 * wrong field by name and changes nothing; what it let through, callers read without checking
 * again.
 */

#include "gateway/body.h"
#include "gateway/http_error.h"
#include "gateway/query_string.h"

enum field_type {
    FIELD_TEXT,    /* min..max characters */
    FIELD_INTEGER, /* min..max, or one of words */
    FIELD_BOOLEAN,
    FIELD_OBJECT,
    FIELD_TEXT_LIST, /* at most max strings */
    FIELD_WORD,      /* one of words */
};

enum field_need {
    FIELD_OPTIONAL,
    FIELD_NULLABLE, /* optional, and null means absent */
    FIELD_REQUIRED,
};

struct field_rule {
    const char *name;
    enum field_type type;
    enum field_need need;
    int64_t min;
    int64_t max;
    const char *const *words; /* ended by NULL */
};

void validate_body(const struct field_rule *rules, size_t count, const struct body *body,
                   struct problems *problems);

/* The same for a query string: numbers are decimal, a parameter may stand once. Parameters without
 * a rule are ignored. */
void validate_query(const struct field_rule *rules, size_t count, const struct query_string *query,
                    struct problems *problems);

/* Reads a decimal number of at most 18 digits. Returns OK or MALFORMED. */
enum status validate_integer(struct slice text, int64_t *out);

/* Characters of UTF-8 that is known to be valid. */
int64_t validate_characters(struct slice text);

/* Writes the words with commas between them, as many as there is room for. */
void validate_words_write(const char *const *words, char out[PROBLEM_SIZE_MAX]);

/* The index of text in words, or -1. */
int validate_word_index(const char *const *words, struct slice text);

#endif
