#include "broker/query.h"

#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

/* Single jobs, documents, dispatch, recovery; facts, lists and events have files of their own. */

static struct ledger ledger;
static const struct retention retention = {
    .ended_ms =
        {[JOB_STATE_COMPLETED] = 3000, [JOB_STATE_FAILED] = 2000, [JOB_STATE_CANCELLED] = 1000},
    .tombstone_ms = 500,
};
static struct buffer frame;
static struct frame_writer writer;
static struct frame_reader reader;

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    ledger_fini(&ledger);
    return 0;
}

static struct message next(enum message_type type)
{
    struct message message;
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_int_equal(message.type, type);
    return message;
}

/* Closes the answer's frame and reads its first record. */
static struct message answer(enum message_type type)
{
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    return next(type);
}

static void make_character(struct job *job, const char *owner, const char *document)
{
    ledger_accept(&ledger, job, owner, "{\"name\":\"Ada\"}");
    ledger_end(&ledger, job, owner, JOB_STATE_COMPLETED, document, "{\"portrait\":1}");
    ledger_commit(&ledger);
}

static void a_job_is_answered_with_its_whole_state(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct message_get_job request = {.request = 42, .job = job.id};
    (void)state;
    make_character(&job, "ann", "{\"name\":\"Ada\"}");
    assert_int_equal(query_job(&ledger.memory.view, &request, &retention, &writer), STATUS_OK);
    struct message_job_state found = answer(MESSAGE_TYPE_JOB_STATE).job_state;
    assert_int_equal(found.request, 42);
    assert_int_equal(found.code, REPLY_CODE_OK);
    assert_int_equal(found.state, JOB_STATE_COMPLETED);
    assert_int_equal(found.version, 2);
    assert_true(slice_equal(found.owner, SLICE_LITERAL("ann")));
    assert_true(slice_equal(found.display_id, SLICE_LITERAL("DISPLAY2")));
    assert_true(slice_equal(found.url, SLICE_LITERAL("/assets/x.png")));
    assert_int_equal(found.completed_at, ledger.now);
}

static void a_media_job_carries_its_characters_name(void **state)
{
    struct job character = ledger_job(JOB_KIND_CHARACTER, 1);
    struct job image = ledger_job(JOB_KIND_IMAGE, 2);
    struct message_get_job request = {.request = 1, .job = image.id};
    (void)state;
    make_character(&character, "ann", "{\"age\":3,\"name\":\"Ada \\u00e9\"}");
    image.character = character.character;
    memset(image.display_id, 0, sizeof image.display_id);
    ledger_accept(&ledger, &image, "ann", "{}");
    ledger_commit(&ledger);
    assert_int_equal(query_job(&ledger.memory.view, &request, &retention, &writer), STATUS_OK);
    struct message_job_state found = answer(MESSAGE_TYPE_JOB_STATE).job_state;
    assert_true(slice_equal(found.character_name, SLICE_LITERAL("Ada \xc3\xa9")));
    assert_true(slice_equal(found.display_id, SLICE_LITERAL("DISPLAY2")));
}

static void a_name_that_cannot_be_read_is_empty(void **state)
{
    static const char *const documents[] = {"",   "nonsense",           "[]", "{\"name\":3}",
                                            "{}", "{\"name\":\"\xff\"}"};
    (void)state;
    for (uint32_t index = 0; index < sizeof documents / sizeof documents[0]; index++) {
        struct job character = ledger_job(JOB_KIND_CHARACTER, 10 + index);
        struct job image = ledger_job(JOB_KIND_IMAGE, 100 + index);
        struct message_get_job request = {.request = 1, .job = image.id};
        make_character(&character, "ann", documents[index]);
        image.character = character.character;
        ledger_accept(&ledger, &image, "ann", "{}");
        ledger_commit(&ledger);
        assert_int_equal(query_job(&ledger.memory.view, &request, &retention, &writer), STATUS_OK);
    }
    assert_int_equal(answer(MESSAGE_TYPE_JOB_STATE).job_state.character_name.size, 0);
}

