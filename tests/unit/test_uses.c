/* The treap of jobs by the documents that they are made from, against a plain look at all. */

#include "broker/core/uses.h"

#include "tests/unit/test.h"

enum {
    JOBS = 2000,
    CHARACTERS = 7,
    SOURCES = 5, /* of a character; the first is none: an image */
};

static struct slab slab;
static struct uses uses;
static bool is_in[JOBS];

static struct id id_of(uint32_t number)
{
    return (struct id){{(uint8_t)(number * 37), (uint8_t)number, 1}};
}

static struct id character_of(uint32_t index)
{
    return id_of(index % CHARACTERS);
}

static struct id source_of(uint32_t index)
{
    uint32_t source = index / CHARACTERS % SOURCES;
    return source == 0 ? (struct id){0} : id_of(100 + source);
}

static int set_up(void **state)
{
    (void)state;
    slab_init(&slab);
    uses_init(&uses);
    if (slab_reserve(&slab, JOBS) != STATUS_OK) {
        return -1;
    }
    for (uint32_t index = 0; index < JOBS; index++) {
        struct job *job = slab_job(&slab, slab_take(&slab));
        job->character = character_of(index);
        job->source = source_of(index);
        job->kind = id_is_zero(&job->source) ? JOB_KIND_IMAGE : JOB_KIND_VIDEO;
        is_in[index] = false;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    slab_fini(&slab);
    return 0;
}

static void put(uint32_t index)
{
    uses_put(&uses, &slab, index);
    is_in[index] = true;
}

static void take_out(uint32_t index)
{
    uses_remove(&uses, &slab, index);
    is_in[index] = false;
}

/* Whether what is found is right: a job of the character and source, or none if there is none. */
static void check(uint32_t like)
{
    struct id character = character_of(like);
    struct id source = source_of(like);
    bool exists = false;
    for (uint32_t index = 0; index < JOBS && !exists; index++) {
        struct id other = source_of(index);
        exists = is_in[index] && index % CHARACTERS == like % CHARACTERS &&
                 (id_is_zero(&source) || id_equal(&other, &source));
    }
    uint32_t found = uses_find(&uses, &slab, &character, &source);
    assert_int_equal(found != JOB_NONE, exists);
    if (exists) {
        assert_true(is_in[found]);
        assert_true(id_equal(&slab_job(&slab, found)->character, &character));
        assert_true(id_is_zero(&source) || id_equal(&slab_job(&slab, found)->source, &source));
    }
}

static void finds_a_job_of_a_character_and_of_a_source(void **state)
{
    uint32_t random = 1;
    (void)state;
    for (uint32_t step = 0; step < 20000; step++) {
        random = random * 1664525 + 1013904223;
        uint32_t index = (random >> 8) % JOBS;
        if (is_in[index]) {
            take_out(index);
        } else {
            put(index);
        }
        if (step % 16 == 0) {
            check((random >> 4) % JOBS);
        }
    }
}

static void goes_through_all_jobs_of_a_character(void **state)
{
    static const struct id any;
    (void)state;
    for (uint32_t index = 0; index < JOBS; index += 3) {
        put(index);
    }
    for (uint32_t number = 0; number < CHARACTERS; number++) {
        uint32_t count = 0;
        struct id character = character_of(number);
        uint32_t index = uses_find(&uses, &slab, &character, &any);
        for (; index != JOB_NONE; index = uses_next(&uses, &slab, index)) {
            assert_true(is_in[index] && index % CHARACTERS == number);
            is_in[index] = false; /* each comes once */
            count++;
        }
        assert_in_range(count, JOBS / 3 / CHARACTERS, JOBS / 3 / CHARACTERS + 1);
    }
}

static void finds_nothing_when_all_are_gone(void **state)
{
    (void)state;
    for (uint32_t index = 0; index < JOBS; index++) {
        put(index);
    }
    for (uint32_t like = 0; like < CHARACTERS * SOURCES; like++) {
        struct id character = character_of(like);
        struct id source = source_of(like);
        uint32_t found;
        while ((found = uses_find(&uses, &slab, &character, &source)) != JOB_NONE) {
            take_out(found);
        }
        check(like);
    }
    assert_int_equal(uses.root, JOB_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_a_job_of_a_character_and_of_a_source, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(goes_through_all_jobs_of_a_character, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_nothing_when_all_are_gone, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
