#include "broker/query_calls.h"

#include "broker/batch.h"
#include "broker/bytes.h"
#include "broker/keys.h"

struct calls_scan {
    query_calls_visit *visit;
    void *context;
    enum status status;
};

static bool take_calls(void *context, struct slice key, struct slice value)
{
    struct calls_scan *scan = context;
    uint32_t part;
    struct slice account;
    if (!key_read_calls(key, &part, &account) || value.size != BATCH_ADD_SIZE) {
        scan->status = STATUS_MALFORMED;
    } else {
        scan->status = scan->visit(scan->context, part, account, bytes_get_64(value.data));
    }
    return scan->status == STATUS_OK;
}

enum status query_calls(struct view *view, uint32_t first, query_calls_visit *visit, void *context)
{
    static const uint8_t end = KEY_CALLS + 1;
    uint8_t from[KEY_BYTES_MAX];
    struct calls_scan scan = {.visit = visit, .context = context};
    enum status status = view->methods->scan(view, key_calls_part(from, first), slice_make(&end, 1),
                                             take_calls, &scan);
    return status == STATUS_OK ? scan.status : status;
}
