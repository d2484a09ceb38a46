#include "actors/loop.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <uv.h>
#include "base/log.h"

struct loop {
    uv_loop_t uv;
    uv_timer_t timer; /* set to the earliest of timers */
    uv_prepare_t prepare;
    uv_idle_t idle; /* active: the loop does not wait */
    uv_signal_t signals[2];
    struct timers timers;
    loop_turn_function *on_turn;
    void *turn_context;
    loop_signal_function *on_signal;
    void *signal_context;
};

struct loop_watch {
    uv_poll_t poll;
    loop_watch_function *function;
    void *context;
};

struct build_library loop_library(void)
{
    return build_library("libuv", "%s", uv_version_string());
}

static void fire_due(uv_timer_t *handle)
{
    struct loop *loop = handle->data;
    int64_t now_ms = loop_now_ms(loop);
    /* Those that callbacks start for "now" wait for the next turn: a chain of them must not
     * starve the sockets. */
    size_t left = loop->timers.count;
    while (left-- > 0) {
        struct timer *timer = timers_take_due(&loop->timers, now_ms);
        if (timer == NULL) {
            break;
        }
        timer->fire(timer->context);
    }
}

static void end_turn(uv_prepare_t *handle)
{
    struct loop *loop = handle->data;
    uv_idle_stop(&loop->idle);
    log_tell_level();
    if (loop->on_turn != NULL) {
        loop->on_turn(loop->turn_context);
    }
    int64_t due_ms = 0;
    if (!timers_next(&loop->timers, &due_ms)) {
        uv_timer_stop(&loop->timer);
        return;
    }
    int64_t delay_ms = due_ms - loop_now_ms(loop);
    uv_timer_start(&loop->timer, fire_due, delay_ms > 0 ? (uint64_t)delay_ms : 0, 0);
}

static void no_wait(uv_idle_t *handle)
{
    (void)handle;
}

enum status loop_new(struct loop **out)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    if (loop == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return STATUS_IO;
    }
    timers_init(&loop->timers);
    uv_timer_init(&loop->uv, &loop->timer);
    uv_prepare_init(&loop->uv, &loop->prepare);
    uv_idle_init(&loop->uv, &loop->idle);
    loop->timer.data = loop;
    loop->prepare.data = loop;
    uv_prepare_start(&loop->prepare, end_turn);
    *out = loop;
    return STATUS_OK;
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

void loop_destroy(struct loop **loop_in)
{
    struct loop *loop = *loop_in;
    if (loop == NULL) {
        return;
    }
    uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    int status = uv_loop_close(&loop->uv);
    assert(status == 0);
    timers_fini(&loop->timers);
    free(loop);
    *loop_in = NULL;
}

void loop_run(struct loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

int64_t loop_now_ms(const struct loop *loop)
{
    return (int64_t)uv_now(&loop->uv);
}

void loop_on_turn(struct loop *loop, loop_turn_function *function, void *context)
{
    loop->on_turn = function;
    loop->turn_context = context;
}

void loop_hurry(struct loop *loop)
{
    uv_idle_start(&loop->idle, no_wait);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct loop *loop = handle->data;
    loop->on_signal(loop->signal_context, number);
}

enum status loop_on_signal(struct loop *loop, loop_signal_function *function, void *context)
{
    static const int numbers[2] = {SIGTERM, SIGINT};
    loop->on_signal = function;
    loop->signal_context = context;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN); /* meant for the broker or `troupe up`, and sent to all */
    for (size_t index = 0; index < 2; index++) {
        loop->signals[index].data = loop;
        if (uv_signal_init(&loop->uv, &loop->signals[index]) != 0 ||
            uv_signal_start(&loop->signals[index], on_signal, numbers[index]) != 0) {
            return STATUS_IO;
        }
    }
    return STATUS_OK;
}

enum status loop_timers_reserve(struct loop *loop, size_t count)
{
    return timers_reserve(&loop->timers, count);
}

void loop_timer_start(struct loop *loop, struct timer *timer, int64_t delay_ms)
{
    timers_start(&loop->timers, timer, loop_now_ms(loop) + (delay_ms > 0 ? delay_ms : 0));
}

void loop_timer_stop(struct loop *loop, struct timer *timer)
{
    timers_stop(&loop->timers, timer);
}

static int uv_events(int events)
{
    return ((events & LOOP_READABLE) != 0 ? UV_READABLE : 0) |
           ((events & LOOP_WRITABLE) != 0 ? UV_WRITABLE : 0);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct loop_watch *watch = handle->data;
    int seen = 0;
    if (status < 0 || (events & UV_READABLE) != 0) {
        seen |= LOOP_READABLE; /* an error is found by reading */
    }
    if (status >= 0 && (events & UV_WRITABLE) != 0) {
        seen |= LOOP_WRITABLE;
    }
    watch->function(watch->context, seen);
}

enum status loop_watch(struct loop *loop, int fd, int events, loop_watch_function *function,
                       void *context, struct loop_watch **out)
{
    struct loop_watch *watch = calloc(1, sizeof(*watch));
    if (watch == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (uv_poll_init(&loop->uv, &watch->poll, fd) != 0) {
        free(watch);
        return STATUS_IO;
    }
    watch->poll.data = watch;
    watch->function = function;
    watch->context = context;
    *out = watch;
    enum status status = loop_watch_change(watch, events);
    if (status != STATUS_OK) {
        loop_unwatch(out);
    }
    return status;
}

enum status loop_watch_change(struct loop_watch *watch, int events)
{
    return uv_poll_start(&watch->poll, uv_events(events), on_poll) == 0 ? STATUS_OK : STATUS_IO;
}

static void free_watch(uv_handle_t *handle)
{
    free(handle->data);
}

void loop_unwatch(struct loop_watch **watch)
{
    if (*watch == NULL) {
        return;
    }
    uv_close((uv_handle_t *)&(*watch)->poll, free_watch);
    *watch = NULL;
}
