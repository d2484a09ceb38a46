#include "gateway/await.h"

#include "gateway/prefer.h"

bool await_preference(const struct exchange *exchange, uint32_t *wait_s)
{
    const h2o_headers_t *headers = &exchange->request->headers;
    ssize_t index = h2o_find_header_by_str(headers, H2O_STRLIT("prefer"), -1);
    while (index >= 0) {
        const h2o_iovec_t *value = &headers->entries[index].value;
        if (prefer_wait(slice_make(value->base, value->len), wait_s)) {
            return true;
        }
        index = h2o_find_header_by_str(headers, H2O_STRLIT("prefer"), index);
    }
    return false;
}

static void look(struct await *await);

/* Something happened to the job, or the time is over: the state tells. */
static void on_wait_over(struct wait *wait)
{
    look(LIST_OWNER(wait, struct await, wait));
}

/* Waits on from the state that is known. Only later versions count: an event that is being handed
 * out right now was seen already. */
static enum status wait_on(struct await *await, const struct message_job_state *state)
{
    struct gateway *gateway = await->exchange->gateway;
    await->exchange->is_waiting = true;
    await->wait.deadline_ms = await->deadline_ms;
    await->wait.until_end = true;
    await->wait.version_min = state->version + 1;
    await->wait.done = on_wait_over;
    return waits_add(&gateway->waits, &gateway->hub, &await->job, &await->wait);
}

static void on_job_found(struct exchange *exchange, const struct cached_job *job,
                         const struct http_error *error)
{
    struct await *await = exchange->handler_data;
    if (error != NULL) {
        await->done(await, NULL);
        return;
    }
    await->waited = job_state_is_terminal(job->state->state) ||
                    gateway_now_ms(exchange->gateway) >= await->deadline_ms;
    if (await->waited || wait_on(await, job->state) != STATUS_OK) {
        await->done(await, job);
    }
}

static void look(struct await *await)
{
    lookup_job_by_id(await->exchange, await->family, &await->job, 0, on_job_found);
}

void await_start(struct await *await)
{
    await->exchange->handler_data = await;
    look(await);
}

void await_stop(struct await *await)
{
    waits_remove(&await->wait);
}
