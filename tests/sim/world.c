#include "tests/sim/world.h"
#include "tests/sim/model_queue.h"
#include <assert.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    CALM_MS_MAX = 3 * 3600 * 1000, /* within this everything must have ended: three timeouts of the
                                      longest kind with all that can come between them */
    AUDIT_MS = 700,
    SWEEP_MS_MAX = 900000,      /* within this everything must have been swept, where it is kept for
                               minutes */
    SETTLE_MS = 15000,          /* for the last messages, and a heartbeat of every actor */
    SEED_CPU_SECONDS_MAX = 300, /* most seeds take 0.1, a full one 40: above it is a circle */
};

/* ---- notes and failures ---- */

void world_trace(struct world *world, const char *what, const char *word, int64_t first,
                 int64_t second, int64_t third, int64_t fourth)
{
    const int64_t values[TRACE_VALUES] = {first, second, third, fourth};
    trace_add(&world->trace, world->now, world->steps, what, word, values);
}

void world_fault(struct world *world, enum fault fault)
{
    world->coverage->faults[fault]++;
}

void world_seen(struct world *world, enum seen seen)
{
    world->coverage->seen[seen]++;
}

_Noreturn void world_fail(struct world *world, const char *invariant, const char *format, ...)
{
    va_list arguments;
    trace_print(&world->trace, WORLD_START_MS);
    printf("FAILED: seed %llu, step %llu, at %.3f s: %s: ", (unsigned long long)world->seed,
           (unsigned long long)world->steps, (double)(world->now - WORLD_START_MS) / 1000,
           invariant);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\nreplay: sim --seed %llu --verbose\n", (unsigned long long)world->seed);
    fflush(stdout);
    _exit(1);
}

int64_t world_pause(const struct world *world, int64_t usual)
{
    if (shell_is_up(&world->shell)) {
        return usual;
    }
    int64_t left = world->shell.starts_at - world->now;
    return left / 4 > usual ? left / 4 : usual;
}

/* A signal handler can reach nothing else. */
static struct world *world_running;

static void on_abort(int signal_number)
{
    struct world *world = world_running;
    world_running = NULL;
    signal(signal_number, SIG_DFL);
    if (world != NULL) {
        world_fail(world, signal_number == SIGPROF ? "every step ends" : "assertion",
                   "signal %d: see above", signal_number);
    }
}

void world_on_abort(struct world *world)
{
    world_running = world;
    signal(SIGABRT, on_abort);
    signal(SIGSEGV, on_abort);
    signal(SIGPROF, on_abort);
    /* Of this process's own time: a machine that is busy with others makes no seed fail. */
    const struct itimerval most = {.it_value.tv_sec = world == NULL ? 0 : SEED_CPU_SECONDS_MAX};
    setitimer(ITIMER_PROF, &most, NULL);
}

struct frame **world_late(struct world *world, enum client_type type, uint32_t client)
{
    return type == CLIENT_ACTOR ? &world->actors[client].late : &world->gateways[client].late;
}

/* ---- one wake ---- */

static void client_lost(struct world *world, uint32_t index)
{
    const struct link *link = &world->network.links[index];
    if (link->type == CLIENT_ACTOR) {
        actor_lost(world, link->client, index);
    } else {
        gateway_lost(world, link->client, index);
    }
}

static void audit(struct world *world)
{
    if (shell_is_up(&world->shell)) {
        model_check_positions(world);
        model_check_queues(world);
        model_check_money(world);
        if (prng_chance(&world->prng, 300)) {
            model_check_restore(world);
            model_check_stored_queues(world);
            model_check_audit(world);
        } else {
            model_check_queries(world);
        }
    }
    int64_t pause = prng_wait(&world->prng, world->calm ? 60000 : AUDIT_MS);
    schedule_add(&world->schedule, world->now + 1 + world_pause(world, pause), WAKE_AUDIT, 0, 0, 0);
}

static void wake(struct world *world, const struct wake *wake)
{
    switch (wake->type) {
    case WAKE_TURN:
        shell_turn(world, wake->generation);
        break;
    case WAKE_START:
        shell_start(world);
        break;
    case WAKE_READ:
        reads_look(world, wake->index, wake->generation);
        break;
    case WAKE_READ_DONE:
        reads_done(world, wake->index, wake->generation);
        break;
    case WAKE_DELIVER:
        network_deliver(world, wake->index, (enum direction)wake->argument);
        break;
    case WAKE_PEER_LOST:
        network_peer_lost(world, wake->index);
        break;
    case WAKE_CLIENT_LOST:
        client_lost(world, wake->index);
        break;
    case WAKE_HEAL:
        network_heal(world, wake->index, (enum direction)wake->argument);
        break;
    case WAKE_ACTOR:
        actor_wake(world, wake->index, wake->argument != 0);
        break;
    case WAKE_WORK:
        actor_work_wake(world, wake->index, wake->argument, wake->generation);
        break;
    case WAKE_PROVIDER:
        provider_wake(world, wake->index, wake->argument != 0);
        break;
    case WAKE_GATEWAY:
        gateway_wake(world, wake->index);
        break;
    case WAKE_CLIENT:
        gateway_client(world, wake->index);
        break;
    case WAKE_FAULT:
        world_break(world);
        break;
    case WAKE_SPACE:
        shell_space(world, false);
        break;
    case WAKE_AUDIT:
        audit(world);
        break;
    }
}

