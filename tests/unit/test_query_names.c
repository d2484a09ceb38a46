/* A search for the name of a character: pictures and videos are found by the name that they are
 * told with, which stands in none of their inputs. */

#include "broker/query.h"

#include <stdio.h>
#include "broker/keys.h"
#include "broker/name_match.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

enum {
    CHARACTERS = 80,
    MEDIA = 4, /* of each, one after another: a picture and a video in turns */
    JOBS = CHARACTERS * MEDIA,
    FIRST = 1000, /* number of the first of them */
};

static const struct retention retention;
static struct ledger ledger;
static struct job characters[CHARACTERS];
static struct job jobs[JOBS];
static struct buffer frame;
static struct view_damage damage;
static uint32_t numbers[LIST_LIMIT_MAX];

static void make_character(uint32_t index)
{
    char document[64];
    snprintf(document, sizeof document, "{\"age\":7,\"name\":\"Nam\\u00e9 <%u>\"}", index);
    characters[index] = ledger_job(JOB_KIND_CHARACTER, index);
    characters[index].character.bytes[ID_SIZE - 1] = (uint8_t)index;
    ledger_ended(&ledger, &characters[index], index % 2 == 0 ? "ann" : "bob", JOB_STATE_COMPLETED,
                 document, "");
}

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    for (uint32_t index = 0; index < CHARACTERS; index++) {
        make_character(index);
    }
    for (uint32_t index = 0; index < JOBS; index++) {
        const struct job *character = &characters[index / MEDIA];
        jobs[index] = ledger_job(index % 2 == 0 ? JOB_KIND_IMAGE : JOB_KIND_VIDEO, FIRST + index);
        jobs[index].character = character->character;
        ledger_accept(&ledger, &jobs[index], index / MEDIA % 2 == 0 ? "ann" : "bob", "{}");
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

static bool is_over(void *context)
{
    (void)context;
    return false;
}

static enum status ask(const struct message_search_jobs *request)
{
    const struct search_limit limit = {.is_over = is_over};
    struct frame_writer writer;
    damage = (struct view_damage){0};
    ledger.memory.view.damage = &damage;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    enum status status = query_search(&ledger.memory.view, request, &limit, &retention, &writer);
    frame_end(&writer);
    return status;
}

/* How many there are; each is told with a name that has the text. */
static uint32_t find(const struct message_search_jobs *request, const char *name)
{
    struct frame_reader reader;
    struct message message;
    uint32_t count = 0;
    assert_int_equal(ask(request), STATUS_OK);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_true(message.search_page.exhausted || message.search_page.count == request->limit);
    while (frame_next(&reader, &message) == STATUS_OK) {
        assert_true(slice_equal(message.job_state.character_name, slice_from_string(name)));
        memcpy(&numbers[count++], message.job_state.job.bytes, sizeof(uint32_t));
    }
    return count;
}

static void pictures_and_videos_are_found_by_the_name_that_they_are_told_with(void **state)
{
    static const struct {
        struct message_search_jobs request;
        uint32_t count;
    } rows[] = {
        {{.limit = 100, .text = SLICE_LITERAL("nAM\xc3\xa9 <70>")}, MEDIA},
        {{.limit = 100, .text = SLICE_LITERAL("<70>"), .kinds = 1 << JOB_KIND_VIDEO}, MEDIA / 2},
        {{.limit = 100, .text = SLICE_LITERAL("<70>"), .owner = SLICE_LITERAL("ann")}, MEDIA},
        {{.limit = 100, .text = SLICE_LITERAL("<70>"), .owner = SLICE_LITERAL("bob")}, 0},
        {{.limit = 100, .text = SLICE_LITERAL("<70>"), .states = 1 << JOB_STATE_FAILED}, 0},
        {{.limit = 2, .text = SLICE_LITERAL("<70>")}, 2},
        {{.limit = 100, .text = SLICE_LITERAL("<80>")}, 0},
        {{.limit = 100, .text = SLICE_LITERAL("\"age\"")}, 0},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct message_search_jobs request = rows[row].request;
        request.kinds = request.kinds == 0 ? 6 : request.kinds;
        assert_int_equal(find(&request, "Nam\xc3\xa9 <70>"), rows[row].count);
    }
}

/* As they stand in the documents: some with escapes, some without. */
static void a_text_is_found_in_the_name_alone_however_it_is_written(void **state)
{
    static const struct {
        const char *document;
        const char *text;
        bool fits;
    } rows[] = {
        {"{\"name\":\"Mira\"}", "MIR", true},
        {"{\"name\":\"Mira\",\"about\":\"of the sea\"}", "sea", false},
        {"{\"name\":\"M\\u0069ra\",\"about\":\"x\"}", "mira", true},
        {"{\"name\":\"O\\\"Hara\"}", "o\"h", true},
        {"{\"name\":\"Mira\"}", "\"", false},
        {"{\"name\":7,\"about\":\"seven\"}", "7", false},
        {"[", "[", false},
        {"", "a", false},
    };
    struct buffer buffer;
    struct buffer value;
    (void)state;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    buffer_init(&value, VALUE_SIZE_MAX);
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        static struct name_match match;
        const struct id id = {{7, (uint8_t)row}};
        const struct document_value document = {.owner = SLICE_LITERAL("ann"),
                                                .json = slice_from_string(rows[row].document)};
        const struct job_value job = {.head = {.character = id}};
        uint8_t key[KEY_BYTES_MAX];
        match = (struct name_match){0};
        buffer_clear(&value);
        assert_int_equal(document_value_write(&value, &document), STATUS_OK);
        memory_view_put(&ledger.memory, key_document(key, &id), buffer_slice(&value));
        for (uint32_t time = 0; time < 2; time++) {
            bool fits = !rows[row].fits;
            assert_int_equal(name_match_ask(&match, &ledger.memory.view,
                                            slice_from_string(rows[row].text), &job, &buffer,
                                            &fits),
                             STATUS_OK);
            assert_int_equal(fits, rows[row].fits);
        }
    }
    buffer_fini(&buffer);
    buffer_fini(&value);
}

