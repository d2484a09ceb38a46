#ifndef TROUPE_ACTORS_STUDIO_WAVESPEED_H
#define TROUPE_ACTORS_STUDIO_WAVESPEED_H

/* The WaveSpeed-compatible endpoints (wavespeed.ai/docs): upload, submit, result, list, delete,
 * and the files they link to. */

#include "actors/studio/exchange.h"

enum {
    WAVESPEED_UPLOAD_SIZE_MAX = 20 * 1024 * 1024, /* bytes of a picture: the vendor's own limit */
    WAVESPEED_DELETE_COUNT_MAX = 100,             /* ids in one request */
    WAVESPEED_PAGE_SIZE_MAX = 100,                /* predictions in one page of the list */
    WAVESPEED_PROMPT_SIZE_MAX = 16 * 1024,
};

/* The vendor's numbers of what became of a prediction. */
enum {
    WAVESPEED_CODE_POLICY = 1200,
    WAVESPEED_CODE_MEDIA = 1402, /* media access failed */
    WAVESPEED_CODE_FAILED = 1405,
};

void wavespeed_models(struct exchange *exchange);
void wavespeed_upload(struct exchange *exchange);
void wavespeed_submit(struct exchange *exchange);
void wavespeed_result(struct exchange *exchange);
void wavespeed_list(struct exchange *exchange);
void wavespeed_delete(struct exchange *exchange);
void wavespeed_delete_many(struct exchange *exchange);
void wavespeed_download(struct exchange *exchange);

#endif
