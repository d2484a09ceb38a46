#include "broker/recorder.h"

#include "proto/codec.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

static struct ledger ledger;
static uint8_t key[KEY_BYTES_MAX];

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ledger_fini(&ledger);
    return 0;
}

static struct job_value stored_job(const struct job *job)
{
    struct slice bytes;
    struct job_value value;
    assert_true(memory_view_get(&ledger.memory, key_job(key, &job->id), &bytes));
    assert_int_equal(job_value_read(bytes, &value), STATUS_OK);
    return value;
}

static uint32_t batch_count_of(uint8_t prefix)
{
    size_t position = 0;
    struct batch_entry entry;
    uint32_t count = 0;
    while (batch_next(&ledger.batch, &position, &entry)) {
        count += entry.key.data[0] == prefix;
    }
    return count;
}

static int64_t stored_total(const char *owner, enum job_kind kind, uint8_t state)
{
    struct slice bytes;
    int64_t number;
    if (!memory_view_get(&ledger.memory, key_total(key, slice_from_string(owner), kind, state),
                         &bytes)) {
        return 0;
    }
    assert_int_equal(bytes.size, sizeof number);
    memcpy(&number, bytes.data, sizeof number);
    return number;
}

static void set_draft(struct job *job, const char *text)
{
    const struct effect draft = {.type = EFFECT_DRAFT,
                                 .job = job,
                                 .owner = SLICE_LITERAL("ann"),
                                 .document = slice_from_string(text),
                                 .is_first = !job->drafted};
    job->drafted = true;
    ledger_effect(&ledger, &draft);
}

static void an_accepted_job_is_found_by_every_index(void **state)
{
    struct job job = ledger_job(JOB_KIND_IMAGE, 1);
    struct slice owner = SLICE_LITERAL("ann");
    struct slice value;
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{\"poseId\":null}");
    ledger_commit(&ledger);
    assert_true(slice_equal(stored_job(&job).owner, owner));
    assert_true(memory_view_get(&ledger.memory, key_input(key, &job.id), &value));
    assert_true(memory_view_get(
        &ledger.memory, key_live(key, owner, JOB_KIND_IMAGE, job.accepted, &job.id), &value));
    assert_true(memory_view_get(&ledger.memory,
                                key_list(key, owner, FAMILY_MEDIA, job.accepted, &job.id), &value));
    assert_int_equal(stored_total("ann", JOB_KIND_IMAGE, TOTAL_ACCEPTED), 1);
    assert_true(memory_view_get(&ledger.memory, key_events(key, &job.id, 1), &value));
    assert_true(memory_view_get(&ledger.memory, key_owner_events(key, owner, 1), &value));
}

static void the_input_is_kept_without_its_request_and_key(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct slice value;
    struct slice record;
    struct message message;
    (void)state;
    ledger_accept_with_key(&ledger, &job, "ann", "k1");
    ledger_commit(&ledger);
    assert_true(memory_view_get(&ledger.memory, key_input(key, &job.id), &value));
    assert_int_equal(plain_value_read(value, &record), STATUS_OK);
    assert_int_equal(record_read(&record, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_SUBMIT);
    assert_true(slice_equal(message.submit.payload, SLICE_LITERAL("{}")));
    assert_int_equal(message.submit.key.size, 0);
    assert_int_equal(message.submit.request, 0);
}

static void only_the_last_head_of_a_turn_is_written(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    for (uint8_t progress = 10; progress <= 50; progress += 10) {
        job.progress = progress;
        ledger_save(&ledger, &job, "ann", NULL);
    }
    assert_int_equal(recorder_finish(ledger.recorder, &ledger.batch, ledger.event_last, ledger.now),
                     STATUS_OK);
    assert_int_equal(batch_count_of(KEY_JOB), 1);
    ledger_commit(&ledger);
    assert_int_equal(stored_job(&job).head.progress, 50);
}

static void an_error_stays_until_a_save_without_one(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_commit(&ledger);
    ledger_save(&ledger, &job, "ann", "timeout");
    ledger_commit(&ledger);
    assert_true(slice_equal(stored_job(&job).error_code, SLICE_LITERAL("timeout")));
    ledger_save(&ledger, &job, "ann", NULL);
    ledger_commit(&ledger);
    assert_int_equal(stored_job(&job).error_code.size, 0);
}

static void the_events_of_a_turn_make_one_key_a_job_and_one_an_owner(void **state)
{
    struct job first = ledger_job(JOB_KIND_CHARACTER, 1);
    struct job second = ledger_job(JOB_KIND_CHARACTER, 2);
    struct slice bytes;
    int64_t time_ms;
    uint32_t count;
    (void)state;
    ledger_accept(&ledger, &first, "ann", "{}");
    ledger_accept(&ledger, &second, "ann", "{}");
    ledger_event(&ledger, &first, "ann", EVENT_KIND_ACTIVE);
    ledger_event(&ledger, &second, "ann", EVENT_KIND_ACTIVE);
    ledger_commit(&ledger);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("E")), 2);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("O")), 1);
    assert_true(
        memory_view_get(&ledger.memory, key_owner_events(key, SLICE_LITERAL("ann"), 4), &bytes));
    assert_int_equal(owner_events_read(bytes, &time_ms, &count), STATUS_OK);
    assert_int_equal(count, 2);
    assert_int_equal(time_ms, ledger.now);
}