/* Of a pipeline the name is told by the job that a picture is made from, while that is kept: of two
 * that are of one character, one may know it. */
static void a_name_that_one_job_does_not_know_is_asked_of_the_next(void **state)
{
    static struct name_match match;
    struct job pipeline = ledger_job(JOB_KIND_CHARACTER, JOBS + FIRST);
    const struct id unmade = {{9}};
    const struct job_value values[] = {
        {.head = {.character = unmade}},
        {.head = {.character = unmade}, .is_linked = true, .links = {.parent = pipeline.id}},
        {.head = {.character = unmade}},
    };
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    ledger_accept(&ledger, &pipeline, "ann", "{\"name\":\"Quixote\"}");
    ledger_commit(&ledger);
    match = (struct name_match){0};
    for (size_t index = 0; index < sizeof values / sizeof values[0]; index++) {
        bool fits = false;
        assert_int_equal(name_match_ask(&match, &ledger.memory.view, SLICE_LITERAL("quixote"),
                                        &values[index], &buffer, &fits),
                         STATUS_OK);
        assert_int_equal(fits, index > 0);
    }
    buffer_fini(&buffer);
}

/* Neighbours share a character: its document is read once for all of them. */
static void each_document_is_read_once(void **state)
{
    struct message_search_jobs request = {
        .limit = 100, .kinds = 6, .text = SLICE_LITERAL("nothing")};
    (void)state;
    ledger.memory.reads = 0;
    assert_int_equal(find(&request, ""), 0);
    /* Of each job its record and its input, and the scans. */
    assert_in_range(ledger.memory.reads, 2 * JOBS + CHARACTERS, 2 * JOBS + CHARACTERS + 10);
}

static void what_is_of_no_character_any_more_has_no_name(void **state)
{
    struct message_search_jobs request = {.limit = 100, .kinds = 6, .text = SLICE_LITERAL("<70>")};
    uint8_t key[KEY_BYTES_MAX];
    struct batch batch;
    (void)state;
    batch_init(&batch);
    batch_clear(&batch, 1);
    assert_int_equal(batch_delete(&batch, key_document(key, &characters[70].character)), STATUS_OK);
    memory_view_apply(&ledger.memory, &batch);
    batch_fini(&batch);
    assert_int_equal(find(&request, ""), 0);
    request.text = SLICE_EMPTY;
    request.limit = 1;
    request.character = characters[70].character;
    assert_int_equal(find(&request, ""), 1);
}

/* Nobody can say whether such a job is meant. */
static void a_job_of_a_damaged_character_is_passed_over_and_told(void **state)
{
    struct message_search_jobs request = {.limit = 100, .kinds = 6, .text = SLICE_LITERAL("<71>")};
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    memory_view_put(&ledger.memory, key_document(key, &characters[70].character),
                    SLICE_LITERAL("nonsense"));
    assert_int_equal(find(&request, "Nam\xc3\xa9 <71>"), MEDIA);
    assert_int_equal(damage.count, MEDIA);
    assert_true(id_equal(&damage.ids[0], &jobs[70 * MEDIA + MEDIA - 1].id));
}

static void each_read_that_fails_is_told(void **state)
{
    struct message_search_jobs request = {.limit = 1, .kinds = 6, .text = SLICE_LITERAL("<77>")};
    (void)state;
    for (uint32_t read = 1;; read++) {
        ledger.memory.reads = 0;
        ledger.memory.fail_at = read;
        enum status status = ask(&request);
        ledger.memory.fail_at = 0;
        if (ledger.memory.reads < read) {
            assert_int_equal(status, STATUS_OK);
            assert_true(read > 3 * MEDIA);
            return;
        }
        assert_int_equal(status, STATUS_IO);
    }
}

int main(void)
{
#define NAMES_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        NAMES_TEST(pictures_and_videos_are_found_by_the_name_that_they_are_told_with),
        NAMES_TEST(a_text_is_found_in_the_name_alone_however_it_is_written),
        NAMES_TEST(a_name_that_one_job_does_not_know_is_asked_of_the_next),
        NAMES_TEST(each_document_is_read_once),
        NAMES_TEST(what_is_of_no_character_any_more_has_no_name),
        NAMES_TEST(a_job_of_a_damaged_character_is_passed_over_and_told),
        NAMES_TEST(each_read_that_fails_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
