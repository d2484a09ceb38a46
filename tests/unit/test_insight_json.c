/* The broker's answers about users and providers as clients see them. */
#include "tests/unit/test.h"

#include "gateway/insight_json.h"

typedef enum status insight_write(struct json_writer *writer, const struct message_admin_page *page,
                                  struct frame_reader records);

static struct buffer frame;
static struct buffer json;

static int set_up(void **state)
{
    (void)state;
    buffer_init(&frame, 4096);
    buffer_init(&json, 4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    buffer_fini(&json);
    return 0;
}

/* The records written out by what tells of them, behind an answer. */
static enum status write_all(insight_write *write, const struct message_admin_page *page,
                             const struct message *records, uint32_t size)
{
    struct frame_writer frame_writer;
    struct frame_reader reader;
    struct json_writer writer;
    buffer_clear(&frame);
    buffer_clear(&json);
    assert_int_equal(frame_begin(&frame_writer, &frame, 0), STATUS_OK);
    for (uint32_t index = 0; index < size; index++) {
        assert_int_equal(frame_write(&frame_writer, &records[index]), STATUS_OK);
    }
    frame_end(&frame_writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    json_writer_init(&writer, &json);
    enum status status = write(&writer, page, reader);
    return status == STATUS_OK ? json_writer_status(&writer) : status;
}

static void expect_text(const char *text)
{
    if (!slice_equal(buffer_slice(&json), slice_from_string(text))) {
        fail_msg("%.*s", (int)json.size, (const char *)json.data);
    }
}

static enum status write_users(struct json_writer *writer, const struct message_admin_page *page,
                               struct frame_reader records)
{
    struct user_place last;
    return insight_json_users(writer, page, records, &last);
}

static void users_are_told_with_their_shares_and_the_sums(void **state)
{
    const struct message_admin_page page = {
        .request = 1, .count = 2, .users = 3, .waiting = 9, .active = 3, .delayed = 1};
    const struct message records[] = {
        {.type = MESSAGE_TYPE_USER,
         .user = {.owner = SLICE_LITERAL("ada"),
                  .waiting = 8,
                  .active = 2,
                  .delayed = 1,
                  .spent = 40500}},
        {.type = MESSAGE_TYPE_USER, .user = {.owner = SLICE_LITERAL("bo")}},
    };
    (void)state;
    assert_int_equal(write_all(write_users, &page, records, 2), STATUS_OK);
    expect_text("{\"users\":[{\"owner\":\"ada\",\"waiting\":8,\"active\":2,\"pending\":1,"
                "\"share\":0.6667,\"spentTodayUsd\":0.0405},"
                "{\"owner\":\"bo\",\"waiting\":0,\"active\":0,\"pending\":0,"
                "\"share\":0.0000,\"spentTodayUsd\":0}],"
                "\"totals\":{\"users\":3,\"waiting\":9,\"active\":3,"
                "\"pending\":1}}");
    assert_int_equal(write_all(write_users, &page, records, 1), STATUS_MALFORMED);
}

static enum status write_ada(struct json_writer *writer, const struct message_admin_page *page,
                             struct frame_reader records)
{
    return insight_json_user(writer, page, records, SLICE_LITERAL("ada"));
}

static struct message user_record(const char *owner, enum job_kind kind)
{
    return (struct message){
        .type = MESSAGE_TYPE_USER,
        .user = {.owner = slice_from_string(owner), .kind = (uint8_t)kind, .waiting = 1}};
}

static void one_user_is_told_by_queue(void **state)
{
    const struct message_admin_page page = {.request = 1, .count = 3, .users = 1, .waiting = 3};
    const struct message records[] = {user_record("ada", JOB_KIND_CHARACTER),
                                      user_record("ada", JOB_KIND_IMAGE),
                                      user_record("ada", JOB_KIND_VIDEO)};
    (void)state;
    assert_int_equal(write_all(write_ada, &page, records, 3), STATUS_OK);
    expect_text("{\"users\":[{\"owner\":\"ada\",\"waiting\":3,\"active\":0,\"pending\":0,"
                "\"share\":0.0000,\"spentTodayUsd\":0,\"queues\":["
                "{\"queue\":\"character\",\"waiting\":1,\"active\":0,\"pending\":0},"
                "{\"queue\":\"image\",\"waiting\":1,\"active\":0,\"pending\":0},"
                "{\"queue\":\"video\",\"waiting\":1,\"active\":0,\"pending\":0}]}],"
                "\"totals\":{\"users\":1,\"waiting\":3,\"active\":0,\"pending\":0}}");
}

/* An older broker passes over whose numbers are asked for, and tells of those with the most. */
static void others_are_not_told_as_the_user_who_was_asked_for(void **state)
{
    const struct message others[] = {
        user_record("ada", 0), user_record("bo", 0), user_record("cy", 0),
        user_record("di", 0),  user_record("ed", 0),
    };
    const struct message named[] = {user_record("ada", JOB_KIND_CHARACTER),
                                    user_record("ada", JOB_KIND_IMAGE),
                                    user_record("bo", JOB_KIND_VIDEO)};
    const struct message unordered[] = {user_record("ada", JOB_KIND_CHARACTER),
                                        user_record("ada", JOB_KIND_VIDEO),
                                        user_record("ada", JOB_KIND_IMAGE)};
    (void)state;
    for (uint32_t count = 0; count <= 5; count++) {
        const struct message_admin_page page = {.request = 1, .count = count};
        assert_int_equal(write_all(write_ada, &page, others, count), STATUS_MALFORMED);
    }
    const struct message_admin_page page = {.request = 1, .count = 3};
    assert_int_equal(write_all(write_ada, &page, named, 3), STATUS_MALFORMED);
    assert_int_equal(write_all(write_ada, &page, unordered, 3), STATUS_MALFORMED);
}

static void a_cursor_names_the_place_that_it_was_made_of(void **state)
{
    const struct user_place last = {SLICE_LITERAL("Ada \xc3\xa9"), 1 << 20};
    struct user_place found;
    struct json_writer writer;
    struct buffer bytes;
    (void)state;
    json_writer_init(&writer, &json);
    json_object_begin(&writer);
    insight_json_page(&writer, 20, true, &last);
    json_object_end(&writer);
    expect_text("{\"pagination\":{\"limit\":20,\"hasMore\":true,\"nextCursor\":"
                "\"AAAAAAAQAABBZGEgw6k\"}}");
    buffer_init(&bytes, PLACE_SIZE_MAX);
    assert_int_equal(insight_json_place(SLICE_LITERAL("AAAAAAAQAABBZGEgw6k"), &bytes, &found),
                     STATUS_OK);
    assert_int_equal(found.jobs, last.jobs);
    assert_true(slice_equal(found.owner, last.owner));
    buffer_fini(&bytes);
}

static void what_is_no_cursor_is_refused(void **state)
{
    static const char *const cursors[] = {
        "!", "AAAAAAAQAAA", "_____________________w", /* none, without a name, too many jobs */
        "AAAAAAAAAAHD",                               /* half a character */
    };
    (void)state;
    for (size_t index = 0; index < sizeof cursors / sizeof cursors[0]; index++) {
        struct user_place found;
        struct buffer bytes;
        buffer_init(&bytes, PLACE_SIZE_MAX);
        assert_int_equal(insight_json_place(slice_from_string(cursors[index]), &bytes, &found),
                         STATUS_MALFORMED);
        buffer_fini(&bytes);
    }
}

static void no_provider_is_an_empty_list(void **state)
{
    const struct message_admin_page page = {.request = 1};
    (void)state;
    assert_int_equal(write_all(insight_json_providers, &page, NULL, 0), STATUS_OK);
    expect_text("{\"providers\":[]}");
}

static void a_provider_is_told_with_its_breaker_and_limits(void **state)
{
    const struct message_admin_page page = {.request = 1, .count = 1};
    const struct message record = {
        .type = MESSAGE_TYPE_PROVIDER_STATE,
        .provider_state = {.provider = SLICE_LITERAL("studio"),
                           .account = SLICE_LITERAL("main"),
                           .uses = 1u << PROVIDER_USE_CHAT | 1u << PROVIDER_USE_VIDEO,
                           .breaker = BREAKER_TOLD_OPEN,
                           .since = 1000,
                           .until = 11000,
                           .limit_minute = 60,
                           .used_minute = 6,
                           .limit_day = 500,
                           .used_day = 500,
                           .limited_until = 61000,
                           .calls = 4,
                           .errors = 3,
                           .workers = 2,
                           .waiting = 9},
    };
    (void)state;
    assert_int_equal(write_all(insight_json_providers, &page, &record, 1), STATUS_OK);
    expect_text("{\"providers\":[{\"provider\":\"studio\",\"account\":\"main\",\"uses\":[\"chat\","
                "\"video\"],\"breaker\":{\"state\":\"open\",\"since\":\"1970-01-01T00:00:01.000Z\","
                "\"until\":\"1970-01-01T00:00:11.000Z\"},\"limits\":[{\"durationMs\":60000,\"max\":"
                "60,\"used\":6},{\"durationMs\":86400000,\"max\":500,\"used\":500}],"
                "\"limitedUntil\":\"1970-01-01T00:01:01.000Z\",\"blockedUntil\":null,\"perMinute\":"
                "{\"calls\":4,\"errors\":3},"
                "\"workers\":2,\"waiting\":9}]}");
}

static void an_answer_that_is_not_what_it_says_is_refused(void **state)
{
    const struct message other = {.type = MESSAGE_TYPE_PING};
    const struct message_admin_page page = {.request = 1, .count = 1};
    (void)state;
    assert_int_equal(write_all(insight_json_providers, &page, NULL, 0), STATUS_MALFORMED);
    assert_int_equal(write_all(insight_json_providers, &page, &other, 1), STATUS_MALFORMED);
}

#define INSIGHT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INSIGHT_TEST(users_are_told_with_their_shares_and_the_sums),
        INSIGHT_TEST(one_user_is_told_by_queue),
        INSIGHT_TEST(others_are_not_told_as_the_user_who_was_asked_for),
        INSIGHT_TEST(a_cursor_names_the_place_that_it_was_made_of),
        INSIGHT_TEST(what_is_no_cursor_is_refused),
        INSIGHT_TEST(no_provider_is_an_empty_list),
        INSIGHT_TEST(a_provider_is_told_with_its_breaker_and_limits),
        INSIGHT_TEST(an_answer_that_is_not_what_it_says_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