static void counters_of_a_turn_are_added_once_an_owner(void **state)
{
    (void)state;
    for (uint32_t number = 1; number <= 100; number++) {
        struct job job = ledger_job(JOB_KIND_VIDEO, number);
        ledger_accept(&ledger, &job, number % 2 == 0 ? "ann" : "bob", "{}");
        if (number % 4 == 0) {
            ledger_end(&ledger, &job, "ann", JOB_STATE_CANCELLED, NULL, NULL);
        }
    }
    assert_int_equal(recorder_finish(ledger.recorder, &ledger.batch, ledger.event_last, ledger.now),
                     STATUS_OK);
    assert_int_equal(batch_count_of(KEY_TOTAL), 3 + 1); /* one of all owners */
    ledger_commit(&ledger);
    assert_int_equal(stored_total("ann", JOB_KIND_VIDEO, TOTAL_ACCEPTED), 50);
    assert_int_equal(stored_total("bob", JOB_KIND_VIDEO, TOTAL_ACCEPTED), 50);
    assert_int_equal(stored_total("ann", JOB_KIND_VIDEO, JOB_STATE_CANCELLED), 25);
}

/* Of a job that has ended so its draft is kept or goes, and a kept one goes with the job. */
static void a_draft_is_kept_for_who_tries_its_job_again(void **state)
{
    (void)state;
    for (int row = 0; row < 8; row++) {
        bool is_kept = (row & 1) != 0;
        bool in_last_turn = (row & 2) != 0;
        bool is_completed = (row & 4) != 0;
        struct job job = ledger_job(JOB_KIND_CHARACTER, (uint32_t)row + 1);
        ledger_accept(&ledger, &job, "ann", "{}");
        ledger_commit(&ledger);
        set_draft(&job, "half");
        if (!in_last_turn) {
            ledger_commit(&ledger);
        }
        job.lease = 1;
        job.state = is_completed ? JOB_STATE_COMPLETED : JOB_STATE_FAILED;
        const struct effect end = {
            .type = EFFECT_END, .job = &job, .owner = SLICE_LITERAL("ann"), .keeps_draft = is_kept};
        ledger_effect(&ledger, &end);
        ledger_commit(&ledger);
        struct slice value;
        assert_int_equal(memory_view_get(&ledger.memory, key_draft(key, &job.id), &value), is_kept);
    }
}

static void an_ended_job_leaves_the_live_index_and_its_draft(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct slice value;
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    set_draft(&job, "half");
    ledger_commit(&ledger);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("D")), 1);
    ledger_end(&ledger, &job, "ann", JOB_STATE_FAILED, "ignored", NULL);
    ledger_commit(&ledger);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("D")), 0);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("L")), 0);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("C")), 0);
    assert_true(memory_view_get(&ledger.memory,
                                key_state(key, SLICE_LITERAL("ann"), FAMILY_CHARACTER,
                                          JOB_STATE_FAILED, job.accepted, &job.id),
                                &value));
    assert_true(slice_equal(stored_job(&job).error_code, SLICE_LITERAL("content_policy")));
    assert_int_equal(stored_total("ann", JOB_KIND_CHARACTER, JOB_STATE_FAILED), 1);
}

