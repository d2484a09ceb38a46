#include "gateway/hub.h"

#include <stdlib.h>
#include "gateway/event_text.h"
#include "gateway/limits.h"

_Static_assert((HUB_BUCKETS & (HUB_BUCKETS - 1)) == 0, "a mask finds the bucket");

static struct list *buckets_new(void)
{
    struct list *buckets = calloc(HUB_BUCKETS, sizeof(buckets[0]));
    for (size_t index = 0; buckets != NULL && index < HUB_BUCKETS; index++) {
        list_init(&buckets[index]);
    }
    return buckets;
}

enum status hub_init(struct hub *hub, uint64_t seed)
{
    *hub = (struct hub){.by_job = buckets_new(), .by_owner = buckets_new(), .seed = seed};
    list_init(&hub->all);
    list_init(&hub->every);
    buffer_init(&hub->text, STREAM_EVENT_SIZE_MAX);
    if (hub->by_job == NULL || hub->by_owner == NULL) {
        hub_fini(hub);
        return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

void hub_fini(struct hub *hub)
{
    free(hub->by_job);
    free(hub->by_owner);
    hub->by_job = NULL;
    hub->by_owner = NULL;
    buffer_fini(&hub->text);
}

static struct list *bucket_of_job(const struct hub *hub, const struct id *job)
{
    uint64_t word;
    memcpy(&word, job->bytes + ID_SIZE - sizeof(word), sizeof(word));
    uint64_t hash = (word ^ hub->seed) * 0x9e3779b97f4a7c15U;
    return &hub->by_job[(hash >> 40) & (HUB_BUCKETS - 1)];
}

static struct list *bucket_of_owner(const struct hub *hub, struct slice owner)
{
    uint64_t hash = hub->seed;
    for (size_t index = 0; index < owner.size; index++) {
        hash = (hash ^ owner.data[index]) * 0x100000001b3U;
    }
    hash *= 0x9e3779b97f4a7c15U;
    return &hub->by_owner[(hash >> 40) & (HUB_BUCKETS - 1)];
}

void hub_subscribe(struct hub *hub, struct subscription *subscription)
{
    struct list *bucket = id_is_zero(&subscription->job) ? bucket_of_owner(hub, subscription->owner)
                                                         : bucket_of_job(hub, &subscription->job);
    list_append(subscription->every ? &hub->every : bucket, &subscription->node);
    list_append(&hub->all, &subscription->all);
}

void hub_cancel(struct subscription *subscription)
{
    list_remove(&subscription->node);
    list_remove(&subscription->all);
}

static bool subscription_matches(const struct subscription *subscription,
                                 const struct message_event *event)
{
    return id_is_zero(&subscription->job) ? slice_equal(subscription->owner, event->owner)
                                          : id_equal(&subscription->job, &event->job) ||
                                                id_equal(&subscription->job, &event->group);
}

static void bucket_publish(struct hub *hub, struct list *bucket, const struct message_event *event)
{
    struct list *node = bucket->next;
    while (node != bucket) {
        struct subscription *subscription = LIST_OWNER(node, struct subscription, node);
        node = node->next;
        if (!subscription_matches(subscription, event)) {
            continue;
        }
        if (hub->text.size == 0 && event_text_write(event, &hub->text) != STATUS_OK) {
            buffer_clear(&hub->text);
        }
        subscription->on_event(subscription, event, buffer_slice(&hub->text));
    }
}

static void every_publish(struct hub *hub, const struct message_event *event)
{
    struct list *node = hub->every.next;
    while (node != &hub->every) {
        struct subscription *subscription = LIST_OWNER(node, struct subscription, node);
        node = node->next;
        subscription->on_event(subscription, event, SLICE_EMPTY);
    }
}

void hub_publish(struct hub *hub, const struct message_event *event)
{
    every_publish(hub, event);
    buffer_clear(&hub->text);
    struct list *bucket = bucket_of_job(hub, &event->job);
    struct list *group_bucket = bucket_of_job(hub, &event->group);
    bucket_publish(hub, bucket, event);
    if (!id_is_zero(&event->group) && group_bucket != bucket) {
        bucket_publish(hub, group_bucket, event);
    }
    bucket_publish(hub, bucket_of_owner(hub, event->owner), event);
}

void hub_advance(struct hub *hub, uint64_t event)
{
    if (event > hub->seen) {
        hub->seen = event;
    }
}

void hub_gap(struct hub *hub, uint64_t last)
{
    uint64_t seen = hub->seen;
    hub->seen = last;
    struct list *node = hub->all.next;
    while (node != &hub->all) {
        struct subscription *subscription = LIST_OWNER(node, struct subscription, all);
        node = node->next;
        subscription->on_gap(subscription, seen);
    }
}
