#include "broker/query_bulk.h"

#include <stdio.h>
#include "broker/job_filter.h"
#include "broker/keys.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

enum {
    JOBS = 300, /* of ann, and as many of bob, in turns; each third has failed */
};

static struct ledger ledger;
static struct job jobs[2 * JOBS];
static struct bulk bulk;
static struct bulk_page page;
static uint32_t questions; /* about the time, until it is over */
static struct view_damage damage;

static bool is_failed(uint32_t index)
{
    return index % 3 == 0;
}

/* A third of the failed ones did not like a number. */
static bool is_number(uint32_t index)
{
    return is_failed(index) && index % 9 == 0;
}

static struct slice message_of(uint32_t index)
{
    static char text[32];
    snprintf(text, sizeof text, "not %u%s", index, is_number(index) ? "" : " of them");
    return slice_from_string(text);
}

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    questions = UINT32_MAX;
    for (uint32_t index = 0; index < 2 * JOBS; index++) {
        const char *owner = index % 2 == 0 ? "ann" : "bob";
        jobs[index] = ledger_job(JOB_KIND_CHARACTER, index);
        ledger_accept(&ledger, &jobs[index], owner, "{}");
        if (is_failed(index)) {
            ledger_fail(&ledger, &jobs[index], owner, "content_policy", message_of(index));
        }
        ledger_commit(&ledger);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ledger_fini(&ledger);
    return 0;
}

static bool is_over(void *context)
{
    (void)context;
    return questions-- == 0;
}

/* Writes a bulk as the core would that starts one now. */
static void begin(const struct message_start_bulk *wish)
{
    struct message_start_bulk start = *wish;
    uint64_t total = start.jobs.size / ID_SIZE;
    start.bulk = (struct id){{7}};
    start.user = SLICE_LITERAL("boss");
    bulk = (struct bulk){.told = {.bulk = start.bulk,
                                  .action = start.action,
                                  .started_at = ledger.now,
                                  .first = total > 0 ? total : ledger.event_last + 1,
                                  .total = (uint32_t)total},
                         .user_size = 4,
                         .user = "boss"};
    bulk.told.place = bulk.told.first;
    const struct effect effect = {.type = EFFECT_BULK, .bulk = &bulk, .start = &start};
    ledger_effect(&ledger, &effect);
    ledger_commit(&ledger);
}

static void look(uint32_t most)
{
    const struct search_limit limit = {.is_over = is_over};
    const struct message_bulk told = bulk_told(&bulk);
    damage = (struct view_damage){0};
    ledger.memory.view.damage = &damage;
    assert_int_equal(query_bulk_page(&ledger.memory.view, &told, &limit, most, 0, &page),
                     STATUS_OK);
    assert_int_equal(page.place, bulk.told.place);
}

static uint32_t number_of(const struct bulk_item *item)
{
    uint32_t number;
    memcpy(&number, item->job.bytes, sizeof(number));
    return number;
}

/* Goes to the end by pages: every job that fits comes once, newest first. */
static void follow(bool (*fits)(uint32_t index), uint32_t most)
{
    uint32_t place = 0;
    page.count = 0;
    for (uint32_t index = 2 * JOBS; index-- > 0;) {
        while (fits(index) && place == page.count) {
            assert_true(bulk.told.place > 0);
            look(most);
            bulk.told.place = page.place_end;
            place = 0;
        }
        if (fits(index)) {
            assert_int_equal(number_of(&page.items[place]), index);
            assert_true(page.items[place].place >= page.place_end);
            assert_true(page.items[place].place < page.place);
            place++;
        }
    }
    while (bulk.told.place > 0) {
        look(most);
        bulk.told.place = page.place_end;
        assert_int_equal(page.count, 0);
    }
}

static bool is_live(uint32_t index)
{
    return !is_failed(index);
}

static bool is_failed_of_ann(uint32_t index)
{
    return is_failed(index) && index % 2 == 0;
}

static void every_job_that_fits_comes_once(void **state)
{
    static const uint32_t sizes[] = {1, 7, BULK_PAGE_MAX};
    (void)state;
    for (size_t size = 0; size < sizeof(sizes) / sizeof(sizes[0]); size++) {
        begin(&(struct message_start_bulk){.action = JOB_ACTION_CANCEL,
                                           .states = 1 << JOB_STATE_WAITING});
        follow(is_live, sizes[size]);
        begin(&(struct message_start_bulk){.action = JOB_ACTION_RETRY,
                                           .owner = SLICE_LITERAL("ann"),
                                           .kinds = 1,
                                           .states = 1 << JOB_STATE_FAILED});
        follow(is_failed_of_ann, sizes[size]);
    }
}

