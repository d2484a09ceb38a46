#include "gateway/sweeps.h"

#include <inttypes.h>
#include "base/log.h"
#include "gateway/gateway.h"

void sweeps_init(struct sweeps *sweeps, struct gateway *gateway)
{
    *sweeps = (struct sweeps){.gateway = gateway};
    unused_init(&sweeps->unused, gateway);
}

void sweeps_fini(struct sweeps *sweeps)
{
    assets_sweep_fini(&sweeps->files);
    bucket_sweep_fini(&sweeps->uploads);
    unused_fini(&sweeps->unused);
}

static void begin(struct sweeps *sweeps, int64_t now_ms)
{
    struct gateway *gateway = sweeps->gateway;
    if (gateway->assets.bucket != NULL) {
        bucket_sweep_begin(&sweeps->uploads, &gateway->bucket_line, now_ms - SWEEP_AGE_MS);
    } else if (assets_sweep_begin(&sweeps->files, &gateway->assets) != STATUS_OK) {
        log_warn("unfinished writes cannot be swept from the assets directory", "");
    }
}

void sweeps_tick(struct sweeps *sweeps, int64_t now_ms)
{
    struct assets_sweep *files = &sweeps->files;
    unused_tick(&sweeps->unused, now_ms);
    if (files->characters != NULL) {
        if (assets_sweep_step(files, now_ms - SWEEP_AGE_MS) == STATUS_OK &&
            files->removed_count > 0) {
            log_info("unfinished writes dropped", "count=%" PRIu64, files->removed_count);
        }
    } else if (!sweeps->uploads.is_running && now_ms >= sweeps->due_ms) {
        sweeps->due_ms = now_ms + SWEEP_MS;
        begin(sweeps, now_ms);
    }
}
