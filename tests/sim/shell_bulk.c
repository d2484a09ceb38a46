#include "tests/sim/shell_bulk.h"
#include "tests/sim/world.h"

void shell_bulk_push(struct world *world)
{
    struct shell *shell = &world->shell;
    if (shell->paging || bulks_live(core_bulks(shell->core)) == 0) {
        return;
    }
    shell->paging = reads_give_bulk(world);
}

void shell_bulk_taken(struct world *world)
{
    world->shell.paging = false;
}
