#include "actors/result.h"

#include <assert.h>
#include <stdlib.h>

enum {
    SLICES_MAX = 5, /* of both messages */
};

/* Lists the message's slices, so that they are copied in one way for all types. */
static size_t slices_of(struct message *message, struct slice **slices)
{
    if (message->type == MESSAGE_TYPE_DONE) {
        slices[0] = &message->done.url;
        slices[1] = &message->done.document;
        slices[2] = &message->done.media;
        return 3;
    }
    if (message->type == MESSAGE_TYPE_OPERATION) {
        slices[0] = &message->operation.provider;
        slices[1] = &message->operation.task;
        return 2;
    }
    assert(message->type == MESSAGE_TYPE_FAIL);
    slices[0] = &message->fail.code;
    slices[1] = &message->fail.message;
    return 2;
}

enum status result_new(const struct message *message, const struct message *record,
                       struct result **out)
{
    struct result copy = {.message = *message, .has_record = record != NULL};
    struct slice *slices[SLICES_MAX];
    size_t count = slices_of(&copy.message, slices);
    if (record != NULL) {
        assert(record->type == MESSAGE_TYPE_OPERATION);
        copy.record = *record;
        count += slices_of(&copy.record, slices + count);
    }
    size_t size = 0;
    for (size_t index = 0; index < count; index++) {
        size += slices[index]->size;
    }
    struct result *result = malloc(sizeof(*result) + size);
    if (result == NULL) {
        return STATUS_NO_MEMORY;
    }
    uint8_t *bytes = (uint8_t *)(result + 1);
    for (size_t index = 0; index < count; index++) {
        if (slices[index]->size == 0) {
            continue;
        }
        memcpy(bytes, slices[index]->data, slices[index]->size);
        slices[index]->data = bytes;
        bytes += slices[index]->size;
    }
    *result = copy;
    *out = result;
    return STATUS_OK;
}

void result_destroy(struct result **result)
{
    free(*result);
    *result = NULL;
}
