/* The heap of timers against a plain array. */

#include "broker/core/timers.h"

#include <stdlib.h>

#include "tests/unit/memory.h"
#include "tests/unit/test.h"

enum {
    JOBS = 500,
};

struct model {
    struct slab *slab;
    struct timers timers;
    int64_t at[JOBS]; /* 0: not set */
};

static int setup(void **state)
{
    struct model *model = calloc(1, sizeof(*model));
    assert_non_null(model);
    model->slab = malloc(sizeof(*model->slab));
    assert_non_null(model->slab);
    slab_init(model->slab);
    timers_init(&model->timers);
    for (uint32_t count = 0; count < JOBS; count++) {
        assert_int_equal(slab_reserve(model->slab, 1), STATUS_OK);
        slab_take(model->slab);
    }
    *state = model;
    return 0;
}

static int teardown(void **state)
{
    struct model *model = *state;
    timers_fini(&model->timers);
    timers_fini(&model->timers);
    slab_fini(model->slab);
    free(model->slab);
    free(model);
    return 0;
}

static int64_t earliest(const struct model *model)
{
    int64_t at = INT64_MAX;
    for (uint32_t job = 0; job < JOBS; job++) {
        at = model->at[job] != 0 && model->at[job] < at ? model->at[job] : at;
    }
    return at;
}

static void always_knows_the_earliest(void **state)
{
    struct model *model = *state;
    uint32_t random = 7;
    assert_null(timers_first(&model->timers));
    for (int round = 0; round < 5000; round++) {
        random = random * 1664525 + 1013904223;
        uint32_t job = (random >> 8) % JOBS;
        if (model->at[job] != 0 && (random >> 20) % 3 == 0) {
            timers_remove(&model->timers, model->slab, job);
            model->at[job] = 0;
        } else {
            model->at[job] = 1 + (random >> 4) % 10000;
            assert_int_equal(timers_reserve(&model->timers, 1), STATUS_OK);
            timers_set(&model->timers, model->slab, job, model->at[job]);
        }
        const struct timer *first = timers_first(&model->timers);
        assert_int_equal(first == NULL ? INT64_MAX : first->at, earliest(model));
    }
    while (timers_first(&model->timers) != NULL) {
        uint32_t job = timers_first(&model->timers)->job;
        assert_int_equal(timers_first(&model->timers)->at, earliest(model));
        timers_remove(&model->timers, model->slab, job);
        model->at[job] = 0;
    }
    assert_int_equal(earliest(model), INT64_MAX);
}

static void tells_that_memory_is_out(void **state)
{
    struct model *model = *state;
    memory_fail_at(1);
    assert_int_equal(timers_reserve(&model->timers, 1), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_int_equal(timers_reserve(&model->timers, 1), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(always_knows_the_earliest, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_that_memory_is_out, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
