#ifndef TROUPE_BASE_STATUS_H
#define TROUPE_BASE_STATUS_H

/*
 * The one error type of all programs: why something did not happen. It says nothing of jobs. What a
 * peer is told is another matter: the wire has its own codes (proto/messages.h), HTTP its own.
 */

enum status {
    STATUS_OK = 0,
    STATUS_NO_MEMORY, /* an allocation failed or a fixed pool is used up */
    STATUS_TOO_LARGE, /* a size or count is above its stated limit */
    STATUS_MALFORMED, /* bytes from outside do not follow their format */
    STATUS_INVALID,   /* well formed, but a value is out of its range */
    STATUS_NOT_FOUND,
    STATUS_EXISTS,
    STATUS_DENIED, /* permission, credentials, signature */
    STATUS_BUSY,   /* in use by another process */
    STATUS_FULL,   /* a queue or the disk has no room */
    STATUS_AGAIN,  /* would block: try when it is ready */
    STATUS_TIMEOUT,
    STATUS_CLOSED, /* the peer is gone */
    STATUS_IO,     /* the operating system or a library failed */
    STATUS_UNSUPPORTED,
};

/* Returns the constant's name in lower case, for logs; never NULL. */
const char *status_name(enum status status);

/* Returns the same in words, for the end of a message to a person; never NULL. */
const char *status_text(enum status status);

#endif
