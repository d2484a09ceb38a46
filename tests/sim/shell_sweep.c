#include "tests/sim/shell_sweep.h"
#include "tests/sim/world.h"

enum {
    SWEEP_MS = 1000, /* between two looks */
};

void shell_sweep_push(struct world *world)
{
    struct shell *shell = &world->shell;
    if (!shell->sweeping && world->now >= shell->sweep_at) {
        shell->sweeping = reads_give_sweep(world);
    }
}

void shell_sweep_taken(struct world *world)
{
    struct shell *shell = &world->shell;
    if (shell->sweep->count > 0) {
        if (shell->effects->count < shell->sweep->count) {
            world_fault(world, FAULT_SWEEP_LATE);
        }
        sweep_settle(shell->sweep, shell->effects);
    }
    shell->sweeping = false;
    shell->sweep_at = world->now + (shell->sweep->more ? 0 : SWEEP_MS);
}