/* Those that live have no group, whatever they failed of before. */
static void a_group_of_failures_comes_whole_and_alone(void **state)
{
    struct job_value value = {.head = jobs[0],
                              .error_code = SLICE_LITERAL("content_policy"),
                              .error_message = SLICE_LITERAL("not 7")};
    (void)state;
    value.head.state = JOB_STATE_FAILED;
    begin(&(struct message_start_bulk){.action = JOB_ACTION_RETRY,
                                       .error_group = filter_error_group(&value)});
    follow(is_number, 7);
}

/* Their formats tell: a broker before the group would have tried all failed jobs again. */
static void brokers_that_know_no_groups_read_orders_without_one_only(void **state)
{
    const struct message_start_bulk orders[] = {
        {.action = JOB_ACTION_REMOVE, .owner = SLICE_LITERAL("ann")},
        {.action = JOB_ACTION_REMOVE, .error_group = {{5}}},
        {.action = JOB_ACTION_REMOVE, .group = {{6}}},
    };
    (void)state;
    for (uint32_t index = 0; index < 3; index++) {
        uint8_t key[KEY_BYTES_MAX];
        struct buffer value;
        struct slice record;
        struct message_start_bulk read;
        begin(&orders[index]);
        buffer_init(&value, VALUE_SIZE_MAX);
        assert_int_equal(ledger.memory.view.methods->get(
                             &ledger.memory.view, key_bulk_order(key, &bulk.told.bulk), &value),
                         STATUS_OK);
        assert_int_equal(plain_value_read(buffer_slice(&value), &record),
                         index == 0 ? STATUS_OK : STATUS_MALFORMED);
        assert_int_equal(order_value_read(buffer_slice(&value), &read), STATUS_OK);
        assert_int_equal(value.data[0], 1 + index); /* each knows the formats before its own */
        assert_true(id_equal(&read.error_group, &orders[index].error_group));
        assert_true(id_equal(&read.group, &orders[index].group));
        assert_true(slice_equal(read.owner, orders[index].owner));
        buffer_fini(&value);
    }
}

static void a_look_that_is_over_goes_on_where_it_ended(void **state)
{
    (void)state;
    begin(
        &(struct message_start_bulk){.action = JOB_ACTION_CANCEL, .states = 1 << JOB_STATE_ACTIVE});
    questions = 0;
    look(BULK_PAGE_MAX);
    assert_int_equal(page.count, 0);
    assert_true(page.scanned > 0);
    assert_true(page.place_end < page.place);
    assert_true(page.place_end > 0);
}

static void what_came_or_ended_later_is_not_meant(void **state)
{
    (void)state;
    begin(
        &(struct message_start_bulk){.action = JOB_ACTION_RETRY, .states = 1 << JOB_STATE_FAILED});
    struct job late = ledger_job(JOB_KIND_CHARACTER, 2 * JOBS);
    ledger_accept(&ledger, &late, "ann", "{}");
    ledger.now++;
    ledger_end(&ledger, &late, "ann", JOB_STATE_FAILED, "", "");
    ledger_end(&ledger, &jobs[2 * JOBS - 1], "bob", JOB_STATE_FAILED, "", "");
    ledger_commit(&ledger);
    follow(is_failed, BULK_PAGE_MAX);
}

static void facts_come_with_what_has_ended(void **state)
{
    (void)state;
    begin(
        &(struct message_start_bulk){.action = JOB_ACTION_RETRY, .states = 1 << JOB_STATE_FAILED});
    look(3);
    assert_true(page.items[0].facts.job_found);
    assert_int_equal(page.items[0].facts.commit, ledger.memory.view.commit);
    assert_int_equal(page.items[0].facts.head.state, JOB_STATE_FAILED);
    begin(
        &(struct message_start_bulk){.action = JOB_ACTION_REMOVE, .states = 1 << JOB_STATE_FAILED});
    look(BULK_PAGE_MAX);
    assert_int_equal(page.count, SWEEP_JOBS_MAX);
    const struct swept *swept = page.items[5].facts.swept;
    assert_int_equal(swept->kind, SWEPT_JOB);
    assert_memory_equal(&swept->head.id, &page.items[5].job, ID_SIZE);
    assert_true(swept->version_count > 0);
}

