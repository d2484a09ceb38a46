#include "broker/query.h"

#include <assert.h>
#include <stdlib.h>
#include "broker/bytes.h"
#include "broker/keys.h"
#include "broker/list_source.h"
#include "broker/query_job.h"

/* Which assets of a character are used: those of its media entries. Drafts are not looked into:
 * they are of live jobs, whose times are told. */

_Static_assert(ASSET_NAMES_SIZE_MAX > 2 * (URL_SIZE_MAX + 1), "a page has more than one name");

/* ---- times of which the store knows nothing ---- */

struct gaps {
    uint32_t count;
    bool damaged;
    bool more;
    int64_t starts[GAPS_TOLD_MAX];
    int64_t ends[GAPS_TOLD_MAX];
};

static bool gather_gap(void *context, struct slice key, struct slice value)
{
    struct gaps *gaps = context;
    gaps->more = gaps->count == GAPS_TOLD_MAX;
    if (gaps->more) {
        return false;
    }
    gaps->damaged = !key_read_gap(key, &gaps->starts[gaps->count]) ||
                    time_value_read(value, &gaps->ends[gaps->count]) != STATUS_OK;
    gaps->count += !gaps->damaged;
    return !gaps->damaged;
}

/* Of one that cannot be read nobody knows which time it told: as without any, that is all. */
static enum status read_gaps(struct view *view, struct gaps *gaps)
{
    static const uint8_t from = KEY_GAP;
    static const uint8_t to = KEY_GAP + 1;
    *gaps = (struct gaps){.count = 0};
    enum status status =
        view->methods->scan(view, slice_make(&from, 1), slice_make(&to, 1), gather_gap, gaps);
    if (status == STATUS_MALFORMED || gaps->damaged) {
        view_note_entry(view);
        gaps->count = 0;
        status = status == STATUS_MALFORMED ? STATUS_OK : status;
    }
    return status;
}

/* Writes them as they are told. Of too many the oldest become one; of a store that has none nothing
 * is known. */
static struct slice gaps_write(struct gaps *gaps, uint8_t out[GAPS_SIZE_MAX])
{
    if (gaps->count == 0) {
        gaps->count = 1;
        gaps->ends[0] = TIME_MS_MAX;
        gaps->more = true;
    }
    if (gaps->more) {
        gaps->starts[gaps->count - 1] = 0;
    }
    uint8_t *place = out;
    for (uint32_t index = 0; index < gaps->count; index++) {
        place = bytes_put_big_64(place, (uint64_t)gaps->starts[index]);
        place = bytes_put_big_64(place, (uint64_t)gaps->ends[index]);
    }
    return slice_make(out, (size_t)(place - out));
}

enum status query_gap(struct view *view, int64_t last_ms, int64_t now, int64_t gap_ms,
                      struct batch *out)
{
    struct gaps gaps;
    struct buffer value;
    uint8_t key[KEY_BYTES_MAX];
    enum status status = read_gaps(view, &gaps);
    if (status != STATUS_OK || (gaps.count > 0 && now - last_ms < gap_ms)) {
        return status;
    }
    buffer_init(&value, VALUE_SIZE_MAX);
    status = time_value_write(&value, now);
    if (status == STATUS_OK) {
        status = batch_put(out, key_gap(key, gaps.count == 0 ? 0 : last_ms), buffer_slice(&value));
    }
    buffer_fini(&value);
    return status;
}

/* ---- the names ---- */

struct page {
    struct view *view;
    const struct message_get_assets *request;
    struct message_asset_names *told;
    struct buffer document; /* scratch space: a document's record */
    struct buffer names;
    uint32_t count;
    uint32_t limit;
    bool damaged;
    uint64_t numbers[ASSETS_LIMIT_MAX];
    struct id ids[ASSETS_LIMIT_MAX];
};

static enum status read_document(struct page *page, const struct id *id, struct document_value *out)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status =
        page->view->methods->get(page->view, key_document(key, id), &page->document);
    return status == STATUS_OK ? document_value_read(buffer_slice(&page->document), out) : status;
}

/* Adds the name of an entry's asset. An entry that is gone has none; its list may be behind. */
static enum status add_name(struct page *page, const struct id *id)
{
    struct document_value document;
    enum status status = read_document(page, id, &document);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    size_t start = document.url.size;
    while (start > 0 && document.url.data[start - 1] != '/') {
        start--;
    }
    status = buffer_append(&page->names, document.url.data + start, document.url.size - start);
    return status == STATUS_OK ? buffer_append(&page->names, "\n", 1) : status;
}

