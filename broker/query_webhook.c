#include "broker/query_webhook.h"

#include <stdlib.h>
#include "broker/bytes.h"
#include "broker/keys.h"
#include "broker/list_source.h"
#include "broker/query_job.h"

/* Webhook endpoints and the log of deliveries. */

enum {
    CHUNK = 256,       /* endpoints gathered by one scan when all are read */
    TAIL_SIZE = 8 + 16 /* ~accepted delivery */
};

_Static_assert(TAIL_SIZE == 8 + ID_SIZE, "an id stands at the end");

enum status query_endpoint(struct view *view, struct slice owner, const struct id *endpoint,
                           struct buffer *buffer, struct message_put_endpoint *out,
                           int64_t *disabled_at)
{
    uint8_t key[KEY_BYTES_MAX];
    struct slice record;
    struct message message;
    *disabled_at = 0;
    enum status status = view->methods->get(view, key_disabled(key, owner, endpoint), buffer);
    if (status == STATUS_OK) {
        status = time_value_read(buffer_slice(buffer), disabled_at);
    } else if (status == STATUS_NOT_FOUND) {
        status = STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = view->methods->get(view, key_endpoint(key, owner, endpoint), buffer);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (plain_value_read(buffer_slice(buffer), &record) != STATUS_OK ||
        record_read(&record, &message) != STATUS_OK || message.type != MESSAGE_TYPE_PUT_ENDPOINT) {
        return STATUS_MALFORMED;
    }
    *out = message.put_endpoint;
    return STATUS_OK;
}

/* One that is damaged does not keep the others from being listed: it is noted. */
static enum status pass_over(const struct view *view, const struct id *id, enum status status)
{
    if (query_is_damage(status)) {
        view_note_record(view, id);
        return STATUS_OK;
    }
    return status;
}

/* Writes a page's own record, and then those of another frame, unless they failed. */
static enum status write_told(const struct message *page, const struct frame_writer *records,
                              uint32_t count, enum status status, struct frame_writer *out)
{
    if (status == STATUS_OK) {
        status = frame_write(out, page);
    }
    if (status == STATUS_OK && count > 0) {
        status = frame_splice(out, frame_records(records), count);
    }
    return status;
}

/* ---- the endpoints of one owner, and of all ---- */

/* Endpoints' keys, gathered by a scan before their records are read. */
struct keys {
    const struct view *view;
    struct id ids[CHUNK];
    uint8_t owner_sizes[CHUNK];
    uint8_t owners[CHUNK][OWNER_SIZE_MAX];
    uint32_t count;
    uint32_t count_max;
    uint8_t from[KEY_BYTES_MAX]; /* behind the last key */
    size_t from_size;
    bool damaged; /* one was passed over: a list goes on, a restart does not */
};

static bool gather(void *context, struct slice key, struct slice value)
{
    struct keys *keys = context;
    (void)value;
    size_t owner_size = key.size < 2 ? 0 : key.data[1];
    if (key.size != 2 + owner_size + ID_SIZE) {
        keys->damaged = true;
        view_note_entry(keys->view);
        return true;
    }
    uint32_t place = keys->count++;
    keys->owner_sizes[place] = (uint8_t)owner_size;
    bytes_put(keys->owners[place], key.data + 2, owner_size);
    memcpy(keys->ids[place].bytes, key.data + 2 + owner_size, ID_SIZE);
    uint8_t *end = bytes_put(keys->from, key.data, key.size);
    *end = 0;
    keys->from_size = key.size + 1;
    return keys->count < keys->count_max;
}

static enum status scan(struct view *view, struct keys *keys, struct slice to)
{
    keys->count = 0;
    keys->damaged = false;
    keys->view = view;
    return view->methods->scan(view, slice_make(keys->from, keys->from_size), to, gather, keys);
}

static enum status write_endpoint(const struct message_put_endpoint *put, int64_t disabled_at,
                                  struct frame_writer *out)
{
    const struct message message = {
        .type = MESSAGE_TYPE_ENDPOINT,
        .endpoint = {.endpoint = put->endpoint,
                     .url = put->url,
                     .secret = put->secret,
                     .secret_old = put->secret_old,
                     .secret_old_until = put->secret_old_until,
                     .events = put->events,
                     .description = put->description,
                     .version = put->version,
                     .created_at = put->created_at,
                     .disabled_at = disabled_at},
    };
    return frame_write(out, &message);
}

/* The page's head, then the endpoints that were gathered, as far as they can be read. */
static enum status write_endpoints(struct view *view, const struct message_list_endpoints *request,
                                   const struct keys *keys, struct frame_writer *out)
{
    struct buffer buffer;
    struct buffer frame;
    struct frame_writer endpoints;
    struct message page = {
        .type = MESSAGE_TYPE_ENDPOINT_PAGE,
        .endpoint_page = {.request = request->request},
    };
    buffer_init(&buffer, VALUE_SIZE_MAX);
    buffer_init(&frame, FRAME_SIZE_MAX);
    enum status status = frame_begin(&endpoints, &frame, 0);
    for (uint32_t index = 0; index < keys->count && status == STATUS_OK; index++) {
        struct message_put_endpoint put;
        int64_t disabled_at;
        status =
            query_endpoint(view, request->owner, &keys->ids[index], &buffer, &put, &disabled_at);
        if (status == STATUS_OK) {
            status = write_endpoint(&put, disabled_at, &endpoints);
        }
        page.endpoint_page.count += status == STATUS_OK;
        status = pass_over(view, &keys->ids[index], status);
    }
    if (status == STATUS_OK && page.endpoint_page.count == 0 && !id_is_zero(&request->endpoint)) {
        status = STATUS_MALFORMED; /* the one that was asked for */
    }
    status = write_told(&page, &endpoints, page.endpoint_page.count, status, out);
    buffer_fini(&frame);
    buffer_fini(&buffer);
    return status;
}

static enum status refuse(uint64_t request, struct frame_writer *out)
{
    const struct message message = {
        .type = MESSAGE_TYPE_ENDPOINT_PAGE,
        .endpoint_page = {.request = request, .code = REPLY_CODE_NOT_FOUND},
    };
    return frame_write(out, &message);
}

enum status query_endpoints(struct view *view, const struct message_list_endpoints *request,
                            struct frame_writer *out)
{
    static const struct id last = {.bytes = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                             0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    uint8_t to[KEY_BYTES_MAX];
    struct keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL) {
        return STATUS_NO_MEMORY;
    }
    bool is_one = !id_is_zero(&request->endpoint);
    keys->count_max = is_one ? 1 : ENDPOINTS_USER_MAX;
    keys->from_size = key_endpoint(keys->from, request->owner, &request->endpoint).size;
    enum status status = scan(view, keys, key_endpoint(to, request->owner, &last));
    bool is_known = keys->count > 0 && id_equal(&keys->ids[0], &request->endpoint);
    if (!is_one || is_known) {
        status = view_pass_over(view, status);
    }
    if (status == STATUS_OK && is_one && !is_known) {
        status = refuse(request->request, out);
    } else if (status == STATUS_OK) {
        status = write_endpoints(view, request, keys, out);
    }
    free(keys);
    return status;
}

static enum status visit_chunk(struct view *view, const struct keys *keys, struct buffer *buffer,
                               query_endpoint_visit *visit, void *context)
{
    for (uint32_t index = 0; index < keys->count; index++) {
        struct message_put_endpoint put;
        int64_t disabled_at;
        struct slice owner = slice_make(keys->owners[index], keys->owner_sizes[index]);
        enum status status =
            query_endpoint(view, owner, &keys->ids[index], buffer, &put, &disabled_at);
        if (status == STATUS_OK) {
            status = visit(context, &put, disabled_at != 0);
        }
        if (status != STATUS_OK) {
            return status == STATUS_NOT_FOUND ? STATUS_MALFORMED : status;
        }
    }
    return STATUS_OK;
}

enum status query_endpoints_all(struct view *view, query_endpoint_visit *visit, void *context)
{
    static const uint8_t end = KEY_ENDPOINT + 1;
    struct buffer buffer;
    enum status status;
    struct keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL) {
        return STATUS_NO_MEMORY;
    }
    buffer_init(&buffer, VALUE_SIZE_MAX);
    keys->count_max = CHUNK;
    keys->from[0] = KEY_ENDPOINT;
    keys->from_size = 1;
    do {
        status = scan(view, keys, slice_make(&end, 1));
        status = status == STATUS_OK && keys->damaged ? STATUS_MALFORMED : status;
        if (status == STATUS_OK) {
            status = visit_chunk(view, keys, &buffer, visit, context);
        }
    } while (status == STATUS_OK && keys->count == CHUNK);
    buffer_fini(&buffer);
    free(keys);
    return status;
}

