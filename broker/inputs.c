#include "broker/inputs.h"

#include <stdlib.h>

enum status inputs_init(struct inputs *inputs)
{
    inputs->size = 0;
    inputs->places = calloc(INPUTS_COUNT, sizeof inputs->places[0]);
    return inputs->places == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void inputs_fini(struct inputs *inputs)
{
    for (uint32_t place = 0; inputs->places != NULL && place < INPUTS_COUNT; place++) {
        free(inputs->places[place].data);
    }
    free(inputs->places);
    *inputs = (struct inputs){0};
}

static struct kept_input *place_of(const struct inputs *inputs, const struct id *job)
{
    uint32_t random;
    memcpy(&random, job->bytes + ID_SIZE - sizeof random, sizeof random);
    return &inputs->places[random % INPUTS_COUNT];
}

static void empty(struct inputs *inputs, struct kept_input *place)
{
    inputs->size -= place->size;
    free(place->data);
    *place = (struct kept_input){0};
}

static uint8_t *append(uint8_t *end, struct slice bytes)
{
    if (bytes.size > 0) {
        memcpy(end, bytes.data, bytes.size);
    }
    return end + bytes.size;
}

void inputs_put(struct inputs *inputs, const struct id *job, const struct job_input *input)
{
    struct kept_input *place = place_of(inputs, job);
    size_t size = input->payload.size + input->trace.size + input->request_id.size;
    if (place->data != NULL) {
        empty(inputs, place);
    }
    if (input->payload.size == 0 || size > INPUT_SIZE_MAX ||
        inputs->size + size > INPUTS_SIZE_MAX) {
        return;
    }
    place->data = malloc(size);
    if (place->data != NULL) {
        uint8_t *end = append(place->data, input->payload);
        append(append(end, input->trace), input->request_id);
        place->size = (uint32_t)size;
        place->trace_size = (uint32_t)input->trace.size;
        place->request_id_size = (uint32_t)input->request_id.size;
        place->job = *job;
        inputs->size += size;
    }
}

bool inputs_find(const struct inputs *inputs, const struct id *job, struct job_input *out)
{
    const struct kept_input *place = place_of(inputs, job);
    if (place->data == NULL || !id_equal(&place->job, job)) {
        return false;
    }
    size_t trace_at = place->size - place->trace_size - place->request_id_size;
    out->payload = slice_make(place->data, trace_at);
    out->trace = slice_make(place->data + trace_at, place->trace_size);
    out->request_id =
        slice_make(place->data + trace_at + place->trace_size, place->request_id_size);
    return true;
}

void inputs_drop(struct inputs *inputs, const struct id *job)
{
    struct kept_input *place = place_of(inputs, job);
    if (place->data != NULL && id_equal(&place->job, job)) {
        empty(inputs, place);
    }
}
