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

const char *status_text(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return "nothing is wrong";
    case STATUS_NO_MEMORY:
        return "out of memory";
    case STATUS_TOO_LARGE:
        return "it is too large";
    case STATUS_MALFORMED:
        return "it cannot be understood";
    case STATUS_INVALID:
        return "it is not valid";
    case STATUS_NOT_FOUND:
        return "there is no such file or directory";
    case STATUS_EXISTS:
        return "it exists already";
    case STATUS_DENIED:
        return "permission denied";
    case STATUS_BUSY:
        return "somebody else uses it";
    case STATUS_FULL:
        return "there is no room left";
    case STATUS_AGAIN:
        return "it is not ready yet";
    case STATUS_TIMEOUT:
        return "it took too long";
    case STATUS_CLOSED:
        return "the connection is closed";
    case STATUS_IO:
        return "an error of the system";
    case STATUS_UNSUPPORTED:
        return "it is not supported";
    }
    return "an unknown error";
}
