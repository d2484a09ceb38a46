#ifndef TROUPE_ACTORS_STUDIO_TRACE_H
#define TROUPE_ACTORS_STUDIO_TRACE_H

/* The trace that a request is part of (W3C Trace Context): what a test tells its jobs apart by. */

enum {
    TRACE_SIZE = 33, /* 32 hexadecimal digits and the NUL */
};

#endif
