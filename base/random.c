#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "base/log.h"

void random_bytes(void *out, size_t size)
{
    uint8_t *position = out;
    while (size > 0) {
        ssize_t count = getrandom(position, size, 0);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            log_error("no randomness from the kernel", "error=%s", strerror(errno));
            abort();
        }
        position += count;
        size -= (size_t)count;
    }
}