static void what_is_unknown_is_not_found(void **state)
{
    const struct message_get_job job = {.request = 7, .job = {{9}}};
    const struct message_get_document document = {.request = 8, .id = {{9}}};
    (void)state;
    assert_int_equal(query_job(&ledger.memory.view, &job, &retention, &writer), STATUS_OK);
    assert_int_equal(query_document(&ledger.memory.view, &document, &writer), STATUS_OK);
    assert_int_equal(answer(MESSAGE_TYPE_JOB_STATE).job_state.code, REPLY_CODE_NOT_FOUND);
    assert_int_equal(next(MESSAGE_TYPE_DOCUMENT).document.code, REPLY_CODE_NOT_FOUND);
}

static void a_document_comes_with_its_owner(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct message_get_document request = {
        .request = 8, .id = job.media, .character = job.character};
    (void)state;
    make_character(&job, "ann", "{}");
    assert_int_equal(query_document(&ledger.memory.view, &request, &writer), STATUS_OK);
    struct message_document found = answer(MESSAGE_TYPE_DOCUMENT).document;
    assert_true(slice_equal(found.owner, SLICE_LITERAL("ann")));
    assert_true(slice_equal(found.document, SLICE_LITERAL("{\"portrait\":1}")));
}

static void record_operation(struct job *job, uint8_t number, const char *task)
{
    const struct effect effect = {.type = EFFECT_OPERATION,
                                  .job = job,
                                  .owner = SLICE_LITERAL("ann"),
                                  .operation = {.job = job->id,
                                                .lease = job->lease,
                                                .operation = number,
                                                .state = OPERATION_STATE_SUBMITTED,
                                                .provider = SLICE_LITERAL("studio"),
                                                .task = slice_from_string(task)}};
    job->operations = (uint8_t)(number + 1);
    ledger_effect(&ledger, &effect);
}

static void a_dispatched_video_has_all_that_its_worker_needs(void **state)
{
    struct job character = ledger_job(JOB_KIND_CHARACTER, 1);
    struct job video = ledger_job(JOB_KIND_VIDEO, 2);
    (void)state;
    make_character(&character, "ann", "{\"name\":\"Ada\"}");
    video.character = character.character;
    video.source = character.media;
    ledger_accept(&ledger, &video, "ann", "{\"duration\":5}");
    const struct effect draft = {.type = EFFECT_DRAFT,
                                 .job = &video,
                                 .owner = SLICE_LITERAL("ann"),
                                 .document = SLICE_LITERAL("half")};
    ledger_effect(&ledger, &draft);
    record_operation(&video, 0, "t0");
    record_operation(&video, 1, "t1");
    video.state = JOB_STATE_ACTIVE;
    video.lease = 2;
    video.flags = JOB_FLAG_TASK | JOB_FLAG_ASKED;
    video.attempt_at = ledger.now - 1000;
    ledger_commit(&ledger);
    assert_int_equal(
        query_dispatch(&ledger.memory.view, &video, SLICE_LITERAL("ann"), ledger.now, &writer),
        STATUS_OK);
    struct message_job job = answer(MESSAGE_TYPE_JOB).job;
    assert_int_equal(job.lease, 2);
    assert_int_equal(job.timeout_ms, TIMEOUT_VIDEO_MS - 1000);
    assert_true(job.may_be_dropped);
    assert_true(slice_equal(job.payload, SLICE_LITERAL("{\"duration\":5}")));
    assert_true(slice_equal(job.character_document, SLICE_LITERAL("{\"name\":\"Ada\"}")));
    assert_true(slice_equal(job.source_document, SLICE_LITERAL("{\"portrait\":1}")));
    assert_true(slice_equal(job.draft, SLICE_LITERAL("half")));
    assert_int_equal(job.operation_count, 2);
    assert_true(slice_equal(next(MESSAGE_TYPE_RECORDED).recorded.task, SLICE_LITERAL("t0")));
    assert_true(slice_equal(next(MESSAGE_TYPE_RECORDED).recorded.task, SLICE_LITERAL("t1")));
}