static void a_retried_job_is_live_and_counted_as_ended_no_more(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    (void)state;
    ledger_ended(&ledger, &job, "ann", JOB_STATE_FAILED, NULL, NULL);
    ledger_revive(&ledger, &job, "ann");
    ledger_commit(&ledger);
    assert_int_equal(stored_job(&job).head.state, JOB_STATE_WAITING);
    assert_int_equal(stored_job(&job).error_code.size, 0);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("L")), 1);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("S")), 0);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("I")), 1);
    assert_int_equal(stored_total("ann", JOB_KIND_CHARACTER, JOB_STATE_FAILED), 0);
    assert_int_equal(stored_total("ann", JOB_KIND_CHARACTER, TOTAL_ACCEPTED), 1);
    ledger_end(&ledger, &job, "ann", JOB_STATE_CANCELLED, NULL, NULL);
    ledger_revive(&ledger, &job, "ann"); /* whatever the order in one turn */
    ledger_end(&ledger, &job, "ann", JOB_STATE_FAILED, NULL, NULL);
    ledger_commit(&ledger);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("L")), 0);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("S")), 1);
    assert_int_equal(stored_total("ann", JOB_KIND_CHARACTER, JOB_STATE_CANCELLED), 0);
    assert_int_equal(stored_total("ann", JOB_KIND_CHARACTER, JOB_STATE_FAILED), 1);
}

static void the_documents_of_a_completed_job_come_with_it(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct slice value;
    struct document_value document;
    (void)state;
    ledger_ended(&ledger, &job, "ann", JOB_STATE_COMPLETED, "{\"name\":\"Ada\"}", "{\"m\":1}");
    assert_true(memory_view_get(&ledger.memory, key_document(key, &job.character), &value));
    assert_int_equal(document_value_read(value, &document), STATUS_OK);
    assert_int_equal(document.type, DOCUMENT_TYPE_CHARACTER);
    assert_true(id_equal(&document.portrait, &job.media));
    assert_memory_equal(document.display_id, job.display_id, 8);
    assert_true(memory_view_get(&ledger.memory, key_document(key, &job.media), &value));
    assert_int_equal(document_value_read(value, &document), STATUS_OK);
    assert_int_equal(document.type, DOCUMENT_TYPE_IMAGE);
    assert_true(id_equal(&document.parent, &job.character));
    assert_true(slice_equal(stored_job(&job).url, SLICE_LITERAL("/assets/x.png")));
}

static void what_a_job_made_is_listed_and_counted(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct job video = ledger_job(JOB_KIND_VIDEO, 2);
    struct slice value;
    uint8_t type;
    (void)state;
    video.character = job.character;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_end(&ledger, &job, "ann", JOB_STATE_COMPLETED, "{}", "{}");
    uint64_t number = ledger.event_last;
    ledger_ended(&ledger, &video, "ann", JOB_STATE_COMPLETED, "{}", NULL);
    assert_int_equal(stored_total("ann", JOB_KIND_CHARACTER, TOTAL_CHARACTERS), 1);
    assert_true(memory_view_get(
        &ledger.memory, key_character(key, SLICE_LITERAL("ann"), number, &job.character), &value));
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("m")), 1);
    assert_true(memory_view_get(
        &ledger.memory, key_media(key, &job.character, ledger.event_last, &video.media), &value));
    assert_int_equal(index_value_read(value, &type), STATUS_OK);
    assert_int_equal(type, DOCUMENT_TYPE_VIDEO);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("t")), 1);
    assert_true(
        memory_view_get(&ledger.memory, key_media_total(key, &job.character, type), &value));
    assert_int_equal(value.data[0], 1);
}

static void a_turn_without_anything_durable_writes_nothing(void **state)
{
    const struct effect reply = {.type = EFFECT_REPLY};
    (void)state;
    ledger_effect(&ledger, &reply);
    assert_int_equal(recorder_finish(ledger.recorder, &ledger.batch, 0, ledger.now), STATUS_OK);
    assert_int_equal(ledger.batch.count, 0);
    assert_int_equal(recorder_totals(ledger.recorder).commits, 0);
}

static void only_the_last_draft_of_a_turn_is_written(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct slice bytes;
    struct slice draft;
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    set_draft(&job, "one");
    set_draft(&job, "two");
    assert_int_equal(recorder_finish(ledger.recorder, &ledger.batch, ledger.event_last, ledger.now),
                     STATUS_OK);
    assert_int_equal(batch_count_of(KEY_DRAFT), 1);
    ledger_commit(&ledger);
    assert_true(memory_view_get(&ledger.memory, key_draft(key, &job.id), &bytes));
    assert_int_equal(plain_value_read(bytes, &draft), STATUS_OK);
    assert_true(slice_equal(draft, SLICE_LITERAL("two")));
}

