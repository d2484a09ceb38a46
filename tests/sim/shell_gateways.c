#include "tests/sim/shell_gateways.h"
#include <assert.h>
#include "tests/sim/world.h"

static void tell(struct world *world, uint64_t peer, const struct message *message)
{
    struct buffer bytes;
    struct frame_writer writer;
    buffer_init(&bytes, FRAME_SIZE_MAX);
    enum status status = frame_begin(&writer, &bytes, 0);
    assert(status == STATUS_OK);
    status = frame_write(&writer, message);
    assert(status == STATUS_OK);
    frame_end(&writer);
    network_send(world, link_of_peer(peer), TO_CLIENT, buffer_slice(&bytes), NULL);
    buffer_fini(&bytes);
}

void gateways_welcome(struct world *world, uint64_t peer, const struct id *instance)
{
    struct shell *shell = &world->shell;
    uint32_t place = 0;
    while (place < shell->gateway_count && !id_equal(&shell->gateways[place].instance, instance)) {
        place++;
    }
    assert(place < SESSIONS_MAX);
    shell->gateway_count += place == shell->gateway_count;
    uint64_t session = (shell->run << 32) + ++shell->gateway_sessions;
    shell->gateways[place] = (struct gateway_session){*instance, peer, session};
    struct message welcome = {.type = MESSAGE_TYPE_GATEWAY_WELCOME,
                              .gateway_welcome = {.session = session}};
    tell(world, peer, &welcome);
}

bool gateways_knows(struct world *world, uint64_t peer, uint64_t session)
{
    const struct shell *shell = &world->shell;
    for (uint32_t place = 0; place < shell->gateway_count; place++) {
        const struct gateway_session *gateway = &shell->gateways[place];
        if (gateway->peer == peer && gateway->session == session) {
            return true;
        }
    }
    struct message error = {.type = MESSAGE_TYPE_ERROR, .error = {.code = ERROR_CODE_SESSION}};
    tell(world, peer, &error);
    world_fault(world, FAULT_ORIGINAL_AFTER_RESENT);
    return false;
}
