#ifndef TROUPE_ACTORS_STUDIO_MEDIA_H
#define TROUPE_ACTORS_STUDIO_MEDIA_H

/*
 * The files that the studio serves: uploads, pictures, films, in memory, the oldest leaving when
 * there are too many bytes. Files are shared: whoever holds one (a download on its way, an encoder
 * at work) calls media_file_release. The store belongs to the loop's thread; a file's content may
 * be read from any thread by a holder.
 */

#include <stdatomic.h>

#include "actors/studio/trace.h"
#include "base/buffer.h"

enum {
    MEDIA_COUNT_MAX = 1024,
    MEDIA_ID_SIZE = 33, /* 32 hexadecimal digits and the NUL */
};

struct media_file {
    atomic_int holders;
    char id[MEDIA_ID_SIZE];
    const char *media_type; /* a literal */
    const char *ending;     /* a literal: "png" */
    char trace[TRACE_SIZE]; /* that it was made in, "" for none */
    struct buffer content;
};

struct media {
    struct media_file *files[MEDIA_COUNT_MAX]; /* a ring, oldest first */
    size_t first;
    size_t count;
    size_t size; /* bytes of all files */
    size_t size_max;
};

void media_init(struct media *media, size_t size_max);
void media_fini(struct media *media);

/* Takes content over (it is empty afterwards, on success only) and makes room by forgetting the
 * oldest files. *out is borrowed: valid until the next media_add. Returns OK, TOO_LARGE (more
 * than the store holds) or NO_MEMORY. */
enum status media_add(struct media *media, const char id[MEDIA_ID_SIZE], const char *media_type,
                      const char *ending, struct buffer *content, struct media_file **out);

/* Finds a file and holds it, or NULL. */
struct media_file *media_hold(struct media *media, struct slice id);

/* Accepts NULL. */
void media_file_release(struct media_file *file);

#endif
