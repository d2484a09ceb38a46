#include <stdio.h>
#include <string.h>
#include "tests/sim/actor_model.h"
#include "tests/sim/world.h"

/* The picture that a video is made of goes to the provider before the order. That costs nothing and
 * is on no record; the draft keeps the address, for an order that is repeated word for word. */

#define MEMBER "\"upload\":"

/* Whether the order that follows is one that was made before, which its provider knows by its key.
 * *resumes: none follows. Who takes the order takes its picture. */
static bool is_repeated(struct world *world, const struct actor *actor, struct work *work,
                        bool *resumes)
{
    struct work_paid before = work->paid;
    uint8_t mark;
    uint8_t known;
    *resumes = paid_look_back(work, &mark, &known);
    bool is_again = work->paid.otherwise == THEN_INTENT && work->paid.call != 0;
    paid_choose(world, actor, work, known);
    before.is_chosen = true;
    before.is_bound = work->paid.is_bound;
    before.provider = work->paid.provider;
    work->paid = before;
    return is_again && known == before.provider && world->settings.terms[known].keys;
}

bool upload_begin(struct world *world, struct actor *actor, struct work *work)
{
    if (work->kind != JOB_KIND_VIDEO || work->upload != 0) {
        return true;
    }
    bool resumes;
    bool is_again = is_repeated(world, actor, work, &resumes);
    if (resumes) {
        return true;
    }
    if (is_again && work->upload_kept != 0) {
        world_seen(world, SEEN_UPLOAD_REUSED);
        work->upload = work->upload_kept;
        return true;
    }
    paid_ask(world, actor, work, ASK_UPLOAD, world->settings.provider_timeout_ms);
    return false;
}

void upload_succeeded(struct world *world, struct actor *actor, struct work *work, uint32_t upload)
{
    work->upload = upload;
    work->upload_kept = upload;
    paid_go_on(world, actor, work, THEN_STEP);
}

int upload_write(const struct work *work, char *out, size_t size)
{
    return work->upload_kept == 0 ? 0 : snprintf(out, size, "," MEMBER "%u", work->upload_kept);
}

uint32_t upload_read(struct slice draft)
{
    const uint8_t *found =
        draft.size == 0 ? NULL : memmem(draft.data, draft.size, MEMBER, strlen(MEMBER));
    uint32_t upload = 0;
    for (found = found == NULL ? NULL : found + strlen(MEMBER);
         found != NULL && *found >= '0' && *found <= '9'; found++) {
        upload = 10 * upload + (uint32_t)(*found - '0');
    }
    return upload;
}
