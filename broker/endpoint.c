#include "broker/endpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <zmq.h>
#include "base/log.h"

enum {
    ROUTING_SIZE_MAX = 32, /* bytes; ZeroMQ's own ids have 5 */
    PEER_BUCKETS = 4096,   /* a power of two */
    PEER_NONE = UINT32_MAX,
};

struct peer {
    uint64_t number; /* 0: free */
    uint8_t routing[ROUTING_SIZE_MAX];
    size_t routing_size;
    uint32_t next; /* chain of a bucket, or of free places */
    bool waiting;  /* stands in the list of peers with something to send */
    bool lost;
    bool seen;        /* since the last sweep: it said something, or took something */
    uint64_t session; /* of the open frame */
    bool open;        /* a frame is being written */
    size_t open_start;
    struct frame_writer writer;
    struct buffer out;            /* frames, one behind the other */
    size_t ends[PEER_FRAMES_MAX]; /* where finished frames end */
    size_t ends_count;
};

struct endpoint {
    void *handle;
    struct endpoint_hooks hooks;
    struct peer *peers;
    uint32_t *waiting;
    uint32_t waiting_count;
    uint32_t free;
    uint32_t buckets[PEER_BUCKETS];
    uint64_t number_last;
    uint32_t *lost;         /* by endpoint_flush; to be told when all is sent */
    uint32_t refused_count; /* frames since the last sweep that found no place */
    zmq_msg_t body;         /* of the frame that is being read */
    struct frame_reader reader;
    uint64_t reading; /* the peer that it is from; 0 for none */
};

/* ---- peers ---- */

static uint32_t bucket_of(const uint8_t *routing, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t index = 0; index < size; index++) {
        hash = (hash ^ routing[index]) * 16777619u;
    }
    return (hash ^ hash >> 15) % PEER_BUCKETS;
}

/* A peer's number tells its place: the low bits; the rest makes it unique. */
static struct peer *find_number(struct endpoint *endpoint, uint64_t number)
{
    struct peer *peer = &endpoint->peers[number % PEERS_MAX];
    return peer->number == number && number != 0 ? peer : NULL;
}

static struct peer *find_routing(struct endpoint *endpoint, const uint8_t *routing, size_t size)
{
    uint32_t index = endpoint->buckets[bucket_of(routing, size)];
    while (index != PEER_NONE) {
        struct peer *peer = &endpoint->peers[index];
        if (peer->routing_size == size && memcmp(peer->routing, routing, size) == 0) {
            return peer;
        }
        index = peer->next;
    }
    return NULL;
}

/* Takes a new connection in. Returns NULL when the table is full. */
static struct peer *add_peer(struct endpoint *endpoint, const uint8_t *routing, size_t size)
{
    uint32_t index = endpoint->free;
    uint32_t bucket = bucket_of(routing, size);
    if (index == PEER_NONE || size == 0 || size > ROUTING_SIZE_MAX) {
        return NULL;
    }
    struct peer *peer = &endpoint->peers[index];
    endpoint->free = peer->next;
    memset(peer, 0, sizeof *peer);
    endpoint->number_last++;
    peer->number = endpoint->number_last * PEERS_MAX + index;
    memcpy(peer->routing, routing, size);
    peer->routing_size = size;
    peer->next = endpoint->buckets[bucket];
    endpoint->buckets[bucket] = index;
    buffer_init(&peer->out, PEER_OUT_SIZE_MAX);
    return peer;
}

static void remove_peer(struct endpoint *endpoint, struct peer *peer)
{
    uint32_t index = (uint32_t)(peer - endpoint->peers);
    uint32_t *link = &endpoint->buckets[bucket_of(peer->routing, peer->routing_size)];
    while (*link != index) {
        link = &endpoint->peers[*link].next;
    }
    *link = peer->next;
    buffer_fini(&peer->out);
    peer->number = 0;
    peer->next = endpoint->free;
    endpoint->free = index;
}

/* ---- open and close ---- */

