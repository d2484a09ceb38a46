#include "gateway/group_ids.h"

#include "base/encoding.h"

enum id_use {
    ID_USE_JOB,
    ID_USE_MEDIA,
    ID_USE_CHARACTER,
    ID_USE_DISPLAY,
};

_Static_assert((int)SHA256_SIZE >= (int)ID_SIZE, "a hash is enough for an id");

static void derive(const struct id *group, uint32_t index, enum id_use use,
                   uint8_t out[SHA256_SIZE])
{
    uint8_t bytes[ID_SIZE + 5];
    memcpy(bytes, group->bytes, ID_SIZE);
    for (int byte = 0; byte < 4; byte++) {
        bytes[ID_SIZE + byte] = (uint8_t)(index >> (24 - 8 * byte));
    }
    bytes[ID_SIZE + 4] = (uint8_t)use;
    sha256(slice_make(bytes, sizeof(bytes)), out);
}

static struct id derive_id(const struct id *group, uint32_t index, enum id_use use)
{
    uint8_t hash[SHA256_SIZE];
    derive(group, index, use, hash);
    return id_make(id_slot(group), hash);
}

struct id group_job_id(const struct id *group, uint32_t index)
{
    return derive_id(group, index, ID_USE_JOB);
}

struct group_ids group_ids(const struct id *group, uint32_t index)
{
    uint8_t hash[SHA256_SIZE];
    struct group_ids ids = {
        .job = group_job_id(group, index),
        .media = derive_id(group, index, ID_USE_MEDIA),
        .character = derive_id(group, index, ID_USE_CHARACTER),
    };
    derive(group, index, ID_USE_DISPLAY, hash);
    display_id_make(hash, ids.display_id);
    return ids;
}