static void ids_come_in_their_order(void **state)
{
    struct id ids[5];
    (void)state;
    for (uint32_t index = 0; index < 5; index++) {
        ids[index] = index == 2 ? (struct id){{0xff}} : jobs[index].id;
    }
    begin(&(struct message_start_bulk){.action = JOB_ACTION_REMOVE,
                                       .jobs = slice_make(ids, sizeof(ids))});
    look(4);
    assert_int_equal(page.count, 4);
    assert_int_equal(page.place_end, 1);
    assert_int_equal(number_of(&page.items[3]), 3);
    assert_false(page.items[2].found);
    assert_true(page.items[1].found);
    assert_null(page.items[1].facts.swept);
    bulk.told.place = page.place_end;
    look(4);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.place_end, 0);
}

static void damage_value(struct slice key)
{
    memory_view_put(&ledger.memory, key, SLICE_LITERAL("nonsense"));
}

/* Whether it is one of those that are meant nobody can say. */
static void a_damaged_job_is_refused_and_the_search_goes_on(void **state)
{
    const uint32_t place = 2 * JOBS - 6;
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    damage_value(key_job(key, &jobs[place].id));
    for (enum job_action action = JOB_ACTION_RETRY; action <= JOB_ACTION_CANCEL; action++) {
        uint8_t ended = 1 << JOB_STATE_FAILED;
        begin(&(struct message_start_bulk){.action = (uint8_t)action, .states = ended});
        look(4);
        assert_int_equal(page.count, 4);
        for (uint32_t index = 0; index < 4; index++) {
            const struct bulk_item *item = &page.items[index];
            assert_int_equal(number_of(item), 2 * JOBS - 3 * (index + 1));
            assert_int_equal(item->damaged, number_of(item) == place);
            assert_int_equal(item->found, !item->damaged);
        }
        assert_int_equal(damage.count, 1);
        assert_true(id_equal(&damage.ids[0], &jobs[place].id));
    }
}

/* An operation would never end behind it. What an entry says stands in the job's record as well. */
static void a_damaged_index_entry_does_not_end_the_search(void **state)
{
    const uint32_t place = 2 * JOBS - 6;
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    struct slice entry = key_age(key, jobs[place].accepted, &jobs[place].id);
    damage_value(entry);
    damage_value(slice_make(key, entry.size - 3)); /* no entry of ours, just before it */
    begin(
        &(struct message_start_bulk){.action = JOB_ACTION_RETRY, .states = 1 << JOB_STATE_FAILED});
    look(4);
    assert_int_equal(page.count, 4);
    for (uint32_t index = 0; index < 4; index++) {
        assert_int_equal(number_of(&page.items[index]), 2 * JOBS - 3 * (index + 1));
        assert_true(page.items[index].found && !page.items[index].damaged);
    }
    assert_int_equal(damage.entries, 2);
    assert_int_equal(damage.count, 0);
}

/* The page that has it goes on behind it. */
static void what_a_job_needs_and_is_damaged_is_refused_alone(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    struct id character = {{9}};
    struct job job = ledger_job(JOB_KIND_IMAGE, 2 * JOBS);
    (void)state;
    job.character = character;
    ledger_ended(&ledger, &job, "ann", JOB_STATE_FAILED, "", "");
    damage_value(key_document(key, &character));
    struct id ids[] = {jobs[0].id, job.id, jobs[3].id};
    begin(&(struct message_start_bulk){.action = JOB_ACTION_RETRY,
                                       .jobs = slice_make(ids, sizeof(ids))});
    look(4);
    assert_int_equal(page.count, 3);
    assert_true(page.items[1].damaged);
    assert_false(page.items[1].found);
    assert_false(page.items[2].damaged);
    assert_int_equal(damage.count, 1);
}

static const struct view_methods *sound_methods;

/* As the store tells of a block with a wrong checksum. */
static enum status get_damaged(struct view *view, struct slice key, struct buffer *value)
{
    uint8_t damaged[KEY_BYTES_MAX];
    return slice_equal(key, key_job(damaged, &jobs[1].id)) ? STATUS_MALFORMED
                                                           : sound_methods->get(view, key, value);
}