static enum status bind_to(struct endpoint *endpoint, const char *address)
{
    int64_t frame_size_max = FRAME_SIZE_MAX;
    void *handle = endpoint->handle;
    const struct {
        int option;
        int value;
    } settings[] = {
        {ZMQ_ROUTER_MANDATORY, 1},
        {ZMQ_LINGER, 0},
        {ZMQ_SNDHWM, PEER_FRAMES_QUEUED_MAX},
        {ZMQ_RCVHWM, PEER_FRAMES_QUEUED_MAX},
        {ZMQ_HEARTBEAT_IVL, PEER_HEARTBEAT_MS},
        {ZMQ_HEARTBEAT_TIMEOUT, 3 * PEER_HEARTBEAT_MS},
        {ZMQ_HANDSHAKE_IVL, 5000},
    };
    for (size_t index = 0; index < sizeof settings / sizeof settings[0]; index++) {
        int value = settings[index].value;
        if (zmq_setsockopt(handle, settings[index].option, &value, sizeof value) != 0) {
            return STATUS_IO;
        }
    }
    if (zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &frame_size_max, sizeof frame_size_max) != 0) {
        return STATUS_IO;
    }
    if (zmq_bind(handle, address) == 0) {
        return STATUS_OK;
    }
    return errno == EADDRINUSE ? STATUS_BUSY : errno == EINVAL ? STATUS_INVALID : STATUS_IO;
}

enum status endpoint_new(void *context, const char *address, struct endpoint_hooks hooks,
                         struct endpoint **out)
{
    struct endpoint *endpoint = calloc(1, sizeof *endpoint);
    enum status status = STATUS_NO_MEMORY;
    *out = NULL;
    if (endpoint == NULL) {
        return status;
    }
    endpoint->hooks = hooks;
    endpoint->peers = calloc(PEERS_MAX, sizeof *endpoint->peers);
    endpoint->waiting = calloc(PEERS_MAX, sizeof *endpoint->waiting);
    endpoint->lost = calloc(PEERS_MAX, sizeof *endpoint->lost);
    endpoint->handle = zmq_socket(context, ZMQ_ROUTER);
    zmq_msg_init(&endpoint->body);
    if (endpoint->peers != NULL && endpoint->waiting != NULL && endpoint->lost != NULL &&
        endpoint->handle != NULL) {
        for (uint32_t index = 0; index < PEERS_MAX; index++) {
            endpoint->peers[index].next = index + 1 < PEERS_MAX ? index + 1 : PEER_NONE;
        }
        memset(endpoint->buckets, 0xff, sizeof endpoint->buckets);
        status = bind_to(endpoint, address);
    }
    if (status != STATUS_OK) {
        endpoint_destroy(&endpoint);
    }
    *out = endpoint;
    return status;
}

void endpoint_destroy(struct endpoint **endpoint_in)
{
    struct endpoint *endpoint = *endpoint_in;
    if (endpoint == NULL) {
        return;
    }
    for (uint32_t index = 0; endpoint->peers != NULL && index < PEERS_MAX; index++) {
        buffer_fini(&endpoint->peers[index].out);
    }
    zmq_msg_close(&endpoint->body);
    if (endpoint->handle != NULL) {
        zmq_close(endpoint->handle);
    }
    free(endpoint->lost);
    free(endpoint->waiting);
    free(endpoint->peers);
    free(endpoint);
    *endpoint_in = NULL;
}

void *endpoint_socket(const struct endpoint *endpoint)
{
    return endpoint->handle;
}

/* ---- receiving ---- */

/* Receives the parts behind the routing id. Returns whether there was exactly one. */
static bool receive_body(struct endpoint *endpoint)
{
    int parts = 0;
    while (parts == 0 || zmq_msg_more(&endpoint->body) != 0) {
        if (zmq_msg_recv(&endpoint->body, endpoint->handle, ZMQ_DONTWAIT) < 0) {
            return false;
        }
        parts++;
    }
    return parts == 1;
}

