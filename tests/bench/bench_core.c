/*
 * The core alone: steps a second, the longest step, and memory for each waiting job.
 *
 *     bench_core [JOBS]     default 100000; 1000000 for the figures that count
 *
 * Method: one thread, no store. JOBS are submitted by a number of users (memory is the growth of
 * the resident set), then run on 100 workers: a tick hands out jobs, each reports progress twice
 * and is done. Every call of core_step counts as a step. Before that a page of the busiest users is
 * looked for, as many of them in a slice as in a turn of the broker.
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "broker/busiest.h"
#include "broker/core/core.h"
#include "broker/crowd.h"

enum {
    JOBS_DEFAULT = 100000,
    WORKERS = 100,
    SLOTS = 10,
};

struct bench {
    struct core *core;
    struct effects *effects;
    uint64_t sessions[WORKERS];
    uint64_t credit[WORKERS];
    uint64_t steps;
    double spent;   /* seconds in core_step */
    double longest; /* seconds */
};

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t resident_bytes(void)
{
    unsigned long total = 0;
    unsigned long resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert(file != NULL);
    int count = fscanf(file, "%lu %lu", &total, &resident);
    fclose(file);
    assert(count == 2);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static void step(struct bench *bench, const struct core_event *event)
{
    double start = now_seconds();
    core_step(bench->core, event, 1000000, bench->effects);
    double spent = now_seconds() - start;
    bench->spent += spent;
    bench->longest = spent > bench->longest ? spent : bench->longest;
    bench->steps++;
}

static void measured(struct bench *bench, const char *what)
{
    printf("%-34s %7.2f M steps/s   longest %6.2f ms\n", what,
           (double)bench->steps / bench->spent / 1e6, bench->longest * 1e3);
    bench->steps = 0;
    bench->spent = 0;
    bench->longest = 0;
}

/* An id as random as a real one. */
static struct id number_id(uint64_t number)
{
    struct id id;
    for (size_t half = 0; half < 2; half++) {
        uint64_t bits = (number + half) * UINT64_C(0x9e3779b97f4a7c15);
        bits = (bits ^ (bits >> 31)) * UINT64_C(0xbf58476d1ce4e5b9);
        memcpy(id.bytes + 8 * half, &bits, 8);
    }
    return id;
}

static void submit(struct bench *bench, uint32_t jobs, uint32_t users)
{
    struct message message = {.type = MESSAGE_TYPE_SUBMIT};
    const struct core_event event = {.type = CORE_EVENT_GATEWAY, .peer = 1, .message = &message};
    char owner[37];
    for (uint32_t number = 1; number <= jobs; number++) {
        int size = snprintf(owner, sizeof(owner), "9f8c3a52-0000-4000-8000-%012u", number % users);
        message.submit = (struct message_submit){
            .job = number_id(number),
            .owner = slice_make(owner, (size_t)size),
            .character = number_id(number),
            .media = number_id(number),
            .payload = SLICE_LITERAL("{}"),
        };
        step(bench, &event);
        assert(bench->effects->items[0].type == EFFECT_ACCEPT);
    }
}

static void visit(void *context, const struct user_told *user)
{
    busiest_add(context, user);
}

static void look_for_users(const struct bench *bench, uint32_t users)
{
    static struct busiest busiest;
    static const struct busiest_place first;
    uint32_t place = 0;
    double longest = 0;
    bool more = true;
    double start = now_seconds();
    double before = start;
    busiest_begin(&busiest, &first);
    while (more) {
        more = core_users(bench->core, &place, CROWD_PLACES, visit, &busiest);
        double now = now_seconds();
        longest = now - before > longest ? now - before : longest;
        before = now;
    }
    assert(busiest.users == users);
    printf("  a page of the busiest users: %.2f ms, longest slice %.2f ms\n",
           (before - start) * 1e3, longest * 1e3);
}

static void actor(struct bench *bench, uint32_t worker, const struct message *message)
{
    const struct core_event event = {.type = CORE_EVENT_ACTOR,
                                     .peer = worker + 10,
                                     .session = bench->sessions[worker],
                                     .message = message};
    step(bench, &event);
}

static void greet(struct bench *bench)
{
    for (uint32_t worker = 0; worker < WORKERS; worker++) {
        struct message message = {.type = MESSAGE_TYPE_HELLO};
        message.hello =
            (struct message_hello){.instance = number_id(worker), .slots = SLOTS, .credit = SLOTS};
        actor(bench, worker, &message);
        bench->sessions[worker] = bench->effects->items[0].session;
        bench->credit[worker] = SLOTS;
    }
}

static void work(struct bench *bench, uint32_t worker, const struct id *job)
{
    struct message message = {.type = MESSAGE_TYPE_PROGRESS};
    for (uint8_t progress = 20; progress <= 40; progress += 20) {
        message.progress = (struct message_progress){
            .job = *job, .lease = 1, .progress = progress, .step = SLICE_LITERAL("at_work")};
        actor(bench, worker, &message);
    }
    message.type = MESSAGE_TYPE_DONE;
    message.done = (struct message_done){.job = *job,
                                         .lease = 1,
                                         .credit = ++bench->credit[worker],
                                         .document = SLICE_LITERAL("{}")};
    actor(bench, worker, &message);
    assert(bench->effects->items[0].type == EFFECT_END);
}

static void run(struct bench *bench)
{
    static struct {
        struct id job;
        uint32_t worker;
    } given[EFFECTS_MAX];
    const struct core_event tick = {.type = CORE_EVENT_TICK};
    uint32_t count;
    do {
        count = 0;
        step(bench, &tick);
        for (uint32_t index = 0; index < bench->effects->count; index++) {
            const struct effect *effect = &bench->effects->items[index];
            if (effect->type == EFFECT_DISPATCH) {
                given[count].job = effect->id;
                given[count++].worker = (uint32_t)effect->peer - 10;
            }
        }
        for (uint32_t index = 0; index < count; index++) {
            work(bench, given[index].worker, &given[index].job);
        }
    } while (count > 0);
}

static void measure(uint32_t jobs, uint32_t users)
{
    struct core_options options;
    struct core_statistics statistics;
    struct bench bench = {.effects = malloc(sizeof(struct effects))};
    assert(bench.effects != NULL);
    memset(bench.effects, 1, sizeof(*bench.effects));
    core_options_default(&options);
    memset(options.rate, 0, sizeof(options.rate));
    enum status status = core_new(&options, 1000000, &bench.core);
    assert(status == STATUS_OK);
    printf("%u jobs of %u users\n", jobs, users);
    size_t before = resident_bytes();
    submit(&bench, jobs, users);
    size_t grown = resident_bytes() - before;
    measured(&bench, "  submit");
    printf("  %.0f bytes a waiting job\n", (double)grown / jobs);
    look_for_users(&bench, users);
    greet(&bench);
    run(&bench);
    measured(&bench, "  dispatch, progress, done");
    core_statistics(bench.core, &statistics);
    assert(statistics.completed == jobs);
    core_destroy(&bench.core);
    free(bench.effects);
}

int main(int count, char **arguments)
{
    unsigned long jobs = count > 1 ? strtoul(arguments[1], NULL, 10) : JOBS_DEFAULT;
    if (jobs == 0 || jobs > JOBS_MAX) {
        fprintf(stderr, "usage: bench_core [JOBS]\n");
        return 2;
    }
    measure((uint32_t)jobs, 1);
    measure((uint32_t)jobs, 1000);
    measure((uint32_t)jobs, (uint32_t)jobs);
    return 0;
}
