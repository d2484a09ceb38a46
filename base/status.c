#include "base/status.h"

const char *status_name(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return "ok";
    case STATUS_NO_MEMORY:
        return "no_memory";
    case STATUS_TOO_LARGE:
        return "too_large";
    case STATUS_MALFORMED:
        return "malformed";
    case STATUS_INVALID:
        return "invalid";
    case STATUS_NOT_FOUND:
        return "not_found";
    case STATUS_EXISTS:
        return "exists";
    case STATUS_DENIED:
        return "denied";
    case STATUS_BUSY:
        return "busy";
    case STATUS_FULL:
        return "full";
    case STATUS_AGAIN:
        return "again";
    case STATUS_TIMEOUT:
        return "timeout";
    case STATUS_CLOSED:
        return "closed";
    case STATUS_IO:
        return "io";
    case STATUS_UNSUPPORTED:
        return "unsupported";
    }
    return "unknown";
}
