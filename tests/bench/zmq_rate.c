/*
 * Method: a DEALER sends messages of 300 bytes to a ROUTER in another thread, over ipc in the
 * directory given, with a window of 64 unanswered ones; the ROUTER sends each back. How many round
 * trips raw ZeroMQ makes a second, one message at a time and unbatched. Prints the rate.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>
#include "base/clock.h"

enum {
    MESSAGE_SIZE = 300,
    WINDOW = 64,
    RUN_MS = 1000,
};

struct echo {
    void *context;
    char endpoint[4096];
};

static void *serve(void *argument)
{
    struct echo *echo = argument;
    void *router = zmq_socket(echo->context, ZMQ_ROUTER);
    char peer[256];
    char bytes[MESSAGE_SIZE];
    zmq_bind(router, echo->endpoint);
    for (;;) {
        int peer_size = zmq_recv(router, peer, sizeof peer, 0);
        int size = peer_size < 0 ? -1 : zmq_recv(router, bytes, sizeof bytes, 0);
        if (size <= 0) {
            break; /* an empty message, or the context's end */
        }
        zmq_send(router, peer, (size_t)peer_size, ZMQ_SNDMORE);
        zmq_send(router, bytes, (size_t)size, 0);
    }
    zmq_close(router);
    return NULL;
}

int main(int count, char **words)
{
    struct echo echo = {.context = zmq_ctx_new()};
    char bytes[MESSAGE_SIZE];
    pthread_t thread;
    if (count != 2) {
        fprintf(stderr, "usage: zmq_rate DIRECTORY\n");
        return 2;
    }
    snprintf(echo.endpoint, sizeof echo.endpoint, "ipc://%s/zmq_rate", words[1]);
    memset(bytes, 'x', sizeof bytes);
    pthread_create(&thread, NULL, serve, &echo);
    void *dealer = zmq_socket(echo.context, ZMQ_DEALER);
    zmq_connect(dealer, echo.endpoint);
    for (int sent = 0; sent < WINDOW; sent++) {
        zmq_send(dealer, bytes, sizeof bytes, 0);
    }
    int64_t start_ms = clock_monotonic_ms();
    int64_t trips = 0;
    while (clock_monotonic_ms() - start_ms < RUN_MS) {
        zmq_recv(dealer, bytes, sizeof bytes, 0);
        zmq_send(dealer, bytes, sizeof bytes, 0);
        trips++;
    }
    printf("%lld\n", (long long)(trips * 1000 / (clock_monotonic_ms() - start_ms)));
    for (int left = 0; left < WINDOW; left++) {
        zmq_recv(dealer, bytes, sizeof bytes, 0);
    }
    zmq_send(dealer, bytes, 0, 0);
    pthread_join(thread, NULL);
    zmq_close(dealer);
    zmq_ctx_term(echo.context);
    return 0;
}