static void advance(struct world *world)
{
    struct wake next;
    bool any = schedule_next(&world->schedule, &next);
    assert(any && next.at >= world->now);
    world->now = next.at;
    wake(world, &next);
}

/* ---- a run ---- */

static void world_init(struct world *world, uint64_t seed, bool verbose, struct coverage *coverage)
{
    memset(world, 0, sizeof(*world));
    world->seed = seed;
    world->now = WORLD_START_MS;
    world->coverage = coverage;
    prng_init(&world->prng, seed);
    settings_draw(&world->settings, &world->prng);
    trace_init(&world->trace, verbose);
    schedule_init(&world->schedule);
    network_init(&world->network);
    store_memory_init(&world->store);
    ledger_init(&world->ledger);
    exchanges_init(&world->exchanges);
    model_init(&world->model);
    shell_init(world);
    shell_start(world);
    for (uint32_t index = 0; index < world->settings.gateways; index++) {
        gateway_init(world, index);
    }
    for (uint32_t index = 0; index < world->settings.actors; index++) {
        actor_init(world, index);
    }
    schedule_add(&world->schedule, world->now + 1000, WAKE_FAULT, 0, 0, 0);
    schedule_add(&world->schedule, world->now + 1000, WAKE_AUDIT, 0, 0, 0);
}

static void world_fini(struct world *world)
{
    for (uint32_t index = 0; index < GATEWAYS_MAX; index++) {
        gateway_fini(&world->gateways[index]);
    }
    for (uint32_t index = 0; index < ACTORS_MAX; index++) {
        actor_fini(&world->actors[index]);
    }
    shell_fini(&world->shell);
    model_fini(&world->model);
    exchanges_fini(&world->exchanges);
    ledger_fini(&world->ledger);
    store_memory_fini(&world->store);
    network_fini(&world->network);
    schedule_fini(&world->schedule);
}

static bool is_over(const struct world *world)
{
    bool is_busy = world->model.live_count > 0 || model_bulks_run(world);
    if (!shell_is_up(&world->shell) || is_busy) {
        return false;
    }
    for (uint32_t index = 0; index < world->settings.gateways; index++) {
        if (!gateway_is_idle(&world->gateways[index])) {
            return false;
        }
    }
    return true;
}

/* Where jobs are not kept for long all of them are to go. */
static void sweep_all(struct world *world)
{
    int64_t end = world->now + SWEEP_MS_MAX;
    while (model_must_sweep(world)) {
        world_check(world, "everything that is stored ends", world->now < end,
                    "something is kept after %d s", SWEEP_MS_MAX / 1000);
        advance(world);
    }
    model_check_swept(world);
}

/* Faults are over: what was accepted must end. Liars leave; jobs that hang end by their timeout. */
static void world_calm(struct world *world)
{
    world_trace(world, "calm live", NULL, world->model.live_count, 0, 0, 0);
    world->calm = true;
    bool has_day = false;
    for (uint32_t provider = 0; provider < world->settings.providers; provider++) {
        has_day |= world->settings.declares && world->settings.terms[provider].limits[2] > 0;
    }
    settings_calm(&world->settings);
    for (uint32_t index = 0; index < world->settings.actors; index++) {
        if (world->actors[index].liar) {
            actor_crash(world, index);
        }
    }
    network_heal_all(world);
    if (has_day && shell_is_up(&world->shell)) {
        shell_crash(world, 1000); /* the actors declare the provider again, without that limit */
    }
    int64_t end = world->now + CALM_MS_MAX;
    while (!is_over(world)) {
        if (world->now >= end) {
            model_trace_live(world);
            world_fail(world, "every job ends", "%u jobs are left after %d s",
                       world->model.live_count, CALM_MS_MAX / 1000);
        }
        advance(world);
    }
    end = world->now + SETTLE_MS;
    while (world->now < end) {
        advance(world);
    }
    model_check_end(world);
    model_ledger_check_end(world);
    sweep_all(world);
    for (uint32_t index = 0; index < world->settings.actors; index++) {
        actor_check_end(world, index);
    }
}

uint64_t world_run(uint64_t seed, uint64_t steps, bool verbose, struct coverage *coverage)
{
    struct world *world = malloc(sizeof(*world));
    assert(world != NULL);
    world_init(world, seed, verbose, coverage);
    world_on_abort(world);
    while (world->steps < steps) {
        advance(world);
    }
    world_calm(world);
    uint64_t digest = world->trace.digest;
    coverage->seeds++;
    coverage->steps += world->steps;
    coverage->virtual_ms += world->now - WORLD_START_MS;
    coverage->digest = (coverage->digest ^ digest) * 0x9e3779b97f4a7c15U;
    world_on_abort(NULL);
    world_fini(world);
    free(world);
    return digest;
}
