/* The order of waiting jobs against a sorted list: the same random puts and removals in both. */

#include "broker/core/order.h"

#include <stdlib.h>

#include "broker/core/slab.h"

#include "tests/unit/test.h"

enum {
    JOBS = 300,
};

struct model {
    struct slab *slab;
    struct order order;
    uint32_t sorted[JOBS]; /* what should be in the order */
    uint32_t count;
    uint32_t random;
};

static uint32_t next_random(struct model *model)
{
    model->random = model->random * 1664525 + 1013904223;
    return model->random >> 8;
}

static int setup(void **state)
{
    struct model *model = calloc(1, sizeof(*model));
    assert_non_null(model);
    model->slab = malloc(sizeof(*model->slab));
    assert_non_null(model->slab);
    slab_init(model->slab);
    order_init(&model->order);
    for (uint32_t count = 0; count < JOBS; count++) {
        assert_int_equal(slab_reserve(model->slab, 1), STATUS_OK);
        struct job *job = slab_job(model->slab, slab_take(model->slab));
        job->accepted = count + 1;
        job->priority = (uint8_t)(1 + next_random(model) % 3);
    }
    *state = model;
    return 0;
}

static int teardown(void **state)
{
    struct model *model = *state;
    slab_fini(model->slab);
    free(model->slab);
    free(model);
    return 0;
}

static bool is_before(const struct model *model, uint32_t left, uint32_t right)
{
    const struct job *first = slab_job(model->slab, left);
    const struct job *second = slab_job(model->slab, right);
    return first->priority != second->priority ? first->priority < second->priority
                                               : first->accepted < second->accepted;
}

static void put(struct model *model, uint32_t job)
{
    uint32_t place = model->count++;
    while (place > 0 && is_before(model, job, model->sorted[place - 1])) {
        model->sorted[place] = model->sorted[place - 1];
        place--;
    }
    model->sorted[place] = job;
    order_put(&model->order, model->slab, job);
}

static void remove_at(struct model *model, uint32_t place)
{
    order_remove(&model->order, model->slab, model->sorted[place]);
    model->count--;
    memmove(&model->sorted[place], &model->sorted[place + 1],
            (model->count - place) * sizeof(model->sorted[0]));
}

static void expect_equal(const struct model *model)
{
    assert_int_equal(order_size(&model->order, model->slab), model->count);
    assert_int_equal(order_first(&model->order, model->slab),
                     model->count == 0 ? JOB_NONE : model->sorted[0]);
    for (uint32_t place = 0; place < model->count; place++) {
        assert_int_equal(order_rank(model->slab, model->sorted[place]), place);
    }
}

static void agrees_with_a_sorted_list(void **state)
{
    struct model *model = *state;
    expect_equal(model);
    for (int round = 0; round < 3000; round++) {
        uint32_t job = next_random(model) % JOBS;
        bool is_in = slab_job(model->slab, job)->size > 0;
        if (is_in) {
            remove_at(model, order_rank(model->slab, job));
        } else {
            put(model, job);
        }
        if (round % 16 == 0) {
            expect_equal(model);
        }
    }
    while (model->count > 0) {
        remove_at(model, 0);
    }
    expect_equal(model);
}

static void stays_shallow_when_jobs_come_in_order(void **state)
{
    struct model *model = *state;
    uint32_t deepest = 0;
    for (uint32_t job = 0; job < JOBS; job++) {
        slab_job(model->slab, job)->priority = PRIORITY_USUAL;
        order_put(&model->order, model->slab, job);
    }
    for (uint32_t job = 0; job < JOBS; job++) {
        uint32_t depth = 0;
        for (uint32_t up = job; up != JOB_NONE; up = slab_job(model->slab, up)->parent) {
            depth++;
        }
        deepest = depth > deepest ? depth : deepest;
    }
    assert_in_range(deepest, 9, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(agrees_with_a_sorted_list, setup, teardown),
        cmocka_unit_test_setup_teardown(stays_shallow_when_jobs_come_in_order, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
