#include "broker/query.h"

#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

/* What is written by a deletion, the facts for one, and what removes the rest. */

enum {
    ENTRIES = 2 * LEFTOVERS_MAX + 10, /* of the first character, its portrait included */
};

static struct ledger ledger;
static struct job character;
static struct job image;
static struct buffer frame;

static void make(struct job *job, const char *media)
{
    ledger_accept(&ledger, job, "ann", "{}");
    ledger_end(&ledger, job, "ann", JOB_STATE_COMPLETED, "{}", media);
}

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    character = ledger_job(JOB_KIND_CHARACTER, 1);
    make(&character, "{}");
    for (uint32_t number = 2; number <= ENTRIES; number++) {
        image = ledger_job(JOB_KIND_IMAGE, number);
        image.character = character.character;
        make(&image, NULL);
        ledger_commit(&ledger);
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

static struct facts facts_of(const struct id *id, const struct id *of, const char *owner)
{
    struct message message = {.type = MESSAGE_TYPE_DELETE_DOCUMENT};
    struct facts facts;
    message.delete_document.id = *id;
    message.delete_document.character = *of;
    message.delete_document.owner = slice_from_string(owner);
    message.delete_document.admin = strcmp(owner, "root") == 0;
    assert_int_equal(query_facts(&ledger.memory.view, &message, ledger.now, &facts), STATUS_OK);
    return facts;
}

static void delete_it(const struct id *id, const struct id *of)
{
    const struct facts facts = facts_of(id, of, "ann");
    const struct effect effect = {.type = EFFECT_DELETE, .id = *id, .deleted = &facts.document};
    assert_true(facts.document.found);
    ledger_effect(&ledger, &effect);
    ledger_commit(&ledger);
}

static size_t keys(const char *prefix)
{
    return memory_view_count(&ledger.memory, slice_from_string(prefix));
}

/* Applies one look for leftovers. Returns how many operations it had. */
static uint32_t clear(void)
{
    struct batch batch;
    batch_init(&batch);
    batch_clear(&batch, ledger.commit);
    assert_int_equal(query_leftovers(&ledger.memory.view, &batch), STATUS_OK);
    assert_int_equal(batch_append(&ledger.batch, buffer_slice(&batch.bytes), batch.count),
                     STATUS_OK);
    uint32_t count = batch.count;
    batch_fini(&batch);
    ledger_commit(&ledger);
    return count;
}

static struct message_list_documents list_of(const struct id *of)
{
    return (struct message_list_documents){
        .owner = SLICE_LITERAL("ann"), .limit = 1, .character = *of};
}

static struct message_document_page first_page(const struct message_list_documents *request)
{
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_documents(&ledger.memory.view, request, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    return message.document_page;
}

static void the_facts_tell_what_may_be_deleted_by_whom(void **state)
{
    const struct id none = {{0}};
    (void)state;
    assert_true(facts_of(&character.character, &none, "ann").document.found);
    assert_true(facts_of(&character.character, &none, "root").document.found);
    assert_false(facts_of(&character.character, &none, "bob").document.found);
    assert_false(facts_of(&image.media, &none, "ann").document.found);
    assert_true(facts_of(&image.media, &character.character, "ann").document.found);
    assert_false(facts_of(&image.media, &image.id, "ann").document.found);
    assert_false(facts_of(&character.character, &character.character, "ann").document.found);
    struct facts facts = facts_of(&image.media, &character.character, "root");
    assert_true(slice_equal(document_facts_owner(&facts.document), SLICE_LITERAL("ann")));
    assert_true(slice_equal(document_facts_url(&facts.document), SLICE_LITERAL("/assets/x.png")));
}

static void a_media_entry_is_gone_at_once_and_its_asset_remembered(void **state)
{
    struct message_list_documents request = list_of(&character.character);
    (void)state;
    delete_it(&image.media, &character.character);
    assert_int_equal(first_page(&request).total, ENTRIES - 1);
    assert_int_equal(keys("C"), ENTRIES);
    assert_int_equal(keys("m"), ENTRIES - 2); /* a portrait has none */
    assert_int_equal(keys("x"), 1);
    assert_int_equal(keys("y"), 0);
    assert_false(facts_of(&image.media, &character.character, "ann").document.found);
}

static void a_portrait_is_deleted_as_the_others_are(void **state)
{
    struct message_list_documents request = list_of(&character.character);
    (void)state;
    request.skip = ENTRIES - 2;
    assert_int_equal(first_page(&request).count, 1);
    assert_true(first_page(&request).next.size > 0);
    delete_it(&character.media, &character.character);
    assert_int_equal(first_page(&request).total, ENTRIES - 1);
    assert_int_equal(first_page(&request).count, 1);
    assert_int_equal(first_page(&request).next.size, 0);
    assert_int_equal(keys("m"), ENTRIES - 1);
    assert_int_equal(keys("x"), 1);
    assert_false(facts_of(&character.media, &character.character, "ann").document.found);
}

static void a_character_of_which_only_the_portrait_was_has_no_entries(void **state)
{
    const struct id none = {{0}};
    struct job lone = ledger_job(JOB_KIND_CHARACTER, ENTRIES + 1);
    struct message_list_documents request = list_of(&lone.character);
    (void)state;
    make(&lone, "{}");
    ledger_commit(&ledger);
    assert_int_equal(first_page(&request).total, 1);
    request.types = 1 << DOCUMENT_TYPE_VIDEO;
    assert_int_equal(first_page(&request).total, 0);
    assert_int_equal(first_page(&request).count, 0);
    request.types = 0;
    delete_it(&lone.media, &lone.character);
    assert_int_equal(first_page(&request).total, 0);
    assert_int_equal(first_page(&request).count, 0);
    size_t documents = keys("C");
    delete_it(&lone.character, &none);
    assert_int_equal(keys("C"), documents - 1);
}

static void a_character_is_gone_at_once_and_its_entries_step_by_step(void **state)
{
    const struct id none = {{0}};
    struct message_list_documents characters = list_of(&none);
    struct message_list_documents entries = list_of(&character.character);
    uint32_t looks = 0;
    (void)state;
    delete_it(&character.character, &none);
    assert_int_equal(first_page(&characters).total, 0);
    assert_int_equal(first_page(&entries).code, REPLY_CODE_NOT_FOUND);
    assert_false(facts_of(&image.media, &character.character, "ann").document.found);
    assert_int_equal(keys("m"), ENTRIES - 1);
    assert_int_equal(keys("C"), ENTRIES - 1); /* the portrait went at once, too */
    while (clear() > 0) {
        looks++;
    }
    assert_int_equal(looks, 3);
    assert_int_equal(keys("C") + keys("c") + keys("m") + keys("t") + keys("y"), 0);
    assert_int_equal(keys("x"), 1);
}

/* A look that is read twice, as when its view was behind, changes nothing more. */
static void a_look_for_leftovers_may_be_repeated(void **state)
{
    const struct id none = {{0}};
    struct batch batch;
    (void)state;
    delete_it(&character.character, &none);
    batch_init(&batch);
    batch_clear(&batch, ledger.commit);
    assert_int_equal(query_leftovers(&ledger.memory.view, &batch), STATUS_OK);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(batch_append(&ledger.batch, buffer_slice(&batch.bytes), batch.count),
                         STATUS_OK);
        ledger_commit(&ledger);
        assert_int_equal(keys("m"), ENTRIES - 1 - LEFTOVERS_MAX);
    }
    batch_fini(&batch);
}

static uint32_t removals(const struct id *after, uint32_t limit, struct message_removal *last)
{
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    const struct message_list_removals request = {.request = 4, .limit = limit, .after = *after};
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_removals(&ledger.memory.view, &request, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_REMOVAL_PAGE);
    uint32_t count = message.removal_page.count;
    for (uint32_t index = 0; index < count; index++) {
        assert_int_equal(frame_next(&reader, &message), STATUS_OK);
        *last = message.removal;
    }
    return count;
}

static void assets_are_remembered_until_they_are_gone(void **state)
{
    const struct id none = {{0}};
    struct message_removal removal;
    (void)state;
    delete_it(&image.media, &character.character);
    delete_it(&character.character, &none);
    assert_int_equal(removals(&none, 1, &removal), 1);
    assert_true(id_equal(&removal.id, &character.character));
    assert_int_equal(removal.url.size, 0);
    assert_int_equal(removal.at, ledger.now);
    struct id first = removal.id;
    assert_int_equal(removals(&first, 10, &removal), 1);
    assert_true(id_equal(&removal.id, &image.media));
    assert_true(id_equal(&removal.character, &character.character));
    assert_true(slice_equal(removal.url, SLICE_LITERAL("/assets/x.png")));
    const struct effect effect = {.type = EFFECT_REMOVED,
                                  .document = slice_make(removal.id.bytes, ID_SIZE)};
    ledger_effect(&ledger, &effect);
    ledger_commit(&ledger);
    assert_int_equal(removals(&none, 10, &removal), 1);
}

static void a_damaged_removal_stops_none_behind_it(void **state)
{
    const struct id none = {{0}};
    struct message_removal removal;
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    delete_it(&image.media, &character.character);
    delete_it(&character.character, &none);
    memory_view_put(&ledger.memory, key_removal(key, &character.character), SLICE_LITERAL("?"));
    memory_view_put(&ledger.memory, SLICE_LITERAL("x-of-another-size-than-ours"),
                    SLICE_LITERAL("?"));
    assert_int_equal(removals(&none, 1, &removal), 1);
    assert_true(id_equal(&removal.id, &character.character));
    assert_true(id_equal(&removal.character, &character.character));
    assert_int_equal(removal.url.size, 0);
    assert_int_equal(removals(&none, 10, &removal), 2);
    assert_true(id_equal(&removal.id, &image.media));
    assert_true(slice_equal(removal.url, SLICE_LITERAL("/assets/x.png")));
}

static void a_damaged_part_stops_no_removal_behind_it(void **state)
{
    const struct id none = {{0}};
    struct message_removal removal;
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    delete_it(&image.media, &character.character);
    delete_it(&character.character, &none);
    memory_view_damage(&ledger.memory, key_removal(key, &character.character));
    assert_int_equal(removals(&none, 10, &removal), 1);
    assert_true(id_equal(&removal.id, &image.media));
}

static void leftovers_that_cannot_be_read_are_left(void **state)
{
    const struct id none = {{0}};
    struct slice prefix;
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    prefix = key_media(key, &character.character, ledger.event_last, &none);
    memory_view_damage(&ledger.memory, slice_make(key, prefix.size - ID_SIZE - 1));
    delete_it(&character.character, &none);
    while (clear() > 0) {
    }
    assert_int_equal(keys("y"), 0);
    assert_in_range(keys("m"), 1, ENTRIES - 2);
}

static void a_foreign_key_stops_no_look_for_leftovers(void **state)
{
    const struct id none = {{0}};
    (void)state;
    memory_view_put(&ledger.memory, SLICE_LITERAL("y123"), SLICE_LITERAL("?"));
    memory_view_put(&ledger.memory, SLICE_LITERAL("y123456789012345678901234567890"),
                    SLICE_LITERAL("?"));
    assert_int_equal(clear(), 0);
    delete_it(&character.character, &none);
    while (clear() > 0) {
    }
    assert_int_equal(keys("m"), 0);
    assert_int_equal(keys("y"), 2);
}

static void a_read_that_fails_is_told(void **state)
{
    const struct id none = {{0}};
    enum status status = STATUS_IO;
    struct batch batch;
    (void)state;
    delete_it(&character.character, &none);
    batch_init(&batch);
    for (uint32_t number = 1; status != STATUS_OK; number++) {
        ledger.memory.reads = 0;
        ledger.memory.fail_at = number;
        batch_clear(&batch, 1);
        status = query_leftovers(&ledger.memory.view, &batch);
        assert_true(status == STATUS_OK || status == STATUS_IO);
    }
    ledger.memory.fail_at = 0;
    batch_fini(&batch);
}

#define REMOVALS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REMOVALS_TEST(the_facts_tell_what_may_be_deleted_by_whom),
        REMOVALS_TEST(a_media_entry_is_gone_at_once_and_its_asset_remembered),
        REMOVALS_TEST(a_portrait_is_deleted_as_the_others_are),
        REMOVALS_TEST(a_character_of_which_only_the_portrait_was_has_no_entries),
        REMOVALS_TEST(a_character_is_gone_at_once_and_its_entries_step_by_step),
        REMOVALS_TEST(a_look_for_leftovers_may_be_repeated),
        REMOVALS_TEST(assets_are_remembered_until_they_are_gone),
        REMOVALS_TEST(a_damaged_removal_stops_none_behind_it),
        REMOVALS_TEST(a_damaged_part_stops_no_removal_behind_it),
        REMOVALS_TEST(leftovers_that_cannot_be_read_are_left),
        REMOVALS_TEST(a_foreign_key_stops_no_look_for_leftovers),
        REMOVALS_TEST(a_read_that_fails_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
