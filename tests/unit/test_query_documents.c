#include "broker/query.h"

#include <stdio.h>
#include <stdlib.h>
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

/* Lists of what jobs made, and one alone. ann has characters; the first has media entries of both
 * types. */

enum {
    CHARACTERS = 150, /* more than one chunk of the index */
    ENTRIES = 90,     /* besides the portrait: images and videos by turns */
};

static struct ledger ledger;
static struct job characters[CHARACTERS];
static struct buffer frame;

struct page {
    enum reply_code code;
    uint64_t total;
    uint32_t count;
    uint32_t numbers[LIST_LIMIT_MAX]; /* that documents begin with */
    uint8_t next[CURSOR_SIZE_MAX];
    size_t next_size;
};

static void make(struct job *job, const char *document)
{
    ledger_ended(&ledger, job, "ann", JOB_STATE_COMPLETED, document, document);
}

static int set_up(void **state)
{
    char text[16];
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    for (uint32_t index = 0; index < CHARACTERS; index++) {
        characters[index] = ledger_job(JOB_KIND_CHARACTER, index);
        snprintf(text, sizeof text, "%u", index);
        make(&characters[index], text);
    }
    for (uint32_t index = 1; index <= ENTRIES; index++) {
        struct job job =
            ledger_job(index % 2 == 0 ? JOB_KIND_IMAGE : JOB_KIND_VIDEO, CHARACTERS + index);
        job.character = characters[0].character;
        snprintf(text, sizeof text, "%u", index);
        make(&job, text);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    ledger_fini(&ledger);
    return 0;
}

static struct page list(const struct message_list_documents *request)
{
    struct page page = {0};
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_documents(&ledger.memory.view, request, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_DOCUMENT_PAGE);
    assert_int_equal(message.document_page.request, request->request);
    page.code = (enum reply_code)message.document_page.code;
    page.total = message.document_page.total;
    page.next_size = message.document_page.next.size;
    if (page.next_size > 0) {
        memcpy(page.next, message.document_page.next.data, page.next_size);
    }
    uint32_t count = message.document_page.count;
    while (frame_next(&reader, &message) == STATUS_OK) {
        char text[16] = "";
        assert_int_equal(message.type, MESSAGE_TYPE_DOCUMENT);
        assert_true(slice_equal(message.document.owner, SLICE_LITERAL("ann")));
        memcpy(text, message.document.document.data,
               message.document.document.size < 8 ? message.document.document.size : 8);
        page.numbers[page.count++] = (uint32_t)strtoul(text, NULL, 10);
    }
    assert_int_equal(page.count, count);
    return page;
}

static struct message_list_documents of_ann(uint32_t limit)
{
    return (struct message_list_documents){
        .request = 3, .owner = SLICE_LITERAL("ann"), .limit = limit};
}

static struct message_list_documents of_first(uint8_t types)
{
    struct message_list_documents request = of_ann(LIST_LIMIT_MAX);
    request.character = characters[0].character;
    request.types = types;
    return request;
}

static void characters_are_listed_newest_first_page_by_page(void **state)
{
    struct message_list_documents request = of_ann(40);
    struct page page = {0};
    uint32_t expected = CHARACTERS;
    (void)state;
    do {
        request.cursor = slice_make(page.next, page.next_size);
        struct page following = list(&request);
        page = following;
        assert_int_equal(page.total, CHARACTERS);
        for (uint32_t index = 0; index < page.count; index++) {
            assert_int_equal(page.numbers[index], --expected);
        }
    } while (page.next_size > 0);
    assert_int_equal(expected, 0);
}

static void skip_passes_over_the_newest(void **state)
{
    struct message_list_documents request = of_ann(10);
    (void)state;
    request.skip = CHARACTERS - 4;
    struct page page = list(&request);
    assert_int_equal(page.count, 4);
    assert_int_equal(page.numbers[0], 3);
    assert_int_equal(page.next_size, 0);
    request.skip = INT64_MAX;
    assert_int_equal(list(&request).count, 0);
}

static void the_entries_of_a_character_are_told_by_type(void **state)
{
    struct message_list_documents request = of_first(0);
    (void)state;
    struct page page = list(&request);
    assert_int_equal(page.total, ENTRIES + 1);
    assert_int_equal(page.count, ENTRIES + 1);
    assert_int_equal(page.numbers[0], ENTRIES);
    assert_int_equal(page.numbers[ENTRIES], 0);
    request.types = 1 << DOCUMENT_TYPE_VIDEO;
    page = list(&request);
    assert_int_equal(page.total, ENTRIES / 2);
    assert_int_equal(page.count, ENTRIES / 2);
    for (uint32_t index = 0; index < page.count; index++) {
        assert_int_equal(page.numbers[index] % 2, 1);
    }
    request.types = 1 << DOCUMENT_TYPE_CHARACTER;
    assert_int_equal(list(&request).count, 0);
}

static void the_portrait_is_the_last_entry_of_the_last_page(void **state)
{
    struct message_list_documents request = of_first(0);
    (void)state;
    request.limit = ENTRIES;
    struct page page = list(&request);
    assert_int_equal(page.numbers[ENTRIES - 1], 1);
    assert_int_equal(page.next_size, 9);
    request.cursor = slice_make(page.next, page.next_size);
    struct page last = list(&request);
    assert_int_equal(last.count, 1);
    assert_int_equal(last.numbers[0], 0);
    assert_int_equal(last.next_size, 0);
    assert_int_equal(last.total, ENTRIES + 1);
    request.cursor = SLICE_EMPTY;
    request.skip = ENTRIES;
    assert_int_equal(list(&request).count, 1);
    request.skip = ENTRIES + 1;
    assert_int_equal(list(&request).count, 0);
    request.skip = 0;
    request.types = 1 << DOCUMENT_TYPE_VIDEO;
    request.limit = ENTRIES / 2;
    assert_int_equal(list(&request).next_size, 0);
}

static void entries_are_for_their_owner_and_admins(void **state)
{
    struct message_list_documents request = of_first(0);
    (void)state;
    request.owner = SLICE_LITERAL("bob");
    assert_int_equal(list(&request).code, REPLY_CODE_NOT_FOUND);
    request.admin = true;
    assert_int_equal(list(&request).count, ENTRIES + 1);
    request.character = characters[0].media; /* no character */
    assert_int_equal(list(&request).code, REPLY_CODE_NOT_FOUND);
    request.character = (struct id){{99}};
    assert_int_equal(list(&request).code, REPLY_CODE_NOT_FOUND);
}

static void an_owner_without_characters_has_an_empty_list(void **state)
{
    struct message_list_documents request = of_ann(1);
    (void)state;
    request.owner = SLICE_LITERAL("an");
    struct page page = list(&request);
    assert_int_equal(page.code, REPLY_CODE_OK);
    assert_int_equal(page.count + page.total + page.next_size, 0);
}

static void what_is_no_cursor_or_limit_is_refused(void **state)
{
    struct message_list_documents request = of_ann(1);
    (void)state;
    request.cursor = SLICE_LITERAL("nonsense");
    assert_int_equal(list(&request).code, REPLY_CODE_INVALID);
    request = of_ann(0);
    assert_int_equal(list(&request).code, REPLY_CODE_INVALID);
}

static void a_page_of_large_documents_ends_early(void **state)
{
    struct message_list_documents request = of_ann(LIST_LIMIT_MAX);
    char *large = malloc(DOCUMENT_SIZE_MAX);
    uint32_t pages = 0;
    uint32_t count = 0;
    struct page page = {0};
    (void)state;
    memset(large, '7', DOCUMENT_SIZE_MAX - 1);
    large[DOCUMENT_SIZE_MAX - 1] = '\0';
    for (uint32_t number = 0; number < 20; number++) {
        struct job job = ledger_job(JOB_KIND_IMAGE, 1000 + number);
        job.character = characters[1].character;
        make(&job, large);
    }
    request.character = characters[1].character;
    do {
        request.cursor = slice_make(page.next, page.next_size);
        struct page following = list(&request);
        page = following;
        assert_int_equal(page.total, 21);
        count += page.count;
        pages++;
    } while (page.next_size > 0);
    assert_int_equal(count, 21);
    assert_int_equal(pages, 3);
    free(large);
}

static enum reply_code get(const struct message_get_document *request)
{
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_document(&ledger.memory.view, request, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_DOCUMENT);
    return (enum reply_code)message.document.code;
}

static void a_document_is_found_as_what_it_is_only(void **state)
{
    const struct job *first = &characters[0];
    const struct job *other = &characters[1];
    const struct {
        struct message_get_document request;
        enum reply_code code;
    } cases[] = {
        {{.id = first->character}, REPLY_CODE_OK},
        {{.id = first->character, .character = first->character}, REPLY_CODE_NOT_FOUND},
        {{.id = first->media}, REPLY_CODE_NOT_FOUND},
        {{.id = first->media, .character = other->character}, REPLY_CODE_NOT_FOUND},
        {{.id = first->media, .character = first->character}, REPLY_CODE_OK},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        assert_int_equal(get(&cases[index].request), cases[index].code);
    }
}

static void a_read_that_fails_is_told(void **state)
{
    const struct message_list_documents request = of_first(0);
    enum status status = STATUS_IO;
    uint32_t number = 0;
    (void)state;
    while (status != STATUS_OK) {
        struct frame_writer writer;
        ledger.memory.reads = 0;
        ledger.memory.fail_at = ++number;
        buffer_clear(&frame);
        assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
        status = query_documents(&ledger.memory.view, &request, &writer);
        assert_true(status == STATUS_OK || status == STATUS_IO);
    }
    assert_true(number > ENTRIES);
    ledger.memory.fail_at = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_listed_newest_first_page_by_page),
        cmocka_unit_test(skip_passes_over_the_newest),
        cmocka_unit_test(the_entries_of_a_character_are_told_by_type),
        cmocka_unit_test(the_portrait_is_the_last_entry_of_the_last_page),
        cmocka_unit_test(entries_are_for_their_owner_and_admins),
        cmocka_unit_test(an_owner_without_characters_has_an_empty_list),
        cmocka_unit_test(what_is_no_cursor_or_limit_is_refused),
        cmocka_unit_test(a_document_is_found_as_what_it_is_only),
        cmocka_unit_test(a_read_that_fails_is_told),
        cmocka_unit_test(a_page_of_large_documents_ends_early),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