static bool gather_entry(void *context, struct slice key, struct slice value)
{
    struct page *page = context;
    (void)value;
    page->damaged = !key_read_tail(key, &page->numbers[page->count], &page->ids[page->count]);
    page->count += !page->damaged;
    return !page->damaged && page->count < page->limit;
}

static bool has_room(const struct page *page)
{
    return page->names.size + URL_SIZE_MAX + 1 <= ASSET_NAMES_SIZE_MAX;
}

static enum status add_names(struct page *page, uint64_t before, uint8_t cursor[LIST_CURSOR_SIZE])
{
    static const struct id none;
    static const struct id all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff}};
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    const struct id *character = &page->request->character;
    uint32_t index = 0;
    if (before == 0) {
        return STATUS_OK;
    }
    enum status status =
        page->view->methods->scan(page->view, key_media(from, character, before - 1, &none),
                                  key_media(to, character, 0, &all), gather_entry, page);
    if (status == STATUS_OK && page->damaged) {
        status = STATUS_MALFORMED;
    }
    while (status == STATUS_OK && index < page->count && has_room(page)) {
        status = add_name(page, &page->ids[index++]);
    }
    if (status == STATUS_OK && (index < page->count || page->count == page->limit)) {
        list_cursor_write(cursor, page->numbers[index - 1]);
        page->told->next = slice_make(cursor, LIST_CURSOR_SIZE);
    }
    return status;
}

/* Whether the character is there, or why it is not. The portrait stands in no list. */
static enum status find_character(struct page *page, struct id *portrait)
{
    uint8_t key[KEY_BYTES_MAX];
    struct document_value document;
    const struct id *character = &page->request->character;
    enum status status = read_document(page, character, &document);
    if (status == STATUS_OK) {
        page->told->known = document.type == DOCUMENT_TYPE_CHARACTER;
        *portrait = document.portrait;
        return STATUS_OK;
    }
    if (status == STATUS_NOT_FOUND) {
        status = page->view->methods->get(page->view, key_gone(key, character), &page->document);
        page->told->gone = status == STATUS_OK;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status fill(struct page *page, uint64_t before, uint8_t cursor[LIST_CURSOR_SIZE])
{
    struct id portrait = {0};
    enum status status = find_character(page, &portrait);
    if (status != STATUS_OK || !page->told->known || page->limit == 0) {
        return status;
    }
    if (page->request->cursor.size == 0 && !id_is_zero(&portrait)) {
        status = add_name(page, &portrait);
    }
    return status == STATUS_OK ? add_names(page, before, cursor) : status;
}

/* Something that says what is used cannot be read: nothing is certain of this character, and all
 * of its assets are left alone. */
static void tell_unknown(struct page *page)
{
    view_note_record(page->view, &page->request->character);
    page->told->known = false;
    page->told->gone = false;
    page->told->next = SLICE_EMPTY;
    buffer_clear(&page->names);
}

enum status query_assets(struct view *view, const struct message_get_assets *request,
                         int64_t live_since, struct frame_writer *out)
{
    uint64_t before;
    struct gaps gaps;
    uint8_t cursor[LIST_CURSOR_SIZE];
    uint8_t gap_bytes[GAPS_SIZE_MAX];
    struct message answer = {
        .type = MESSAGE_TYPE_ASSET_NAMES,
        .asset_names = {.request = request->request, .live_since = live_since},
    };
    assert(request->limit <= ASSETS_LIMIT_MAX);
    if (!list_cursor_read(request->cursor, &before)) {
        answer.asset_names.code = REPLY_CODE_INVALID;
        return frame_write(out, &answer);
    }
    struct page *page = calloc(1, sizeof *page);
    if (page == NULL) {
        return STATUS_NO_MEMORY;
    }
    *page = (struct page){
        .view = view, .request = request, .told = &answer.asset_names, .limit = request->limit};
    buffer_init(&page->document, VALUE_SIZE_MAX);
    buffer_init(&page->names, ASSET_NAMES_SIZE_MAX);
    enum status status = read_gaps(view, &gaps);
    if (status == STATUS_OK) {
        answer.asset_names.gaps = gaps_write(&gaps, gap_bytes);
        status = fill(page, before, cursor);
    }
    if (status == STATUS_MALFORMED) {
        tell_unknown(page);
        status = STATUS_OK;
    }
    if (status == STATUS_OK) {
        answer.asset_names.names = buffer_slice(&page->names);
        status = frame_write(out, &answer);
    }
    buffer_fini(&page->names);
    buffer_fini(&page->document);
    free(page);
    return status;
}