/* How many D keys the last turn of a job takes, by whether it and an earlier one bring drafts. */
static void a_draft_is_deleted_only_when_it_was_stored(void **state)
{
    static const struct {
        bool before, in_last;
        uint32_t keys;
    } rows[] = {{false, false, 0}, {false, true, 0}, {true, false, 1}, {true, true, 1}};
    (void)state;
    for (uint32_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct job job = ledger_job(JOB_KIND_CHARACTER, row + 1);
        ledger_accept(&ledger, &job, "ann", "{}");
        if (rows[row].before) {
            set_draft(&job, "early");
        }
        ledger_commit(&ledger);
        if (rows[row].in_last) {
            set_draft(&job, "late");
            set_draft(&job, "later");
        }
        ledger_end(&ledger, &job, "ann", JOB_STATE_COMPLETED, "{}", NULL);
        assert_int_equal(
            recorder_finish(ledger.recorder, &ledger.batch, ledger.event_last, ledger.now),
            STATUS_OK);
        assert_int_equal(batch_count_of(KEY_DRAFT), rows[row].keys);
        ledger_commit(&ledger);
        assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("D")), 0);
    }
}

static void a_character_done_in_two_turns_takes_23_keys(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_event(&ledger, &job, "ann", EVENT_KIND_ACTIVE);
    ledger_commit(&ledger);
    ledger_event(&ledger, &job, "ann", EVENT_KIND_PROGRESS);
    ledger_end(&ledger, &job, "ann", JOB_STATE_COMPLETED, "{}", "{}");
    ledger_commit(&ledger);
    struct recorder_totals totals = recorder_totals(ledger.recorder);
    assert_int_equal(totals.commits, 2);
    /* J P I b L T E O, then J b L S R C c C T T T E O; M with each commit, and e once a day. */
    assert_int_equal(totals.keys, 8 + 13 + 2 + 1);
    assert_int_equal(totals.accepted, 1);
    assert_int_equal(totals.ended, 1);
}

/* Of a job of the null provider; keys.h tells why each is there. M and O of each turn and T are
 * shared with others: accepted, completed, that of all owners, and characters. */
static void a_job_takes_the_keys_that_are_told(void **state)
{
    static const struct {
        enum job_kind kind;
        uint32_t totals;
        uint32_t turns_at_work;
        bool has_draft;
        uint32_t keys;
    } rows[] = {{JOB_KIND_CHARACTER, 4, 1, true, 20},
                {JOB_KIND_IMAGE, 3, 1, false, 18},
                {JOB_KIND_VIDEO, 3, 2, true, 23}};
    (void)state;
    for (uint32_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct job job = ledger_job(rows[row].kind, row + 1);
        const struct effect operation = {.type = EFFECT_OPERATION, .job = &job};
        uint64_t before = recorder_totals(ledger.recorder).keys;
        ledger_accept(&ledger, &job, "ann", "{}");
        ledger_event(&ledger, &job, "ann", EVENT_KIND_ACTIVE);
        ledger_commit(&ledger);
        for (uint32_t turn = 0; turn < rows[row].turns_at_work; turn++) {
            ledger_event(&ledger, &job, "ann", EVENT_KIND_PROGRESS);
            if (turn == 0 && rows[row].has_draft) {
                set_draft(&job, "made so far");
            }
            ledger_effect(&ledger, &operation);
            ledger_commit(&ledger);
        }
        ledger_end(&ledger, &job, "ann", JOB_STATE_COMPLETED, "{}", "{}");
        ledger_commit(&ledger);
        uint32_t first_of_day = row == 0 ? 1 : 0; /* e */
        assert_int_equal(recorder_totals(ledger.recorder).keys - before,
                         first_of_day + rows[row].keys + 2 * (2 + rows[row].turns_at_work) +
                             rows[row].totals);
    }
}

static void the_size_told_is_never_less_than_what_is_written(void **state)
{
    (void)state;
    for (uint32_t number = 1; number <= 300; number++) {
        struct job job = ledger_job(JOB_KIND_IMAGE, number);
        ledger_accept(&ledger, &job, "ann", "{}");
        ledger_save(&ledger, &job, "ann", "some error that takes room");
        set_draft(&job, "a draft");
    }
    size_t before = ledger.batch.bytes.size;
    size_t told = recorder_size(ledger.recorder);
    assert_int_equal(recorder_finish(ledger.recorder, &ledger.batch, ledger.event_last, ledger.now),
                     STATUS_OK);
    assert_true(ledger.batch.bytes.size - before <= told);
}

