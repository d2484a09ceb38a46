#include "broker/leftovers.h"

#include "base/log.h"
#include "broker/broker.h"

void leftovers_push(struct broker *broker)
{
    struct leftovers *leftovers = &broker->leftovers;
    if (!leftovers->wanted || leftovers->reading || broker->now < leftovers->again_at) {
        return;
    }
    struct read *read = readers_take(broker->readers, READ_LEFTOVERS, SLICE_EMPTY);
    if (read != NULL) {
        leftovers->reading = true;
        leftovers->wanted = false; /* a deletion from now on may be overlooked by this one */
        readers_push(broker->readers, read);
    }
}

void leftovers_take(struct broker *broker, struct read *read)
{
    broker->leftovers.reading = false;
    damaged_tell(&broker->damaged, &read->damage);
    enum status status = read->status;
    broker->leftovers.wanted |= status != STATUS_OK || read->operations > 0;
    if (status != STATUS_OK) {
        log_error("cannot look for what deleted characters left", "status=%s", status_name(status));
        broker->leftovers.again_at = broker->now + LEFTOVERS_PAUSE_MS;
    } else {
        status = batch_append(&broker->batch, buffer_slice(&read->answer), read->operations);
        broker->failed |= status != STATUS_OK;
    }
    readers_give(broker->readers, read);
}
