#ifndef TROUPE_S3_BUCKET_H
#define TROUPE_S3_BUCKET_H

/*
 * Where objects are: a bucket of an S3 store, the prefix of their keys, how the store is addressed
 * and who asks. Made once from settings, then only read. Pure. main owns the instances.
 */

#include "s3/sigv4.h"

enum {
    S3_HOST_SIZE_MAX = 320,  /* bytes of host:port, the bucket's name in it */
    S3_PATH_SIZE_MAX = 320,  /* bytes of /bucket/prefix/ */
    S3_KEY_SIZE_MAX = 512,   /* bytes of a key below the prefix; ours are about 90 */
    S3_PREFIX_SIZE_MAX = 200 /* bytes */
};

enum s3_style {
    S3_STYLE_DEFAULT, /* of AWS's own endpoint host, of any other path */
    S3_STYLE_PATH,    /* https://endpoint/bucket/key */
    S3_STYLE_HOST,    /* https://bucket.endpoint/key */
};

/* As they were set. Borrowed texts, which live as long as the bucket. */
struct s3_options {
    const char *location; /* bucket, or bucket/prefix */
    const char *endpoint; /* http or https, no path; NULL: AWS's of the region */
    const char *region;
    enum s3_style style;
    const char *key_id;
    const char *secret;
    const char *token; /* of a session; NULL for none */
};

struct s3_bucket {
    struct sigv4_key key;
    bool is_tls;
    char host[S3_HOST_SIZE_MAX + 1];     /* as the header Host has it */
    char path[S3_PATH_SIZE_MAX + 1];     /* of the bucket: "/" or "/bucket/" */
    char prefix[S3_PREFIX_SIZE_MAX + 2]; /* "", or ends with a slash */
};

/* Returns OK, or INVALID with what is wrong in words in *problem. */
enum status s3_bucket_init(struct s3_bucket *bucket, const struct s3_options *options,
                           const char **problem);

#endif
