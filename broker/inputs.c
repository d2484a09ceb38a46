#include "broker/inputs.h"

#include <stdlib.h>

/* Ids are random but for their first 12 bits. */
static size_t slot_of(const struct id *job)
{
    return ((size_t)job->bytes[14] << 8 | job->bytes[15]) % INPUTS_SLOTS;
}

static void clear(struct inputs *inputs, size_t slot)
{
    if (inputs->slots[slot].bytes != NULL) {
        inputs->size -= inputs->slots[slot].size;
        free(inputs->slots[slot].bytes);
        inputs->slots[slot].bytes = NULL;
    }
}

void inputs_fini(struct inputs *inputs)
{
    for (size_t slot = 0; slot < INPUTS_SLOTS; slot++) {
        clear(inputs, slot);
    }
}

void inputs_put(struct inputs *inputs, const struct id *job, struct slice input)
{
    size_t slot = slot_of(job);
    clear(inputs, slot);
    if (input.size == 0 || input.size > INPUTS_SIZE_MAX - inputs->size) {
        return;
    }
    uint8_t *bytes = malloc(input.size);
    if (bytes == NULL) {
        return;
    }
    memcpy(bytes, input.data, input.size);
    inputs->slots[slot].job = *job;
    inputs->slots[slot].bytes = bytes;
    inputs->slots[slot].size = (uint32_t)input.size;
    inputs->size += input.size;
}

bool inputs_get(const struct inputs *inputs, const struct id *job, struct slice *out)
{
    size_t slot = slot_of(job);
    bool found = inputs->slots[slot].bytes != NULL && id_equal(&inputs->slots[slot].job, job);
    if (found) {
        *out = slice_make(inputs->slots[slot].bytes, inputs->slots[slot].size);
    }
    return found;
}

void inputs_drop(struct inputs *inputs, const struct id *job)
{
    struct slice input;
    if (inputs_get(inputs, job, &input)) {
        clear(inputs, slot_of(job));
    }
}
