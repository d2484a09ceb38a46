#include "gateway/waits.h"

#include "gateway/limits.h"

void waits_init(struct waits *waits)
{
    list_init(&waits->all);
    waits->count = 0;
    waits->stopped = false;
}

void waits_remove(struct wait *wait)
{
    if (!list_is_linked(&wait->node)) {
        return;
    }
    list_remove(&wait->node);
    hub_cancel(&wait->subscription);
    wait->waits->count--;
}

static void wait_end(struct wait *wait)
{
    waits_remove(wait);
    wait->done(wait);
}

static bool is_over(const struct wait *wait, const struct message_event *event)
{
    if (event->version < wait->version_min) {
        return false;
    }
    if (wait->until_end) {
        return job_state_is_terminal(event->state);
    }
    return wait->any_version || event->state != wait->state;
}

static void on_event(struct subscription *subscription, const struct message_event *event,
                     struct slice text)
{
    (void)text;
    struct wait *wait = LIST_OWNER(subscription, struct wait, subscription);
    if (is_over(wait, event)) {
        wait_end(wait);
    }
}

static void on_gap(struct subscription *subscription, uint64_t seen)
{
    (void)seen;
    wait_end(LIST_OWNER(subscription, struct wait, subscription));
}

enum status waits_add(struct waits *waits, struct hub *hub, const struct id *job, struct wait *wait)
{
    if (waits->count == WAITS_MAX || waits->stopped) {
        return STATUS_FULL;
    }
    wait->waits = waits;
    wait->subscription = (struct subscription){.on_event = on_event, .on_gap = on_gap, .job = *job};
    hub_subscribe(hub, &wait->subscription);
    list_append(&waits->all, &wait->node);
    waits->count++;
    return STATUS_OK;
}

void waits_tick(struct waits *waits, int64_t now_ms)
{
    struct list *node = waits->all.next;
    while (node != &waits->all) {
        struct wait *wait = LIST_OWNER(node, struct wait, node);
        node = node->next;
        if (wait->deadline_ms <= now_ms) {
            wait_end(wait);
        }
    }
}

void waits_stop(struct waits *waits)
{
    waits->stopped = true;
    while (!list_is_empty(&waits->all)) {
        wait_end(LIST_OWNER(waits->all.next, struct wait, node));
    }
}
