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
    uint64_t session; /* of the open frame */
    bool open;        /* a frame is being written */
    size_t open_start;
    struct frame_writer writer;
    struct buffer out; /* frames; each begins where sizes says */
    size_t ends[64];   /* where finished frames end */
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
    struct buffer frame;
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
    if (endpoint == NULL) {
        return status;
    }
    endpoint->hooks = hooks;
    endpoint->peers = calloc(PEERS_MAX, sizeof *endpoint->peers);
    endpoint->waiting = calloc(PEERS_MAX, sizeof *endpoint->waiting);
    endpoint->handle = zmq_socket(context, ZMQ_ROUTER);
    buffer_init(&endpoint->frame, FRAME_SIZE_MAX);
    if (endpoint->peers != NULL && endpoint->waiting != NULL && endpoint->handle != NULL) {
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
    if (endpoint->handle != NULL) {
        zmq_close(endpoint->handle);
    }
    buffer_fini(&endpoint->frame);
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

/* Hands out the records of a frame. */
static int take_frame(struct endpoint *endpoint, uint64_t peer, struct slice frame)
{
    struct frame_reader reader;
    struct message message;
    int count = 0;
    enum status status = frame_open(&reader, frame);
    if (status != STATUS_OK) {
        endpoint->hooks.garbage(endpoint->hooks.context, peer, status);
        return 1;
    }
    while ((status = frame_next(&reader, &message)) != STATUS_NOT_FOUND) {
        endpoint->hooks.record(endpoint->hooks.context, peer, reader.session, status, &message);
        count++;
    }
    return count;
}

/* Receives the parts behind the routing id. Returns whether there was exactly one. */
static bool receive_body(struct endpoint *endpoint, zmq_msg_t *body)
{
    int parts = 0;
    while (zmq_msg_more(body) != 0 || parts == 0) {
        if (zmq_msg_recv(body, endpoint->handle, ZMQ_DONTWAIT) < 0) {
            return false;
        }
        parts++;
    }
    return parts == 1;
}

int endpoint_receive(struct endpoint *endpoint)
{
    uint8_t routing[ROUTING_SIZE_MAX];
    zmq_msg_t body;
    int records = 0;
    int size = zmq_recv(endpoint->handle, routing, sizeof routing, ZMQ_DONTWAIT);
    if (size < 0) {
        return -1;
    }
    zmq_msg_init(&body);
    bool whole = receive_body(endpoint, &body);
    size_t routing_size = (size_t)size <= sizeof routing ? (size_t)size : 0;
    struct peer *peer = find_routing(endpoint, routing, routing_size);
    peer = peer != NULL ? peer : add_peer(endpoint, routing, routing_size);
    if (peer == NULL) {
        log_warn("too many peers", "limit=%d", PEERS_MAX);
    } else if (!whole) {
        endpoint->hooks.garbage(endpoint->hooks.context, peer->number, STATUS_MALFORMED);
        records = 1;
    } else {
        records = take_frame(endpoint, peer->number,
                             slice_make(zmq_msg_data(&body), zmq_msg_size(&body)));
    }
    zmq_msg_close(&body);
    return records;
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
    if (peer->ends_count == sizeof peer->ends / sizeof peer->ends[0]) {
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

void endpoint_flush(struct endpoint *endpoint)
{
    for (uint32_t index = 0; index < endpoint->waiting_count; index++) {
        struct peer *peer = &endpoint->peers[endpoint->waiting[index]];
        end_frame(endpoint, peer);
        peer->waiting = false;
        bool well = !peer->lost && send_frames(endpoint, peer);
        peer->ends_count = 0;
        buffer_clear(&peer->out);
        if (peer->out.capacity > FRAME_SIZE_MAX) {
            buffer_fini(&peer->out); /* a burst's memory is not kept */
        }
        if (!well) {
            uint64_t number = peer->number;
            remove_peer(endpoint, peer);
            endpoint->hooks.lost(endpoint->hooks.context, number);
        }
    }
    endpoint->waiting_count = 0;
}
