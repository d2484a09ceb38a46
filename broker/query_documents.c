#include "broker/query.h"

#include <assert.h>
#include <stdlib.h>
#include "broker/keys.h"
#include "broker/list_source.h"
#include "broker/query_job.h"

_Static_assert(DOCUMENTS_SIZE_MAX + DOCUMENT_SIZE_MAX < FRAME_SIZE_MAX, "a page fits into a frame");
_Static_assert((int)DOCUMENT_TYPE_COUNT <= (int)JOB_KIND_COUNT,
               "an index of documents is read as one of jobs");

/* Reads a document's record. *buffer holds what *out borrows. Returns MALFORMED for a damaged one.
 */
static enum status read_document(struct view *view, const struct id *id, struct buffer *buffer,
                                 struct document_value *out)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = view->methods->get(view, key_document(key, id), buffer);
    if (status != STATUS_OK) {
        return status;
    }
    return document_value_read(buffer_slice(buffer), out);
}

/* ---- one ---- */

/* A media entry exists as long as its character. */
static enum status check_parent(struct view *view, const struct document_value *document)
{
    struct buffer buffer;
    struct document_value parent;
    if (document->type == DOCUMENT_TYPE_CHARACTER) {
        return STATUS_OK;
    }
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = read_document(view, &document->parent, &buffer, &parent);
    buffer_fini(&buffer);
    return status;
}

enum status query_stored_document(struct view *view, const struct id *id, struct buffer *buffer,
                                  struct document_value *out)
{
    enum status status = read_document(view, id, buffer, out);
    return status == STATUS_OK ? check_parent(view, out) : status;
}

/* Whether the document is what was asked for: its id alone does not tell. */
static bool is_wanted(const struct message_get_document *request,
                      const struct document_value *document)
{
    bool is_character = document->type == DOCUMENT_TYPE_CHARACTER;
    return id_is_zero(&request->character)
               ? is_character
               : !is_character && id_equal(&document->parent, &request->character);
}

enum status query_document(struct view *view, const struct message_get_document *request,
                           struct frame_writer *out)
{
    struct buffer buffer;
    struct document_value document;
    struct message message = {
        .type = MESSAGE_TYPE_DOCUMENT,
        .document = {.request = request->request, .code = REPLY_CODE_NOT_FOUND},
    };
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = query_stored_document(view, &request->id, &buffer, &document);
    if (status == STATUS_OK && is_wanted(request, &document)) {
        message.document.code = REPLY_CODE_OK;
        message.document.owner = document.owner;
        message.document.document = document.json;
    }
    if (status == STATUS_OK || status == STATUS_NOT_FOUND) {
        status = frame_write(out, &message);
    }
    buffer_fini(&buffer);
    return status;
}

/* ---- many ---- */

/* Some bytes of the page's documents. */
struct span {
    size_t offset;
    size_t size;
};

struct page {
    struct view *view;
    const struct message_list_documents *request;
    struct source source;
    struct source_entry portrait; /* in no index: the oldest entry of its character */
    bool has_portrait;            /* that is still to be listed */
    struct buffer buffer;
    uint64_t total;
    struct buffer documents; /* owner and document of each, one after the other */
    struct span owners[LIST_LIMIT_MAX];
    struct span texts[LIST_LIMIT_MAX];
    uint32_t count;
    uint64_t last; /* age of the last entry that was looked at */
    bool more;
};

static bool is_of_character(const struct page *page)
{
    return !id_is_zero(&page->request->character);
}

/* The wanted types: an owner's list has characters, a character's has media entries. */
static uint8_t types_of(const struct page *page)
{
    uint8_t types = page->request->types == 0 ? DOCUMENT_TYPES_ALL : page->request->types;
    uint8_t characters = 1 << DOCUMENT_TYPE_CHARACTER;
    return is_of_character(page) ? types & (uint8_t)~characters : types & characters;
}

static enum status count_total(struct page *page)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct message_list_documents *request = page->request;
    enum status status = STATUS_OK;
    for (uint8_t type = 0; type < DOCUMENT_TYPE_COUNT && status == STATUS_OK; type++) {
        if ((types_of(page) & (1u << type)) != 0) {
            struct slice counter =
                is_of_character(page)
                    ? key_media_total(key, &request->character, type)
                    : key_total(key, request->owner, JOB_KIND_CHARACTER, TOTAL_CHARACTERS);
            status = list_count(page->view, counter, &page->buffer, &page->total);
        }
        if (status == STATUS_MALFORMED) {
            view_note_entry(page->view);
            status = STATUS_OK;
        }
    }
    return status;
}

static void open_source(struct page *page, uint64_t before)
{
    static const struct id none;
    uint8_t key[KEY_BYTES_MAX];
    const struct message_list_documents *request = page->request;
    struct slice first = is_of_character(page) ? key_media(key, &request->character, 0, &none)
                                               : key_character(key, request->owner, 0, &none);
    source_init(&page->source, first, types_of(page), false, before);
}

static enum status keep(struct buffer *documents, struct slice bytes, struct span *out)
{
    *out = (struct span){documents->size, bytes.size};
    return buffer_append_slice(documents, bytes);
}

/* One that is damaged does not keep the others from being listed. */
static enum status add_document(struct page *page, const struct source_entry *entry)
{
    struct document_value document;
    enum status status = STATUS_MALFORMED;
    if (!entry->is_damaged) {
        status = read_document(page->view, &entry->job, &page->buffer, &document);
    }
    if (query_is_damage(status)) {
        view_note_record(page->view, &entry->job);
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = keep(&page->documents, document.owner, &page->owners[page->count]);
    }
    if (status == STATUS_OK) {
        status = keep(&page->documents, document.json, &page->texts[page->count]);
    }
    page->count += status == STATUS_OK;
    return status;
}