/* Receives a frame and opens it. Returns false when none has come. */
static bool receive_frame(struct endpoint *endpoint)
{
    uint8_t routing[ROUTING_SIZE_MAX];
    int size = zmq_recv(endpoint->handle, routing, sizeof routing, ZMQ_DONTWAIT);
    if (size < 0) {
        return false;
    }
    bool is_whole = receive_body(endpoint);
    size_t routing_size = (size_t)size <= sizeof routing ? (size_t)size : 0;
    struct peer *peer = find_routing(endpoint, routing, routing_size);
    peer = peer != NULL ? peer : add_peer(endpoint, routing, routing_size);
    if (peer == NULL) {
        endpoint->refused_count++;
        return true;
    }
    peer->seen = true;
    enum status status = STATUS_MALFORMED;
    if (is_whole) {
        status = frame_open(&endpoint->reader, slice_make(zmq_msg_data(&endpoint->body),
                                                          zmq_msg_size(&endpoint->body)));
    }
    if (status == STATUS_OK) {
        endpoint->reading = peer->number;
    } else {
        endpoint->hooks.garbage(endpoint->hooks.context, peer->number, status);
    }
    return true;
}

bool endpoint_receive(struct endpoint *endpoint)
{
    struct message message;
    if (endpoint->reading == 0 && !receive_frame(endpoint)) {
        return false;
    }
    if (endpoint->reading == 0) {
        return true;
    }
    enum status status = find_number(endpoint, endpoint->reading) == NULL
                             ? STATUS_NOT_FOUND /* given up meanwhile */
                             : frame_next(&endpoint->reader, &message);
    if (status == STATUS_NOT_FOUND) {
        endpoint->reading = 0;
        return true;
    }
    endpoint->hooks.record(endpoint->hooks.context, endpoint->reading, endpoint->reader.session,
                           status, &message);
    return true;
}

bool endpoint_has_more(const struct endpoint *endpoint)
{
    return endpoint->reading != 0;
}

/* ---- sending ---- */

static void note_waiting(struct endpoint *endpoint, struct peer *peer)
{
    if (!peer->waiting) {
        peer->waiting = true;
        endpoint->waiting[endpoint->waiting_count++] = (uint32_t)(peer - endpoint->peers);
    }
}

static void give_up(struct endpoint *endpoint, struct peer *peer)
{
    peer->lost = true;
    note_waiting(endpoint, peer);
}

/* Ends the frame that is being written, if any. */
static void end_frame(struct endpoint *endpoint, struct peer *peer)
{
    if (!peer->open) {
        return;
    }
    frame_end(&peer->writer);
    peer->open = false;
    if (peer->ends_count == PEER_FRAMES_MAX) {
        give_up(endpoint, peer);
        return;
    }
    peer->ends[peer->ends_count++] = peer->out.size;
}

/* Makes sure that a frame of this session is open and has room. */
static enum status open_frame(struct endpoint *endpoint, struct peer *peer, uint64_t session)
{
    bool is_full = peer->open && peer->out.size - peer->open_start > FRAME_SIZE_TARGET;
    if (is_full || (peer->open && peer->session != session)) {
        end_frame(endpoint, peer);
    }
    if (peer->open) {
        return STATUS_OK;
    }
    peer->open_start = peer->out.size;
    peer->session = session;
    enum status status = frame_begin(&peer->writer, &peer->out, session);
    peer->open = status == STATUS_OK;
    return status;
}

struct frame_writer *endpoint_writer(struct endpoint *endpoint, uint64_t number, uint64_t session)
{
    struct peer *peer = find_number(endpoint, number);
    if (peer == NULL || peer->lost) {
        return NULL;
    }
    note_waiting(endpoint, peer);
    if (peer->open && peer->writer.count == FRAME_RECORDS_MAX) {
        end_frame(endpoint, peer);
    }
    if (open_frame(endpoint, peer, session) != STATUS_OK) {
        give_up(endpoint, peer);
        return NULL;
    }
    return &peer->writer;
}

