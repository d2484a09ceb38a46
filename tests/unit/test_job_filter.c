#include "broker/job_filter.h"

#include "tests/unit/test.h"

static struct buffer scratch;

static int set_up(void **state)
{
    (void)state;
    buffer_init(&scratch, VALUE_SIZE_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&scratch);
    return 0;
}

static void a_text_is_found_whatever_its_case(void **state)
{
    static const struct {
        const char *text;
        const char *part;
        bool found;
    } rows[] = {
        {"Mira the sailor", "SAILOR", true},
        {"Mira", "mira", true},
        {"Mira", "Miras", false},
        {"", "a", false},
        {"", "", true},
        {"aaab", "aab", true},
        {"caf\xc3\xa9", "f\xc3\xa9", true},
        {"[id]", "{id}", false},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        assert_int_equal(
            filter_contains(slice_from_string(rows[row].text), slice_from_string(rows[row].part)),
            rows[row].found);
    }
}

static void escapes_are_undone(void **state)
{
    static const struct {
        const char *json;
        const char *text;
    } rows[] = {
        {"plain", "plain"},
        {"a\\\"b\\\\c\\/d", "a\"b\\c/d"},
        {"\\b\\f\\n\\r\\t", "\b\f\n\r\t"},
        {"\\u0041\\u00e9\\u20AC", "A\xc3\xa9\xe2\x82\xac"},
        {"\\ud83d\\ude00!", "\xf0\x9f\x98\x80!"},
        {"\\ud83d\\u0041", "\\ud83dA"},
        {"\\udc00 \\u12 \\x \\", "\\udc00 \\u12 \\x \\"},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        buffer_clear(&scratch);
        assert_int_equal(filter_unescape(slice_from_string(rows[row].json), &scratch), STATUS_OK);
        assert_true(slice_equal(buffer_slice(&scratch), slice_from_string(rows[row].text)));
    }
}

static void a_tag_is_found_whole_and_among_the_tags_alone(void **state)
{
    static const char labels[] =
        "{\"tags\":[\"night\",\"say \\\"hi\\\"\",\"a,b\"],\"metadata\":{\"x\":\"meta\"}}";
    static const struct {
        const char *labels;
        const char *tag;
        bool found;
    } rows[] = {
        {labels, "night", true},
        {labels, "nigh", false},
        {labels, "say \"hi\"", true},
        {labels, "a,b", true},
        {labels, "meta", false},
        {labels, "Night", false},
        {"", "night", false},
        {"{\"tags\":[\"nigh", "nigh", false},
        {"{\"tags\":[],\"metadata\":{}}", "", false},
        {"{\"tags\":[\"x\\", "x", false},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        bool found;
        assert_int_equal(filter_has_tag(slice_from_string(rows[row].labels),
                                        slice_from_string(rows[row].tag), &scratch, &found),
                         STATUS_OK);
        assert_int_equal(found, rows[row].found);
    }
}

static struct job_value failed_job(void)
{
    return (struct job_value){
        .head = {.id = {{0xab, 0xcd}},
                 .character = {{7}},
                 .kind = JOB_KIND_IMAGE,
                 .state = JOB_STATE_FAILED,
                 .created_at = 1000,
                 .flags = JOB_FLAG_INPUT},
        .owner = SLICE_LITERAL("ann"),
        .is_linked = true,
        .links = {.group = {{9}}},
        .error_code = SLICE_LITERAL("timeout"),
        .error_message = SLICE_LITERAL("the Provider did not answer"),
    };
}

static void each_filter_lets_its_own_through(void **state)
{
    const struct job_value job = failed_job();
    static const struct {
        struct message_search_jobs filter;
        enum filter_verdict verdict;
    } rows[] = {
        {{0}, FILTER_YES},
        {{.kinds = 1 << JOB_KIND_IMAGE | 1 << JOB_KIND_VIDEO}, FILTER_YES},
        {{.kinds = 1 << JOB_KIND_VIDEO}, FILTER_NO},
        {{.states = 1 << JOB_STATE_FAILED}, FILTER_YES},
        {{.states = 1 << JOB_STATE_ACTIVE}, FILTER_NO},
        {{.owner = SLICE_LITERAL("ann")}, FILTER_YES},
        {{.owner = SLICE_LITERAL("an")}, FILTER_NO},
        {{.character = {{7}}}, FILTER_YES},
        {{.character = {{8}}}, FILTER_NO},
        {{.group = {{9}}}, FILTER_YES},
        {{.group = {{7}}}, FILTER_NO},
        {{.from = 1000}, FILTER_YES},
        {{.from = 1001}, FILTER_NO},
        {{.to = 1001}, FILTER_YES},
        {{.to = 1000}, FILTER_NO},
        {{.error_code = SLICE_LITERAL("timeout")}, FILTER_YES},
        {{.error_code = SLICE_LITERAL("time")}, FILTER_NO},
        {{.text = SLICE_LITERAL("provider did")}, FILTER_YES},
        {{.text = SLICE_LITERAL("TIMEOUT")}, FILTER_YES},
        {{.text = SLICE_LITERAL("ABCD0000-")}, FILTER_YES},
        {{.text = SLICE_LITERAL("09000000-")}, FILTER_YES},
        {{.text = SLICE_LITERAL("sailor")}, FILTER_ASK_INPUT},
        {{.tag = SLICE_LITERAL("night")}, FILTER_ASK_INPUT},
        {{.text = SLICE_LITERAL("sailor"), .owner = SLICE_LITERAL("bob")}, FILTER_NO},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        assert_int_equal(filter_record(&rows[row].filter, &job), rows[row].verdict);
    }
}