/* The page would be asked for again for ever. */
static void a_named_job_that_cannot_be_read_is_refused_alone(void **state)
{
    const struct id ids[] = {jobs[0].id, jobs[1].id, jobs[3].id};
    (void)state;
    sound_methods = ledger.memory.view.methods;
    const struct view_methods methods = {get_damaged, sound_methods->scan};
    for (enum job_action action = JOB_ACTION_RETRY; action <= JOB_ACTION_PRIORITY; action++) {
        begin(&(struct message_start_bulk){.action = (uint8_t)action,
                                           .jobs = slice_make(ids, sizeof(ids))});
        ledger.memory.view.methods = &methods;
        look(4);
        ledger.memory.view.methods = sound_methods;
        assert_int_equal(page.count, 3);
        for (uint32_t index = 0; index < 3; index++) {
            assert_int_equal(page.items[index].damaged, index == 1);
            assert_int_equal(page.items[index].found, index != 1);
        }
        assert_int_equal(damage.count, 1);
        assert_true(id_equal(&damage.ids[0], &jobs[1].id));
    }
}

static enum status take_bulk(void *context, const struct message_bulk *stored)
{
    (*(uint32_t *)context)++;
    assert_true(slice_equal(stored->user, SLICE_LITERAL("boss")));
    return STATUS_OK;
}

/* A start goes on without it. */
static void a_bulk_that_is_damaged_is_passed_over(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    uint32_t count = 0;
    (void)state;
    damage = (struct view_damage){0};
    ledger.memory.view.damage = &damage;
    begin(&(struct message_start_bulk){.action = JOB_ACTION_CANCEL});
    damage_value(key_bulk(key, &(struct id){{6}}));
    assert_int_equal(query_bulks(&ledger.memory.view, take_bulk, &count), STATUS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(damage.entries, 1);
}

static enum status refuse_bulk(void *context, const struct message_bulk *stored)
{
    (void)stored;
    return *(const enum status *)context;
}

static void a_bulk_that_cannot_be_taken_ends_the_reading(void **state)
{
    enum status refusal = STATUS_MALFORMED;
    (void)state;
    damage = (struct view_damage){0};
    ledger.memory.view.damage = &damage;
    begin(&(struct message_start_bulk){.action = JOB_ACTION_CANCEL});
    assert_int_equal(query_bulks(&ledger.memory.view, refuse_bulk, &refusal), STATUS_OK);
    assert_int_equal(damage.entries, 1);
    refusal = STATUS_NO_MEMORY;
    assert_int_equal(query_bulks(&ledger.memory.view, refuse_bulk, &refusal), STATUS_NO_MEMORY);
}

static void what_is_stored_is_read_and_the_order_goes_at_the_end(void **state)
{
    const struct search_limit limit = {.is_over = is_over};
    uint32_t count = 0;
    (void)state;
    begin(&(struct message_start_bulk){.action = JOB_ACTION_CANCEL});
    bulk.told.state = BULK_STATE_CANCELLED;
    const struct effect effect = {.type = EFFECT_BULK, .bulk = &bulk};
    ledger_effect(&ledger, &effect);
    ledger_commit(&ledger);
    assert_int_equal(query_bulks(&ledger.memory.view, take_bulk, &count), STATUS_OK);
    assert_int_equal(count, 1);
    const struct message_bulk told = bulk_told(&bulk);
    assert_int_equal(query_bulk_page(&ledger.memory.view, &told, &limit, 1, 0, &page),
                     STATUS_NOT_FOUND);
    const struct effect gone = {.type = EFFECT_BULK_GONE, .id = told.bulk};
    ledger_effect(&ledger, &gone);
    ledger_commit(&ledger);
    assert_int_equal(query_bulks(&ledger.memory.view, take_bulk, &count), STATUS_OK);
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_job_that_fits_comes_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_group_of_failures_comes_whole_and_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(brokers_that_know_no_groups_read_orders_without_one_only,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_look_that_is_over_goes_on_where_it_ended, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_came_or_ended_later_is_not_meant, set_up, tear_down),
        cmocka_unit_test_setup_teardown(facts_come_with_what_has_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ids_come_in_their_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_job_is_refused_and_the_search_goes_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_index_entry_does_not_end_the_search, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_a_job_needs_and_is_damaged_is_refused_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_named_job_that_cannot_be_read_is_refused_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_bulk_that_is_damaged_is_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bulk_that_cannot_be_taken_ends_the_reading, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_stored_is_read_and_the_order_goes_at_the_end,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