/* ---- deliveries ---- */

struct deliveries {
    uint32_t limit;
    uint32_t count; /* one more than limit when there is another page */
    uint64_t accepted[LIST_LIMIT_MAX + 1];
    struct id ids[LIST_LIMIT_MAX + 1];
    const struct view *view;
};

static bool gather_delivery(void *context, struct slice key, struct slice value)
{
    struct deliveries *found = context;
    (void)value;
    if (!key_read_tail(key, &found->accepted[found->count], &found->ids[found->count])) {
        view_note_entry(found->view);
        return true;
    }
    found->count++;
    return found->count <= found->limit;
}

enum status query_report(struct view *view, const struct id *delivery, struct buffer *buffer,
                         struct slice *payload, struct message_event *out)
{
    struct message message;
    enum status status = query_input(view, delivery, buffer, &message);
    if (status != STATUS_OK) {
        return status;
    }
    *payload = message.submit.payload;
    struct slice record = *payload;
    bool good = record_read(&record, &message) == STATUS_OK && message.type == MESSAGE_TYPE_EVENT;
    *out = message.event;
    return good ? STATUS_OK : STATUS_MALFORMED;
}

static enum status write_delivery(struct view *view, const struct id *id, struct buffer *head,
                                  struct buffer *input, struct frame_writer *out)
{
    struct job_value value;
    struct message_event event;
    struct slice payload;
    enum status status = query_record(view, id, head, &value);
    if (status == STATUS_OK) {
        status = query_report(view, id, input, &payload, &event);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const struct message message = {
        .type = MESSAGE_TYPE_DELIVERY,
        .delivery = {.delivery = *id,
                     .job = event.job,
                     .event = event.event,
                     .event_kind = event.kind,
                     .state = value.head.state,
                     .attempts_made = value.head.attempts_made,
                     .answer = value.url,
                     .error_code = value.error_code,
                     .error_message = value.error_message,
                     .created_at = value.head.created_at,
                     .attempt_at = value.head.attempt_at,
                     .next_attempt_at = value.head.next_attempt_at,
                     .completed_at = value.head.completed_at},
    };
    return frame_write(out, &message);
}

static enum status write_page(struct view *view, const struct message_list_deliveries *request,
                              const struct deliveries *found, struct frame_writer *out)
{
    uint8_t cursor[LIST_CURSOR_SIZE];
    struct buffer head;
    struct buffer input;
    struct buffer frame;
    struct frame_writer deliveries;
    uint32_t most = found->count < found->limit ? found->count : found->limit;
    struct message page = {
        .type = MESSAGE_TYPE_DELIVERY_PAGE,
        .delivery_page = {.request = request->request},
    };
    if (found->count > most) {
        list_cursor_write(cursor, found->accepted[most - 1]);
        page.delivery_page.next = slice_make(cursor, sizeof cursor);
    }
    buffer_init(&head, VALUE_SIZE_MAX);
    buffer_init(&input, VALUE_SIZE_MAX);
    buffer_init(&frame, FRAME_SIZE_MAX);
    enum status status = frame_begin(&deliveries, &frame, 0);
    for (uint32_t index = 0; index < most && status == STATUS_OK; index++) {
        status = write_delivery(view, &found->ids[index], &head, &input, &deliveries);
        page.delivery_page.count += status == STATUS_OK;
        status = pass_over(view, &found->ids[index], status);
    }
    status = write_told(&page, &deliveries, page.delivery_page.count, status, out);
    buffer_fini(&frame);
    buffer_fini(&input);
    buffer_fini(&head);
    return status;
}

/* Whether the job is there, for who asks. */
static enum status find_job(struct view *view, const struct message_list_deliveries *request,
                            bool *found)
{
    struct buffer buffer;
    struct job_value value;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = query_record(view, &request->endpoint, &buffer, &value);
    *found = status == STATUS_OK && (request->admin || slice_equal(value.owner, request->owner));
    buffer_fini(&buffer);
    return status == STATUS_NOT_FOUND ? STATUS_OK : query_status(status);
}

/* Whether the owner has this endpoint: the log of one that was deleted can be read no more. */
static enum status find_owned(struct view *view, const struct message_list_deliveries *request,
                              bool *found)
{
    struct buffer buffer;
    struct message_put_endpoint put;
    int64_t disabled_at;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status =
        query_endpoint(view, request->owner, &request->endpoint, &buffer, &put, &disabled_at);
    *found = status == STATUS_OK;
    buffer_fini(&buffer);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status query_deliveries(struct view *view, const struct message_list_deliveries *request,
                             struct frame_writer *out)
{
    static const struct id none;
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    uint64_t before = 0;
    bool owned = false;
    struct deliveries found = {.limit = request->limit, .view = view};
    struct message refusal = {.type = MESSAGE_TYPE_DELIVERY_PAGE};
    enum status status =
        request->of_job ? find_job(view, request, &owned) : find_owned(view, request, &owned);
    if (status != STATUS_OK) {
        return status;
    }
    refusal.delivery_page.request = request->request;
    bool is_valid = list_cursor_read(request->cursor, &before) && before > 0 && request->limit > 0;
    if (!owned || !is_valid) {
        refusal.delivery_page.code = owned ? REPLY_CODE_INVALID : REPLY_CODE_NOT_FOUND;
        return frame_write(out, &refusal);
    }
    struct slice first = key_delivery(from, &request->endpoint, before - 1, &none);
    struct slice last = key_delivery(to, &request->endpoint, 0, &none);
    status = view_pass_over(view, view->methods->scan(view, first, last, gather_delivery, &found));
    return status == STATUS_OK ? write_page(view, request, &found, out) : status;
}