static void the_id_of_a_batch_is_in_its_jobs_alone(void **state)
{
    const struct message_search_jobs filter = {.text = SLICE_LITERAL("00000000-")};
    struct job_value job = failed_job();
    (void)state;
    job.links.group = (struct id){0};
    assert_int_equal(filter_record(&filter, &job), FILTER_ASK_INPUT);
    job.links.group = (struct id){{0, 0, 0, 0, 9}};
    assert_int_equal(filter_record(&filter, &job), FILTER_YES);
    job.is_linked = false;
    assert_int_equal(filter_record(&filter, &job), FILTER_ASK_INPUT);
}

/* A group is of failed jobs: one that is tried again is in none. */
static void an_error_group_lets_its_failed_jobs_through(void **state)
{
    static const struct {
        const char *message;
        enum job_kind kind;
        enum job_state job_state;
        enum filter_verdict verdict;
    } rows[] = {
        {"no answer in 30 s", JOB_KIND_IMAGE, JOB_STATE_FAILED, FILTER_YES},
        {"no answer in 9 s", JOB_KIND_IMAGE, JOB_STATE_FAILED, FILTER_YES},
        {"no answer", JOB_KIND_IMAGE, JOB_STATE_FAILED, FILTER_NO},
        {"no answer in 9 s", JOB_KIND_VIDEO, JOB_STATE_FAILED, FILTER_NO},
        {"no answer in 9 s", JOB_KIND_IMAGE, JOB_STATE_WAITING, FILTER_NO},
        {"no answer in 9 s", JOB_KIND_IMAGE, JOB_STATE_CANCELLED, FILTER_NO},
    };
    struct job_value job = failed_job();
    (void)state;
    job.error_message = SLICE_LITERAL("no answer in 30 s");
    const struct message_search_jobs filter = {.error_group = filter_error_group(&job)};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        job.error_message = slice_from_string(rows[row].message);
        job.head.kind = rows[row].kind;
        job.head.state = rows[row].job_state;
        assert_int_equal(filter_record(&filter, &job), rows[row].verdict);
    }
    job.head.state = JOB_STATE_FAILED;
    job.error_code = SLICE_LITERAL("provider_error");
    assert_int_equal(filter_record(&filter, &job), FILTER_NO);
}

static void a_job_without_labels_has_no_tag(void **state)
{
    const struct message_search_jobs filter = {.tag = SLICE_LITERAL("night")};
    struct job_value job = failed_job();
    (void)state;
    job.head.flags = 0;
    assert_int_equal(filter_record(&filter, &job), FILTER_NO);
}

static void the_input_decides_on_texts_and_tags(void **state)
{
    const struct job_value job = failed_job();
    static const struct message_submit input = {
        .payload = SLICE_LITERAL("{\"name\":\"Zo\\u00eb the Sailor\"}"),
        .labels = SLICE_LITERAL("{\"tags\":[\"night\"],\"metadata\":{}}"),
    };
    static const struct {
        struct message_search_jobs filter;
        enum filter_verdict verdict;
    } rows[] = {
        {{.text = SLICE_LITERAL("sailor")}, FILTER_YES},
        {{.text = SLICE_LITERAL("Zo\xc3\xab")}, FILTER_YES},
        {{.text = SLICE_LITERAL("pirate")}, FILTER_ASK_NAME},
        {{.tag = SLICE_LITERAL("night")}, FILTER_YES},
        {{.tag = SLICE_LITERAL("day")}, FILTER_NO},
        {{.text = SLICE_LITERAL("sailor"), .tag = SLICE_LITERAL("night")}, FILTER_YES},
        {{.text = SLICE_LITERAL("pirate"), .tag = SLICE_LITERAL("night")}, FILTER_ASK_NAME},
        {{.text = SLICE_LITERAL("pirate"), .tag = SLICE_LITERAL("day")}, FILTER_NO},
        {{.text = SLICE_LITERAL("timeout"), .tag = SLICE_LITERAL("night")}, FILTER_YES},
    };
    enum filter_verdict verdict;
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        assert_int_equal(filter_input(&rows[row].filter, &job, &input, &scratch, &verdict),
                         STATUS_OK);
        assert_int_equal(verdict, rows[row].verdict);
    }
}

/* The jobs of characters have theirs in their input, and deliveries have none. */
static void only_pictures_and_videos_are_asked_for_a_name(void **state)
{
    static const struct message_submit input = {.payload = SLICE_LITERAL("{}")};
    const struct message_search_jobs filter = {.text = SLICE_LITERAL("MIRA")};
    struct job_value job = failed_job();
    (void)state;
    for (uint8_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        enum filter_verdict verdict;
        bool is_media = kind == JOB_KIND_IMAGE || kind == JOB_KIND_VIDEO;
        job.head.kind = kind;
        assert_int_equal(filter_input(&filter, &job, &input, &scratch, &verdict), STATUS_OK);
        assert_int_equal(verdict, is_media ? FILTER_ASK_NAME : FILTER_NO);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_found_whatever_its_case),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(a_tag_is_found_whole_and_among_the_tags_alone),
        cmocka_unit_test(each_filter_lets_its_own_through),
        cmocka_unit_test(the_id_of_a_batch_is_in_its_jobs_alone),
        cmocka_unit_test(an_error_group_lets_its_failed_jobs_through),
        cmocka_unit_test(a_job_without_labels_has_no_tag),
        cmocka_unit_test(the_input_decides_on_texts_and_tags),
        cmocka_unit_test(only_pictures_and_videos_are_asked_for_a_name),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
