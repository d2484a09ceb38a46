#include "gateway/compress.h"

#include "gateway/limits.h"

void compress_gzip(h2o_mem_pool_t *pool, struct slice body, struct compressed *out)
{
    h2o_compress_context_t *context = h2o_compress_gzip_open(pool, GZIP_LEVEL);
    h2o_iovec_t part = h2o_iovec_init(body.data, body.size);
    *out = (struct compressed){0};
    context->transform(context, &part, 1, H2O_SEND_STATE_FINAL, &out->parts, &out->part_count);
    for (size_t index = 0; index < out->part_count; index++) {
        out->size += out->parts[index].len;
    }
}
