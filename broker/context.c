#include "broker/context.h"

#include <czmq.h>

void *context_open(void)
{
    zsys_handler_set(NULL);
    return zsys_init();
}

struct build_library context_library(void)
{
    int major;
    int minor;
    int patch;
    zmq_version(&major, &minor, &patch);
    return build_library("libzmq", "%d.%d.%d", major, minor, patch);
}

void context_close(void)
{
    zsys_shutdown();
}
