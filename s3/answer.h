#ifndef TROUPE_S3_ANSWER_H
#define TROUPE_S3_ANSWER_H

/*
 * What a store says: the few elements of its XML that we need, and what its errors mean. Not a
 * parser of XML: an element is found by its tags, wherever it stands, without attributes but those
 * of the root. Pure.
 */

#include "base/buffer.h"

enum {
    S3_CODE_SIZE_MAX = 63,
    S3_MESSAGE_SIZE_MAX = 255,
};

/* Finds the first element of that name in *rest: its content, with entities as they are, is
 * *inside, and *rest goes on after it. Returns whether there is one. */
bool s3_xml_next(struct slice *rest, const char *name, struct slice *inside);

/* Appends the content of the first element of that name with its entities resolved. Returns OK,
 * NOT_FOUND, MALFORMED (an unknown entity), TOO_LARGE or NO_MEMORY. */
enum status s3_xml_text(struct slice xml, const char *name, struct buffer *out);

/* Appends text so that it can stand in an element. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status s3_xml_escape(struct slice text, struct buffer *out);

enum s3_failure_kind {
    S3_FAILURE_NONE,
    S3_FAILURE_TRANSIENT, /* the same request may succeed soon */
    S3_FAILURE_MISSING,   /* no such object, or no such upload any more */
    S3_FAILURE_REFUSED,   /* credentials, permission, clock, bucket, the request itself */
};

/* Why a request failed, in words for operators. */
struct s3_failure {
    enum s3_failure_kind kind;
    char code[S3_CODE_SIZE_MAX + 1];       /* the store's, or of HTTP */
    char message[S3_MESSAGE_SIZE_MAX + 1]; /* plain text */
};

/* Reads a whole answer. A 200 is a failure, too, when its body is an error (AWS:
 * CompleteMultipartUpload). */
void s3_failure_of_answer(long http_status, struct slice body, struct s3_failure *out);

#endif
