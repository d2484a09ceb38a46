#ifndef TROUPE_S3_LIST_H
#define TROUPE_S3_LIST_H

/*
 * What a store lists: objects (AWS: ListObjects, whose mark to go on from is a key) and uploads in
 * parts (ListMultipartUploads). Any bytes are read without harm; what makes no sense is passed
 * over. Pure.
 */

#include "s3/answer.h"
#include "s3/bucket.h"

enum {
    S3_LIST_MAX = 100,                   /* entries asked for at a time */
    S3_LIST_ANSWER_SIZE_MAX = 512 << 10, /* bytes: keys of 1024 bytes, escaped, and the rest */
    S3_UPLOAD_ID_SIZE_MAX = 1024,        /* bytes; AWS's are about 130 */
};

struct s3_listed {
    char key[S3_KEY_SIZE_MAX + 1];             /* below the bucket's prefix */
    char upload_id[S3_UPLOAD_ID_SIZE_MAX + 1]; /* of an upload, else empty */
    int64_t at_ms;                             /* when it was written, or begun; since 1970 */
    uint64_t size;                             /* bytes of an object; 0 when it is not told */
};

/* Reads the next entry of *rest, which goes on after it: "Contents" or "Upload". Entries that are
 * not below the bucket's prefix, whose key is too long or has a NUL, or that have no time, are
 * passed over. Returns whether there is one. */
bool s3_list_next(const struct s3_bucket *bucket, const char *element, struct slice *rest,
                  struct s3_listed *out);

/* Reads whether the list goes on. Returns false when this is no list. */
bool s3_list_is_cut(struct slice answer, bool *is_cut);

#endif
