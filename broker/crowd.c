#include "broker/crowd.h"

#include <string.h>
#include "base/log.h"
#include "broker/broker.h"

static enum status write_page(const struct busiest *busiest, const struct crowd_asker *asker,
                              uint32_t count, struct frame_writer *writer)
{
    const struct message page = {
        .type = MESSAGE_TYPE_ADMIN_PAGE,
        .admin_page = {.request = asker->request,
                       .count = count,
                       .users = busiest->users,
                       .behind = busiest->behind,
                       .waiting = busiest->waiting,
                       .active = busiest->active,
                       .delayed = busiest->delayed},
    };
    return frame_write(writer, &page);
}

/* What the one who is asked for has, now. */
static enum status write_user(const struct broker *broker, const struct crowd_asker *asker,
                              struct frame_writer *writer)
{
    struct slice owner = slice_make(asker->owner, asker->owner_size);
    enum status status = write_page(&broker->crowd.busiest, asker, JOB_KIND_ASKED_COUNT, writer);
    for (uint32_t kind = 0; kind < JOB_KIND_ASKED_COUNT && status == STATUS_OK; kind++) {
        struct user_told told = core_user(broker->core, owner, kind);
        const struct message message = {.type = MESSAGE_TYPE_USER,
                                        .user = {.owner = owner,
                                                 .waiting = told.waiting,
                                                 .active = told.active,
                                                 .delayed = told.delayed,
                                                 .spent = told.spent,
                                                 .kind = (uint8_t)kind}};
        status = frame_write(writer, &message);
    }
    return status;
}

static enum status write_users(const struct busiest *busiest, const struct crowd_asker *asker,
                               struct frame_writer *writer)
{
    uint32_t count = asker->limit < busiest->count ? asker->limit : busiest->count;
    enum status status = write_page(busiest, asker, count, writer);
    for (uint32_t rank = 0; rank < count && status == STATUS_OK; rank++) {
        const struct busiest_user *user = busiest_at(busiest, rank);
        const struct message message = {
            .type = MESSAGE_TYPE_USER,
            .user = {.owner = slice_make(user->owner, user->owner_size),
                     .waiting = user->waiting,
                     .active = user->active,
                     .delayed = user->delayed,
                     .spent = user->spent},
        };
        status = frame_write(writer, &message);
    }
    return status;
}

static void answer(struct broker *broker, const struct crowd_asker *asker)
{
    struct port *port = &broker->gateways;
    struct peer *peer = peers_find(&port->peers, asker->peer);
    struct frame_writer writer;
    if (peer == NULL || peer->lost || peer->session != asker->session) {
        return; /* a session that is over has asked again, or will */
    }
    buffer_clear(&broker->frame);
    enum status status = frame_begin(&writer, &broker->frame, 0);
    if (status == STATUS_OK) {
        status = asker->owner_size > 0 ? write_user(broker, asker, &writer)
                                       : write_users(&broker->crowd.busiest, asker, &writer);
    }
    if (status != STATUS_OK) {
        log_error("cannot tell of the users", "status=%s", status_name(status));
        return;
    }
    frame_end(&writer);
    port_put_frame(port, peer, buffer_slice(&broker->frame));
}

static void visit(void *context, const struct user_told *user)
{
    busiest_add(context, user);
}

/* Answers all that have asked for the page that is there; the others keep their order. */
static void answer_all(struct broker *broker)
{
    struct crowd *crowd = &broker->crowd;
    uint32_t left = 0;
    for (uint32_t index = 0; index < crowd->asker_count; index++) {
        if (busiest_place_equal(&crowd->askers[index].after, &crowd->busiest.after)) {
            answer(broker, &crowd->askers[index]);
        } else {
            crowd->askers[left++] = crowd->askers[index];
        }
    }
    crowd->asker_count = left;
}

bool crowd_turn(struct broker *broker)
{
    struct crowd *crowd = &broker->crowd;
    if (crowd->asker_count == 0) {
        return false;
    }
    if (!crowd->is_looking) {
        busiest_begin(&crowd->busiest, &crowd->askers[0].after);
        crowd->place = 0;
        crowd->is_looking = true;
    }
    if (core_users(broker->core, &crowd->place, CROWD_PLACES, visit, &crowd->busiest)) {
        return true;
    }
    crowd->is_looking = false;
    crowd->looked_at = broker->now;
    answer_all(broker);
    return crowd->asker_count > 0;
}

void crowd_take(struct broker *broker, const struct message_get_users *request)
{
    struct crowd *crowd = &broker->crowd;
    struct port *port = &broker->gateways;
    struct crowd_asker asker = {
        .peer = port->peer->number,
        .session = port->peer->session,
        .request = request->request,
        .limit = request->limit,
        .after = {.jobs = request->after_jobs, .owner_size = (uint8_t)request->after.size},
    };
    if (request->after.size > 0) {
        memcpy(asker.after.owner, request->after.data, request->after.size);
    }
    if (request->owner.size > 0) {
        asker.after = (struct busiest_place){0};
        asker.owner_size = (uint8_t)request->owner.size;
        memcpy(asker.owner, request->owner.data, request->owner.size);
    }
    bool is_fresh = crowd->looked_at != 0 && broker->now - crowd->looked_at < CROWD_FRESH_MS;
    if (!crowd->is_looking && is_fresh &&
        busiest_place_equal(&asker.after, &crowd->busiest.after)) {
        answer(broker, &asker);
        return;
    }
    if (crowd->asker_count == CROWD_ASKERS_MAX) {
        const struct message busy = {
            .type = MESSAGE_TYPE_ADMIN_PAGE,
            .admin_page = {.request = request->request, .code = REPLY_CODE_BUSY}};
        port_put(port, port->peer, &busy);
        return;
    }
    crowd->askers[crowd->asker_count++] = asker;
}