static bool is_full(const struct page *page)
{
    return page->count == page->request->limit || page->documents.size >= DOCUMENTS_SIZE_MAX ||
           page->source.scanned > LIST_SCAN_MAX;
}

/* Gives the next entry, or NULL at the end, through *out. */
static enum status peek(struct page *page, const struct source_entry **out)
{
    enum status status = source_peek(&page->source, page->view, out);
    if (status == STATUS_OK && *out == NULL && page->has_portrait) {
        *out = &page->portrait;
    }
    return status;
}

static void take(struct page *page, const struct source_entry *entry)
{
    if (entry == &page->portrait) {
        page->has_portrait = false;
    } else {
        source_take(&page->source);
    }
}

/* Collects the page's documents, after skip others. */
static enum status collect(struct page *page, uint64_t skip)
{
    const struct source_entry *entry;
    enum status status = peek(page, &entry);
    for (; status == STATUS_OK && entry != NULL && !is_full(page); skip -= skip > 0) {
        page->last = entry->accepted;
        if (skip == 0) {
            status = add_document(page, entry);
        }
        take(page, entry);
        if (status == STATUS_OK) {
            status = peek(page, &entry);
        }
    }
    page->more = status == STATUS_OK && entry != NULL;
    return status;
}

static struct slice text_of(const struct page *page, struct span span)
{
    return slice_make(page->documents.data + span.offset, span.size);
}

static enum status write_page(const struct page *page, struct frame_writer *out)
{
    uint8_t cursor[LIST_CURSOR_SIZE];
    uint64_t request = page->request->request;
    struct message message = {
        .type = MESSAGE_TYPE_DOCUMENT_PAGE,
        .document_page = {.request = request, .total = page->total, .count = page->count},
    };
    if (page->more) {
        list_cursor_write(cursor, page->last);
        message.document_page.next = slice_make(cursor, sizeof cursor);
    }
    enum status status = frame_write(out, &message);
    for (uint32_t index = 0; index < page->count && status == STATUS_OK; index++) {
        message = (struct message){
            .type = MESSAGE_TYPE_DOCUMENT,
            .document = {.request = request,
                         .owner = text_of(page, page->owners[index]),
                         .document = text_of(page, page->texts[index])},
        };
        status = frame_write(out, &message);
    }
    return status;
}

/* Counts the portrait as keys.h says, and finds whether it is there to be listed. */
static enum status find_portrait(struct page *page, const struct id *id, uint64_t before)
{
    struct document_value document;
    if (id_is_zero(id) || (types_of(page) & (1u << DOCUMENT_TYPE_IMAGE)) == 0) {
        return STATUS_OK;
    }
    page->total = 1;
    enum status status = read_document(page->view, id, &page->buffer, &document);
    if (status == STATUS_OK) {
        page->portrait = (struct source_entry){.accepted = document.number, .job = *id};
        page->has_portrait = document.number < before;
    } else if (status == STATUS_MALFORMED) {
        view_note_record(page->view, id);
    }
    return query_is_damage(status) ? STATUS_OK : status;
}

/* Whether the character exists and its entries may be seen by who asks. */
static enum status find_character(struct page *page, struct id *portrait, bool *found)
{
    struct document_value document;
    const struct message_list_documents *request = page->request;
    *found = true;
    if (!is_of_character(page)) {
        return STATUS_OK;
    }
    enum status status = read_document(page->view, &request->character, &page->buffer, &document);
    *found = status == STATUS_OK && document.type == DOCUMENT_TYPE_CHARACTER &&
             (request->admin || slice_equal(document.owner, request->owner));
    if (*found) {
        *portrait = document.portrait;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status refuse(const struct message_list_documents *request, enum reply_code code,
                          struct frame_writer *out)
{
    const struct message message = {
        .type = MESSAGE_TYPE_DOCUMENT_PAGE,
        .document_page = {.request = request->request, .code = (uint8_t)code},
    };
    return frame_write(out, &message);
}

static enum status answer(struct page *page, uint64_t before, struct frame_writer *out)
{
    bool found;
    struct id portrait = {0};
    const struct message_list_documents *request = page->request;
    enum status status = find_character(page, &portrait, &found);
    if (status != STATUS_OK || !found) {
        return status == STATUS_OK ? refuse(request, REPLY_CODE_NOT_FOUND, out) : status;
    }
    status = find_portrait(page, &portrait, before);
    if (status == STATUS_OK) {
        status = count_total(page);
    }
    if (status == STATUS_OK) {
        open_source(page, before);
        status = collect(page, request->cursor.size > 0 ? 0 : request->skip);
    }
    return status == STATUS_OK ? write_page(page, out) : status;
}

enum status query_documents(struct view *view, const struct message_list_documents *request,
                            struct frame_writer *out)
{
    uint64_t before;
    assert(request->limit <= LIST_LIMIT_MAX);
    if (!list_cursor_read(request->cursor, &before) || request->limit == 0) {
        return refuse(request, REPLY_CODE_INVALID, out);
    }
    struct page *page = calloc(1, sizeof *page);
    if (page == NULL) {
        return STATUS_NO_MEMORY;
    }
    page->view = view;
    page->request = request;
    buffer_init(&page->buffer, VALUE_SIZE_MAX);
    buffer_init(&page->documents, FRAME_SIZE_MAX);
    enum status status = answer(page, before, out);
    buffer_fini(&page->documents);
    buffer_fini(&page->buffer);
    free(page);
    return status;
}