void endpoint_written(struct endpoint *endpoint, uint64_t number, enum status status)
{
    struct peer *peer = find_number(endpoint, number);
    if (peer != NULL && status != STATUS_OK) {
        give_up(endpoint, peer);
    }
}

void endpoint_put(struct endpoint *endpoint, uint64_t number, uint64_t session,
                  const struct message *message)
{
    struct frame_writer *writer = endpoint_writer(endpoint, number, session);
    if (writer != NULL) {
        endpoint_written(endpoint, number, frame_write(writer, message));
    }
}

void endpoint_put_all(struct endpoint *endpoint, const struct message *message)
{
    for (uint32_t index = 0; index < PEERS_MAX; index++) {
        if (endpoint->peers[index].number != 0) {
            endpoint_put(endpoint, endpoint->peers[index].number, 0, message);
        }
    }
}

void endpoint_records(struct endpoint *endpoint, uint64_t number, uint64_t session,
                      struct slice records, uint32_t count)
{
    struct frame_writer *writer = endpoint_writer(endpoint, number, session);
    if (writer == NULL) {
        return;
    }
    enum status status = frame_splice(writer, records, count);
    if (status == STATUS_TOO_LARGE) {
        end_frame(endpoint, find_number(endpoint, number));
        writer = endpoint_writer(endpoint, number, session);
        status = writer == NULL ? STATUS_CLOSED : frame_splice(writer, records, count);
    }
    endpoint_written(endpoint, number, status);
}

/* Sends a peer's frames. Returns whether it took them. */
static bool send_frames(struct endpoint *endpoint, struct peer *peer)
{
    size_t start = 0;
    for (size_t index = 0; index < peer->ends_count; index++) {
        size_t size = peer->ends[index] - start;
        if (zmq_send(endpoint->handle, peer->routing, peer->routing_size,
                     ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
            zmq_send(endpoint->handle, peer->out.data + start, size, ZMQ_DONTWAIT) < 0) {
            return false; /* gone (EHOSTUNREACH) or not reading (EAGAIN) */
        }
        start = peer->ends[index];
    }
    return true;
}

/* Sends what one peer gets in this turn. Returns false for a peer that is lost. */
static bool flush_peer(struct endpoint *endpoint, struct peer *peer)
{
    end_frame(endpoint, peer);
    peer->waiting = false;
    bool is_well = !peer->lost && send_frames(endpoint, peer);
    peer->lost = !is_well;
    peer->seen = true;
    peer->ends_count = 0;
    buffer_clear(&peer->out);
    if (peer->out.capacity > FRAME_SIZE_MAX) {
        buffer_fini(&peer->out); /* a burst's memory is not kept */
    }
    return is_well;
}

void endpoint_flush(struct endpoint *endpoint)
{
    uint32_t lost_count = 0;
    for (uint32_t index = 0; index < endpoint->waiting_count; index++) {
        uint32_t place = endpoint->waiting[index];
        if (!flush_peer(endpoint, &endpoint->peers[place])) {
            endpoint->lost[lost_count++] = place;
        }
    }
    endpoint->waiting_count = 0;
    for (uint32_t index = 0; index < lost_count; index++) {
        struct peer *peer = &endpoint->peers[endpoint->lost[index]];
        uint64_t number = peer->number;
        remove_peer(endpoint, peer);
        endpoint->hooks.lost(endpoint->hooks.context, number);
    }
}

void endpoint_sweep(struct endpoint *endpoint)
{
    for (uint32_t index = 0; index < PEERS_MAX; index++) {
        struct peer *peer = &endpoint->peers[index];
        if (peer->number != 0 && !peer->seen) {
            give_up(endpoint, peer);
        }
        peer->seen = false;
    }
    if (endpoint->refused_count > 0) {
        log_warn("peers were refused", "frames=%u limit=%d", endpoint->refused_count, PEERS_MAX);
        endpoint->refused_count = 0;
    }
}
