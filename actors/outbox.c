#include "actors/outbox.h"

#include <assert.h>
#include "actors/limits.h"

void outbox_init(struct outbox *outbox, struct link *link)
{
    *outbox = (struct outbox){.link = link};
    buffer_init(&outbox->bytes, FRAME_SIZE_MAX);
}

void outbox_fini(struct outbox *outbox)
{
    buffer_fini(&outbox->bytes);
}

void outbox_restart(struct outbox *outbox, uint64_t session)
{
    buffer_clear(&outbox->bytes);
    outbox->session = session;
    outbox->open = false;
    outbox->failed = false;
}

static enum status append(struct outbox *outbox, const struct message *message)
{
    if (!outbox->open) {
        enum status status = frame_begin(&outbox->writer, &outbox->bytes, outbox->session);
        if (status != STATUS_OK) {
            return status;
        }
        outbox->open = true;
    }
    return frame_write(&outbox->writer, message);
}

void outbox_write(struct outbox *outbox, const struct message *message)
{
    if (outbox->failed) {
        return;
    }
    enum status status = append(outbox, message);
    if (status == STATUS_TOO_LARGE) {
        outbox_flush(outbox);
        status = append(outbox, message);
        assert(status != STATUS_TOO_LARGE);
    }
    if (status != STATUS_OK) {
        outbox->failed = true;
    } else if (outbox->bytes.size >= FRAME_SIZE_TARGET) {
        outbox_flush(outbox);
    }
}

bool outbox_flush(struct outbox *outbox)
{
    if (!outbox->open || outbox->failed) {
        return false;
    }
    outbox->open = false;
    frame_end(&outbox->writer);
    enum status status = link_send(outbox->link, buffer_slice(&outbox->bytes));
    buffer_clear(&outbox->bytes);
    if (status != STATUS_OK) {
        outbox->failed = true;
    }
    return status == STATUS_OK;
}