static void a_batch_that_is_full_is_told(void **state)
{
    static uint8_t big[DOCUMENT_SIZE_MAX];
    struct job job = ledger_job(JOB_KIND_IMAGE, 1);
    const struct effect draft = {.type = EFFECT_DRAFT,
                                 .job = &job,
                                 .owner = SLICE_LITERAL("ann"),
                                 .document = {big, sizeof big}};
    enum status status = STATUS_OK;
    uint32_t count = 0;
    (void)state;
    while (status == STATUS_OK && count < 100) {
        status = recorder_add(ledger.recorder, &ledger.batch, &draft, ledger.now);
        count++;
    }
    assert_int_equal(status, STATUS_TOO_LARGE);
    assert_int_equal(count, BATCH_SIZE_MAX / DOCUMENT_SIZE_MAX);
}

#define RECORDER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* The greatest group there is: what its acceptance writes leaves room for all else in a turn. */
static void the_greatest_group_fits_into_a_batch(void **state)
{
    static struct message_submit items[GROUP_JOBS_MAX];
    static uint8_t payload[(512 << 10) / GROUP_JOBS_MAX];
    static char owner[OWNER_SIZE_MAX + 1];
    const struct id group_id = {{4}};
    const struct job_links links = {.group = group_id};
    (void)state;
    memset(owner, 'o', OWNER_SIZE_MAX);
    const struct message_submit_group group = {
        .group = group_id, .owner = slice_from_string(owner), .count = GROUP_JOBS_MAX};
    for (uint32_t index = 0; index < GROUP_JOBS_MAX; index++) {
        struct job job = ledger_job(JOB_KIND_VIDEO, index);
        items[index] = (struct message_submit){.job = job.id,
                                               .kind = job.kind,
                                               .owner = group.owner,
                                               .group = group_id,
                                               .payload = slice_make(payload, sizeof payload)};
        ledger_effect(&ledger, &(struct effect){.type = EFFECT_ACCEPT,
                                                .job = &job,
                                                .owner = group.owner,
                                                .links = &links,
                                                .submit = &items[index]});
        ledger_event(&ledger, &job, owner, EVENT_KIND_QUEUED);
    }
    ledger_effect(&ledger, &(struct effect){.type = EFFECT_GROUP, .group = &group, .items = items});
    size_t size = ledger.batch.bytes.size + recorder_size(ledger.recorder);
    assert_in_range(size, 1 << 20, BATCH_SIZE_MAX - 4 * COMMIT_SIZE_MAX);
    ledger_commit(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORDER_TEST(an_accepted_job_is_found_by_every_index),
        RECORDER_TEST(the_input_is_kept_without_its_request_and_key),
        RECORDER_TEST(only_the_last_head_of_a_turn_is_written),
        RECORDER_TEST(an_error_stays_until_a_save_without_one),
        RECORDER_TEST(the_events_of_a_turn_make_one_key_a_job_and_one_an_owner),
        RECORDER_TEST(counters_of_a_turn_are_added_once_an_owner),
        RECORDER_TEST(a_draft_is_kept_for_who_tries_its_job_again),
        RECORDER_TEST(an_ended_job_leaves_the_live_index_and_its_draft),
        RECORDER_TEST(a_retried_job_is_live_and_counted_as_ended_no_more),
        RECORDER_TEST(the_documents_of_a_completed_job_come_with_it),
        RECORDER_TEST(what_a_job_made_is_listed_and_counted),
        RECORDER_TEST(a_turn_without_anything_durable_writes_nothing),
        RECORDER_TEST(a_character_done_in_two_turns_takes_23_keys),
        RECORDER_TEST(a_job_takes_the_keys_that_are_told),
        RECORDER_TEST(only_the_last_draft_of_a_turn_is_written),
        RECORDER_TEST(a_draft_is_deleted_only_when_it_was_stored),
        RECORDER_TEST(the_size_told_is_never_less_than_what_is_written),
        RECORDER_TEST(a_batch_that_is_full_is_told),
        RECORDER_TEST(the_greatest_group_fits_into_a_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
