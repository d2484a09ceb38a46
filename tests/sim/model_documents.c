#include <assert.h>
#include <string.h>
#include "broker/query.h"
#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* The lists of what jobs made are true: they hold exactly what exists, newest first, and their
 * totals are what listing counts. */

struct listing {
    struct message_list_documents request;
    uint8_t cursor[CURSOR_SIZE_MAX];
    uint64_t total;  /* that the model counts */
    uint64_t left;   /* not listed yet */
    uint64_t newest; /* event of the document that was listed last */
};

static enum document_type type_of(const struct model_job *job, const struct id *id)
{
    if (job->kind == JOB_KIND_CHARACTER && id_equal(id, &job->character)) {
        return DOCUMENT_TYPE_CHARACTER;
    }
    return job->kind == JOB_KIND_VIDEO ? DOCUMENT_TYPE_VIDEO : DOCUMENT_TYPE_IMAGE;
}

/* The document of a job that belongs into the list, or NULL. */
static const struct id *listed_document(const struct listing *listing, const struct model_job *job)
{
    const struct message_list_documents *request = &listing->request;
    bool of_owner = id_is_zero(&request->character);
    const struct id *id = of_owner ? &job->character : &job->media;
    if (of_owner &&
        (job->kind != JOB_KIND_CHARACTER || model_user_of(request->owner) != job->user)) {
        return NULL;
    }
    if (!of_owner && (!id_equal(&job->character, &request->character) ||
                      (request->types != 0 && (request->types & 1u << type_of(job, id)) == 0))) {
        return NULL;
    }
    return model_document_exists(job, &job->durable, id) ? id : NULL;
}

static uint64_t count_listed(const struct world *world, const struct listing *listing)
{
    uint64_t count = 0;
    for (uint32_t index = 0; index < world->model.job_count; index++) {
        count += listed_document(listing, &world->model.jobs[index]) != NULL;
    }
    return count;
}

/* The job whose document this is, as its honest worker wrote it; NULL when it was a lie. */
static const struct model_job *maker_of(const struct world *world, const struct listing *listing,
                                        struct slice document)
{
    uint64_t digest = model_digest(document);
    for (uint32_t index = 0; index < world->model.job_count; index++) {
        const struct model_job *job = &world->model.jobs[index];
        const struct id *id = listed_document(listing, job);
        bool portrait = job->kind == JOB_KIND_CHARACTER && id == &job->media;
        if (id != NULL && digest == (portrait ? job->durable.media : job->durable.document)) {
            return job;
        }
    }
    return NULL;
}

static void check_item(struct world *world, struct listing *listing,
                       const struct message_document *item)
{
    const struct model_job *job = maker_of(world, listing, item->document);
    world_check(world, "lists of documents are true", job != NULL, "a document is nobody's");
    if (slice_equal(item->document, SLICE_LITERAL(ACTOR_LIE))) {
        return; /* of several jobs, perhaps */
    }
    world_check(world, "lists of documents are true", job->durable.event_last < listing->newest,
                "the document of job %u is listed late", model_job_number(&world->model, job));
    listing->newest = job->durable.event_last;
}

/* Reads one page; the request goes on to the next one. Returns whether there is one. */
static bool check_page(struct world *world, struct listing *listing)
{
    struct message_list_documents *request = &listing->request;
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    struct buffer bytes;
    struct store_view view;
    buffer_init(&bytes, FRAME_SIZE_MAX);
    enum status status = frame_begin(&writer, &bytes, 0);
    assert(status == STATUS_OK);
    store_view_init(&view, &world->store, world->store.synced, world->store.synced);
    status = query_documents(&view.view, request, &writer);
    world_check(world, "queries answer", status == STATUS_OK, "%s", status_name(status));
    frame_end(&writer);
    status = frame_open(&reader, buffer_slice(&bytes));
    assert(status == STATUS_OK);
    status = frame_next(&reader, &message);
    assert(status == STATUS_OK && message.type == MESSAGE_TYPE_DOCUMENT_PAGE);
    const struct message_document_page page = message.document_page;
    uint64_t count = listing->left < request->limit ? listing->left : request->limit;
    listing->left -= count;
    world_check(world, "lists of documents are true",
                page.code == REPLY_CODE_OK && page.total == listing->total && page.count == count &&
                    (page.next.size > 0) == (listing->left > 0),
                "%s: total %llu and %u documents, should be %llu and %llu",
                reply_code_name(page.code), (unsigned long long)page.total, page.count,
                (unsigned long long)listing->total, (unsigned long long)count);
    for (uint32_t index = 0; index < page.count; index++) {
        status = frame_next(&reader, &message);
        assert(status == STATUS_OK && message.type == MESSAGE_TYPE_DOCUMENT);
        check_item(world, listing, &message.document);
    }
    if (page.next.size > 0) {
        memcpy(listing->cursor, page.next.data, page.next.size);
    }
    request->cursor = slice_make(listing->cursor, page.next.size);
    request->skip = 0;
    buffer_fini(&bytes);
    return request->cursor.size > 0;
}

static void check_listing(struct world *world, struct listing *listing)
{
    struct message_list_documents *request = &listing->request;
    request->limit = 1 + prng_below(&world->prng, 40);
    request->skip = prng_below(&world->prng, 4);
    listing->total = count_listed(world, listing);
    listing->left = listing->total > request->skip ? listing->total - request->skip : 0;
    listing->newest = UINT64_MAX;
    for (int pages = 0; pages < 3 && check_page(world, listing); pages++) {
    }
}

void model_check_documents(struct world *world)
{
    const struct model *model = &world->model;
    struct listing listing = {.request.owner =
                                  model_user(prng_below(&world->prng, world->settings.users))};
    check_listing(world, &listing);
    if (model->job_count == 0) {
        return;
    }
    const struct model_job *job = &model->jobs[prng_below(&world->prng, model->job_count)];
    const struct model_job *maker = model_find_document(model, &job->character);
    if (maker == NULL || maker->kind != JOB_KIND_CHARACTER ||
        !model_document_exists(maker, &maker->durable, &maker->character)) {
        return;
    }
    listing = (struct listing){.request = {.owner = model_user(maker->user),
                                           .character = maker->character,
                                           .types = (uint8_t)(prng_below(&world->prng, 4) << 1)}};
    check_listing(world, &listing);
    if (listing.total > 1) {
        world_seen(world, SEEN_MEDIA_LISTED);
    }
}
