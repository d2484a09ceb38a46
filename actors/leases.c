#include "actors/leases.h"

#include <assert.h>
#include <stdlib.h>

enum {
    CAPACITY_MIN = 16,
};

void leases_init(struct leases *leases, size_t slots)
{
    *leases = (struct leases){.slots = slots};
}

void leases_fini(struct leases *leases)
{
    for (size_t index = 0; index < leases->capacity; index++) {
        if (leases->cells[index] != NULL) {
            result_destroy(&leases->cells[index]->result);
            free(leases->cells[index]);
        }
    }
    free(leases->cells);
    *leases = (struct leases){0};
}

/* The high bits of a product depend on every bit of what was multiplied. */
static size_t home(const struct leases *leases, const struct id *job, uint32_t number)
{
    uint64_t halves[2];
    _Static_assert(sizeof(halves) == ID_SIZE, "an id is two words");
    memcpy(halves, job->bytes, sizeof(halves));
    uint64_t bits = (halves[0] ^ halves[1] ^ number) * 0x9e3779b97f4a7c15U;
    return (size_t)(bits >> (__builtin_clzll(leases->capacity) + 1));
}

static bool matches(const struct lease *lease, const struct id *job, uint32_t number)
{
    return lease->number == number && id_equal(&lease->job, job);
}

/* Returns the cell that holds the lease, or the empty one where it belongs. */
static size_t seek(const struct leases *leases, const struct id *job, uint32_t number)
{
    size_t index = home(leases, job, number);
    while (leases->cells[index] != NULL && !matches(leases->cells[index], job, number)) {
        index = (index + 1) & (leases->capacity - 1);
    }
    return index;
}

static enum status grow(struct leases *leases)
{
    struct leases larger = *leases;
    larger.capacity = leases->capacity == 0 ? CAPACITY_MIN : leases->capacity * 2;
    larger.cells = calloc(larger.capacity, sizeof(*larger.cells));
    if (larger.cells == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (size_t index = 0; index < leases->capacity; index++) {
        struct lease *lease = leases->cells[index];
        if (lease != NULL) {
            larger.cells[seek(&larger, &lease->job, lease->number)] = lease;
        }
    }
    free(leases->cells);
    *leases = larger;
    return STATUS_OK;
}

enum status leases_add(struct leases *leases, const struct id *job, uint32_t number,
                       struct lease **out)
{
    if (leases_find(leases, job, number) != NULL) {
        return STATUS_EXISTS;
    }
    if (leases->count >= leases->slots) {
        return STATUS_FULL;
    }
    if (2 * (leases->count + 1) > leases->capacity) {
        enum status status = grow(leases);
        if (status != STATUS_OK) {
            return status;
        }
    }
    struct lease *lease = calloc(1, sizeof(*lease));
    if (lease == NULL) {
        return STATUS_NO_MEMORY;
    }
    lease->job = *job;
    lease->number = number;
    leases->cells[seek(leases, job, number)] = lease;
    leases->count++;
    leases->working++;
    *out = lease;
    return STATUS_OK;
}

struct lease *leases_find(const struct leases *leases, const struct id *job, uint32_t number)
{
    return leases->capacity == 0 ? NULL : leases->cells[seek(leases, job, number)];
}

void leases_end(struct leases *leases, struct lease *lease, struct result *result)
{
    assert(lease->state == LEASE_STATE_WORKING);
    assert(result != NULL);
    lease->state = LEASE_STATE_ENDED;
    lease->task = NULL;
    lease->result = result;
    leases->working--;
}

/* Moves later cells of the run back, so that no search ends too early at the hole. */
static void close_hole(struct leases *leases, size_t hole)
{
    size_t mask = leases->capacity - 1;
    for (size_t index = (hole + 1) & mask; leases->cells[index] != NULL;
         index = (index + 1) & mask) {
        struct lease *lease = leases->cells[index];
        size_t wanted = home(leases, &lease->job, lease->number);
        if (((index - wanted) & mask) >= ((index - hole) & mask)) {
            leases->cells[hole] = lease;
            leases->cells[index] = NULL;
            hole = index;
        }
    }
}

void leases_remove(struct leases *leases, struct lease *lease)
{
    size_t index = seek(leases, &lease->job, lease->number);
    assert(leases->cells[index] == lease);
    leases->cells[index] = NULL;
    leases->count--;
    if (lease->state == LEASE_STATE_WORKING) {
        leases->working--;
    }
    close_hole(leases, index);
    result_destroy(&lease->result);
    free(lease);
}

struct lease *leases_next(const struct leases *leases, size_t *cursor)
{
    while (*cursor < leases->capacity) {
        struct lease *lease = leases->cells[(*cursor)++];
        if (lease != NULL) {
            return lease;
        }
    }
    return NULL;
}

size_t leases_free(const struct leases *leases)
{
    assert(leases->count <= leases->slots);
    return leases->slots - leases->count;
}