static void a_fresh_dispatch_is_the_same_as_one_from_the_store(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    const struct job_input input = {SLICE_LITERAL("{\"name\":\"Ada\"}"),
                                    SLICE_LITERAL(LEDGER_TRACE), SLICE_EMPTY};
    struct buffer other;
    struct frame_writer other_writer;
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{\"name\":\"Ada\"}");
    ledger_commit(&ledger);
    job.state = JOB_STATE_ACTIVE;
    job.lease = 1;
    job.attempt_at = ledger.now;
    buffer_init(&other, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&other_writer, &other, 0), STATUS_OK);
    assert_int_equal(
        query_dispatch(&ledger.memory.view, &job, SLICE_LITERAL("ann"), ledger.now, &writer),
        STATUS_OK);
    assert_int_equal(
        query_dispatch_fresh(&job, SLICE_LITERAL("ann"), &input, ledger.now, &other_writer),
        STATUS_OK);
    assert_true(slice_equal(buffer_slice(&frame), buffer_slice(&other)));
    assert_true(slice_equal(answer(MESSAGE_TYPE_JOB).job.trace, input.trace));
    buffer_fini(&other);
}

static void an_attempt_has_no_more_time_than_its_job(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    const struct job_input input = {.payload = SLICE_LITERAL("{}")};
    (void)state;
    job.state = JOB_STATE_ACTIVE;
    job.lease = 1;
    job.attempt_at = ledger.now;
    job.deadline = ledger.now + 70;
    assert_int_equal(query_dispatch_fresh(&job, SLICE_LITERAL("ann"), &input, ledger.now, &writer),
                     STATUS_OK);
    assert_int_equal(query_dispatch_fresh(&job, SLICE_LITERAL("ann"), &input,
                                          ledger.now + 71 + CANCEL_MS, &writer),
                     STATUS_OK);
    assert_int_equal(answer(MESSAGE_TYPE_JOB).job.timeout_ms, 70 + CANCEL_MS);
    assert_int_equal(next(MESSAGE_TYPE_JOB).job.timeout_ms, 0);
}

/* ---- recovery ---- */

struct visits {
    uint32_t count;
    uint32_t stop_after;
};

static enum status visit(void *context, const struct job_value *value)
{
    struct visits *visits = context;
    assert_false(job_state_is_terminal(value->head.state));
    assert_true(slice_equal(value->owner, SLICE_LITERAL("ann")));
    visits->count++;
    return visits->count == visits->stop_after ? STATUS_NO_MEMORY : STATUS_OK;
}

static void recovery_visits_every_live_job_once(void **state)
{
    struct visits visits = {0};
    (void)state;
    for (uint32_t number = 1; number <= 2100; number++) {
        struct job job = ledger_job((enum job_kind)(number % JOB_KIND_ASKED_COUNT), number);
        ledger_accept(&ledger, &job, "ann", "{}");
        if (number % 3 == 0) {
            ledger_end(&ledger, &job, "ann", JOB_STATE_CANCELLED, NULL, NULL);
        }
    }
    ledger_commit(&ledger);
    assert_int_equal(query_live(&ledger.memory.view, visit, &visits), STATUS_OK);
    assert_int_equal(visits.count, 1400);
    visits = (struct visits){.stop_after = 5};
    assert_int_equal(query_live(&ledger.memory.view, visit, &visits), STATUS_NO_MEMORY);
    assert_int_equal(visits.count, 5);
}

static void recovery_refuses_a_damaged_store(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    struct visits visits = {0};
    const struct id missing = {{7}};
    (void)state;
    memory_view_put(&ledger.memory,
                    key_live(key, SLICE_LITERAL("ann"), JOB_KIND_IMAGE, 1, &missing), SLICE_EMPTY);
    assert_int_equal(query_live(&ledger.memory.view, visit, &visits), STATUS_MALFORMED);
    memory_view_put(&ledger.memory, SLICE_LITERAL("L1"), SLICE_EMPTY);
    assert_int_equal(query_live(&ledger.memory.view, visit, &visits), STATUS_MALFORMED);
    assert_int_equal(visits.count, 0);
}

