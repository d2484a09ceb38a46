#include "broker/query.h"

#include <assert.h>
#include "broker/keys.h"
#include "broker/query_job.h"

/* What deleted documents leave behind. */

/* Some keys of a scan, each of which ends with an id. */
struct found {
    uint32_t count;
    uint32_t count_max;
    uint64_t numbers[LEFTOVERS_MAX]; /* of keys that have one before the id */
    struct id ids[LEFTOVERS_MAX];
};

/* Keys of another size are none of ours: they are passed over. */
static bool gather(void *context, struct slice key, struct slice value)
{
    struct found *found = context;
    (void)value;
    if (key.size == 1 + ID_SIZE) {
        memcpy(found->ids[found->count++].bytes, key.data + 1, ID_SIZE);
    }
    return found->count < found->count_max;
}

static bool gather_numbered(void *context, struct slice key, struct slice value)
{
    struct found *found = context;
    (void)value;
    found->count += key_read_tail(key, &found->numbers[found->count], &found->ids[found->count]);
    return found->count < found->count_max;
}

static struct slice key_behind(uint8_t *out, uint8_t prefix)
{
    out[0] = (uint8_t)(prefix + 1);
    return slice_make(out, 1);
}

/* ---- assets ---- */

/* Of a damaged record only its id is known. Taken for a character's it harms nobody: that of a
 * character is the name of its assets' directory, that of an entry of none. An entry's asset goes
 * with all that nobody uses. */
static void read_removal(struct slice record, const struct id *id, struct removal_value *out)
{
    if (removal_value_read(record, out) != STATUS_OK) {
        *out = (struct removal_value){.character = *id};
    }
}

static enum status write_removal(struct view *view, const struct id *id, struct buffer *buffer,
                                 struct frame_writer *out)
{
    uint8_t key[KEY_BYTES_MAX];
    struct removal_value value;
    enum status status = view->methods->get(view, key_removal(key, id), buffer);
    if (query_is_damage(status)) {
        buffer_clear(buffer);
        status = STATUS_OK;
    }
    if (status != STATUS_OK) {
        return status;
    }
    read_removal(buffer_slice(buffer), id, &value);
    const struct message message = {
        .type = MESSAGE_TYPE_REMOVAL,
        .removal = {
            .id = *id, .character = value.character, .at = value.time_ms, .url = value.url}};
    return frame_write(out, &message);
}

enum status query_removals(struct view *view, const struct message_list_removals *request,
                           struct frame_writer *out)
{
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    struct found found = {.count_max = request->limit};
    struct buffer buffer;
    assert(request->limit <= LIST_LIMIT_MAX);
    struct slice first = key_removal(from, &request->after);
    from[first.size] = 0; /* behind that key */
    enum status status = STATUS_OK;
    if (request->limit > 0) {
        status = view->methods->scan(view, slice_make(from, first.size + 1),
                                     key_behind(to, KEY_REMOVAL), gather, &found);
        status = view_pass_over(view, status); /* what cannot be read stays, and so do its assets */
    }
    if (status != STATUS_OK) {
        return status;
    }
    const struct message page = {
        .type = MESSAGE_TYPE_REMOVAL_PAGE,
        .removal_page = {.request = request->request, .count = found.count},
    };
    buffer_init(&buffer, VALUE_SIZE_MAX);
    status = frame_write(out, &page);
    for (uint32_t index = 0; index < found.count && status == STATUS_OK; index++) {
        status = write_removal(view, &found.ids[index], &buffer, out);
    }
    buffer_fini(&buffer);
    return status;
}

/* ---- media entries ---- */

static enum status delete_entry(const struct id *character, uint64_t number, const struct id *id,
                                struct batch *out)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = batch_delete(out, key_document(key, id));
    return status == STATUS_OK ? batch_delete(out, key_media(key, character, number, id)) : status;
}

static enum status delete_rest(const struct id *character, struct batch *out)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = batch_delete(out, key_leftovers(key, character));
    for (uint8_t type = 0; type < DOCUMENT_TYPE_COUNT && status == STATUS_OK; type++) {
        status = batch_delete(out, key_media_total(key, character, type));
    }
    return status;
}

/* Entries that cannot be read stay in the store, where nobody finds them without the character. */
static enum status delete_entries(struct view *view, const struct id *character, struct batch *out)
{
    static const struct id none;
    static const struct id all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff}};
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    struct found found = {.count_max = LEFTOVERS_MAX};
    enum status status =
        view->methods->scan(view, key_media(from, character, UINT64_MAX, &none),
                            key_media(to, character, 0, &all), gather_numbered, &found);
    status = view_pass_over(view, status);
    for (uint32_t index = 0; index < found.count && status == STATUS_OK; index++) {
        status = delete_entry(character, found.numbers[index], &found.ids[index], out);
    }
    if (status == STATUS_OK && found.count < LEFTOVERS_MAX) {
        status = delete_rest(character, out);
    }
    return status;
}

enum status query_leftovers(struct view *view, struct batch *out)
{
    static const struct id none;
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    struct found found = {.count_max = 1};
    enum status status = view->methods->scan(view, key_leftovers(from, &none),
                                             key_behind(to, KEY_LEFTOVERS), gather, &found);
    status = view_pass_over(view, status);
    if (status != STATUS_OK || found.count == 0) {
        return status;
    }
    return delete_entries(view, &found.ids[0], out);
}
