#include "broker/peers.h"

#include <assert.h>
#include <stdlib.h>

enum {
    PLACE_BITS = 13, /* of a number: the place; the rest counts */
};

_Static_assert(PEERS_MAX == 1 << PLACE_BITS, "a place fits into a number");

enum status peers_init(struct peers *peers)
{
    *peers = (struct peers){.free = PEER_NONE};
    peers->places = calloc(PEERS_MAX, sizeof peers->places[0]);
    peers->buckets = malloc(PEERS_MAX * sizeof peers->buckets[0]);
    if (peers->places == NULL || peers->buckets == NULL) {
        peers_fini(peers);
        return STATUS_NO_MEMORY;
    }
    memset(peers->buckets, 0xff, PEERS_MAX * sizeof peers->buckets[0]);
    return STATUS_OK;
}

void peers_fini(struct peers *peers)
{
    for (uint32_t place = 0; place < peers->used; place++) {
        outbox_fini(&peers->places[place]->outbox);
        free(peers->places[place]);
    }
    free(peers->places);
    free(peers->buckets);
    *peers = (struct peers){.free = PEER_NONE};
}

static uint32_t *bucket_of(const struct peers *peers, struct slice routing)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t index = 0; index < routing.size; index++) {
        hash = (hash ^ routing.data[index]) * 16777619u;
    }
    return &peers->buckets[hash % PEERS_MAX];
}

/* A place that is free, with its peer allocated. */
static enum status find_place(struct peers *peers, uint32_t *out)
{
    if (peers->free != PEER_NONE) {
        *out = peers->free;
        peers->free = peers->places[*out]->hash_next;
        return STATUS_OK;
    }
    if (peers->used == PEERS_MAX) {
        return STATUS_FULL;
    }
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL) {
        return STATUS_NO_MEMORY;
    }
    outbox_init(&peer->outbox);
    *out = peers->used++;
    peers->places[*out] = peer;
    return STATUS_OK;
}

enum status peers_take(struct peers *peers, struct slice routing, int64_t now, struct peer **out)
{
    uint32_t place;
    assert(routing.size <= ROUTING_SIZE_MAX);
    uint32_t *bucket = bucket_of(peers, routing);
    for (place = *bucket; place != PEER_NONE; place = peers->places[place]->hash_next) {
        if (slice_equal(peer_routing(peers->places[place]), routing)) {
            *out = peers->places[place];
            return STATUS_OK;
        }
    }
    enum status status = find_place(peers, &place);
    if (status != STATUS_OK) {
        return status;
    }
    struct peer *peer = peers->places[place];
    peer->number = ++peers->sequence << PLACE_BITS | place;
    peer->session = 0;
    peer->instance = (struct id){{0}};
    peer->heard_at = now;
    peer->sent_at = now;
    peer->lost = false;
    peer->closed = false;
    peer->welcomed = false;
    peer->routing_size = (uint8_t)routing.size;
    memcpy(peer->routing, routing.data, routing.size);
    peer->hash_next = *bucket;
    *bucket = place;
    peers->count++;
    *out = peer;
    return STATUS_OK;
}

struct peer *peers_find(const struct peers *peers, uint64_t number)
{
    uint32_t place = (uint32_t)(number % PEERS_MAX);
    if (number == 0 || place >= peers->used || peers->places[place]->number != number) {
        return NULL;
    }
    return peers->places[place];
}

void peers_remove(struct peers *peers, struct peer *peer)
{
    uint32_t place = (uint32_t)(peer->number % PEERS_MAX);
    uint32_t *link = bucket_of(peers, peer_routing(peer));
    assert(peers->places[place] == peer);
    while (*link != place) {
        link = &peers->places[*link]->hash_next;
    }
    *link = peer->hash_next;
    peer->number = 0;
    peer->hash_next = peers->free;
    peers->free = place;
    peers->count--;
    outbox_clear(&peer->outbox);
}

struct peer *peers_next(const struct peers *peers, uint32_t *place)
{
    while (*place < peers->used) {
        struct peer *peer = peers->places[(*place)++];
        if (peer->number != 0) {
            return peer;
        }
    }
    return NULL;
}

void peer_introduce(struct peer *peer, struct slice host, uint32_t pid, struct slice version,
                    int64_t now)
{
    assert(host.size <= HOST_SIZE_MAX && version.size <= VERSION_SIZE_MAX);
    peer->pid = pid;
    peer->greeted_at = now;
    peer->host_size = (uint8_t)host.size;
    peer->version_size = (uint8_t)version.size;
    if (host.size > 0) {
        memcpy(peer->host, host.data, host.size);
    }
    if (version.size > 0) {
        memcpy(peer->version, version.data, version.size);
    }
}