static void the_meta_record_is_that_of_the_last_batch(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct meta meta;
    (void)state;
    assert_int_equal(query_meta(&ledger.memory.view, &meta), STATUS_NOT_FOUND);
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_commit(&ledger);
    assert_int_equal(query_meta(&ledger.memory.view, &meta), STATUS_OK);
    assert_int_equal(meta.commit, 1);
    assert_int_equal(meta.event_last, 1);
    assert_int_equal(meta.time_ms, ledger.now);
}

/* Every query, with its n-th read failing, for all n. */
static void a_read_that_fails_is_told(void **state)
{
    struct job character = ledger_job(JOB_KIND_CHARACTER, 1);
    struct job video = ledger_job(JOB_KIND_VIDEO, 2);
    struct facts facts;
    struct visits visits = {0};
    struct view *view = &ledger.memory.view;
    (void)state;
    make_character(&character, "ann", "{}");
    video.character = character.character;
    video.source = character.media;
    ledger_accept_with_key(&ledger, &video, "ann", "k1");
    record_operation(&video, 0, "t0");
    video.state = JOB_STATE_ACTIVE;
    video.lease = 1;
    ledger_save(&ledger, &video, "ann", NULL);
    ledger_commit(&ledger);
    const struct message submit = {.type = MESSAGE_TYPE_SUBMIT,
                                   .submit = {.kind = JOB_KIND_VIDEO,
                                              .job = video.id,
                                              .owner = SLICE_LITERAL("ann"),
                                              .key = SLICE_LITERAL("k1"),
                                              .character = video.character,
                                              .source = video.source}};
    const struct message_get_job get_job = {.request = 1, .job = video.id};
    const struct message_get_document get_document = {.request = 1, .id = video.character};
    static const uint32_t reads[] = {4, 2, 1, 5, 2};
    for (uint32_t query = 0; query < sizeof reads / sizeof reads[0]; query++) {
        for (uint32_t number = 1; number <= reads[query] + 1; number++) {
            enum status status = STATUS_OK;
            ledger.memory.reads = 0;
            ledger.memory.fail_at = number;
            buffer_clear(&frame);
            assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
            switch (query) {
            case 0:
                status = query_facts(view, &submit, ledger.now, &facts);
                break;
            case 1:
                status = query_job(view, &get_job, &retention, &writer);
                break;
            case 2:
                status = query_document(view, &get_document, &writer);
                break;
            case 3:
                status = query_dispatch(view, &video, SLICE_LITERAL("ann"), ledger.now, &writer);
                break;
            case 4:
                status = query_live(view, visit, &visits);
                break;
            }
            assert_int_equal(status, number <= reads[query] ? STATUS_IO : STATUS_OK);
        }
    }
}

#define QUERY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        QUERY_TEST(a_job_is_answered_with_its_whole_state),
        QUERY_TEST(a_media_job_carries_its_characters_name),
        QUERY_TEST(a_name_that_cannot_be_read_is_empty),
        QUERY_TEST(what_is_unknown_is_not_found),
        QUERY_TEST(a_document_comes_with_its_owner),
        QUERY_TEST(a_dispatched_video_has_all_that_its_worker_needs),
        QUERY_TEST(a_fresh_dispatch_is_the_same_as_one_from_the_store),
        QUERY_TEST(an_attempt_has_no_more_time_than_its_job),
        QUERY_TEST(recovery_visits_every_live_job_once),
        QUERY_TEST(recovery_refuses_a_damaged_store),
        QUERY_TEST(the_meta_record_is_that_of_the_last_batch),
        QUERY_TEST(a_read_that_fails_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
