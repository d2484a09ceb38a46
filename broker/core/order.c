#include "broker/core/order.h"

#include "broker/core/slab.h"
#include "broker/core/table.h"

void order_init(struct order *order)
{
    order->root = JOB_NONE;
}

/* Whether left goes before right. */
static bool goes_before(const struct job *left, const struct job *right)
{
    if (left->priority != right->priority) {
        return left->priority < right->priority;
    }
    return left->accepted < right->accepted;
}

/* Whether left belongs above right in the heap order. */
static bool stands_above(const struct job *left, const struct job *right)
{
    return hash_mix(left->accepted) > hash_mix(right->accepted);
}

static uint32_t size_of(const struct slab *slab, uint32_t job)
{
    return job == JOB_NONE ? 0 : slab_job(slab, job)->size;
}

static void measure(struct slab *slab, struct job *job)
{
    job->size = 1 + size_of(slab, job->left) + size_of(slab, job->right);
}

/* Puts `replacement` where `child` hangs below `parent` (JOB_NONE: the root). */
static void hang(struct order *order, struct slab *slab, uint32_t parent, uint32_t child,
                 uint32_t replacement)
{
    if (parent == JOB_NONE) {
        assert(order->root == child);
        order->root = replacement;
    } else if (slab_job(slab, parent)->left == child) {
        slab_job(slab, parent)->left = replacement;
    } else {
        assert(slab_job(slab, parent)->right == child);
        slab_job(slab, parent)->right = replacement;
    }
    if (replacement != JOB_NONE) {
        slab_job(slab, replacement)->parent = parent;
    }
}

/* Swaps a node with its parent, keeping the order: the node moves up by one. */
static void rotate_up(struct order *order, struct slab *slab, uint32_t index)
{
    struct job *job = slab_job(slab, index);
    uint32_t parent_index = job->parent;
    struct job *parent = slab_job(slab, parent_index);
    uint32_t middle;
    hang(order, slab, parent->parent, parent_index, index);
    if (parent->left == index) {
        middle = job->right;
        parent->left = middle;
        job->right = parent_index;
    } else {
        middle = job->left;
        parent->right = middle;
        job->left = parent_index;
    }
    if (middle != JOB_NONE) {
        slab_job(slab, middle)->parent = parent_index;
    }
    parent->parent = index;
    measure(slab, parent);
    measure(slab, job);
}

void order_put(struct order *order, struct slab *slab, uint32_t index)
{
    struct job *job = slab_job(slab, index);
    uint32_t parent = JOB_NONE;
    uint32_t *link = &order->root;
    assert(job->size == 0);
    while (*link != JOB_NONE) {
        struct job *other = slab_job(slab, *link);
        parent = *link;
        other->size++;
        link = goes_before(job, other) ? &other->left : &other->right;
    }
    *link = index;
    job->parent = parent;
    job->left = JOB_NONE;
    job->right = JOB_NONE;
    job->size = 1;
    while (job->parent != JOB_NONE && stands_above(job, slab_job(slab, job->parent))) {
        rotate_up(order, slab, index);
    }
}

/* The child that must be the upper one, or JOB_NONE. */
static uint32_t upper_child(const struct slab *slab, const struct job *job)
{
    if (job->left == JOB_NONE) {
        return job->right;
    }
    if (job->right == JOB_NONE) {
        return job->left;
    }
    bool is_left = stands_above(slab_job(slab, job->left), slab_job(slab, job->right));
    return is_left ? job->left : job->right;
}

void order_remove(struct order *order, struct slab *slab, uint32_t index)
{
    struct job *job = slab_job(slab, index);
    assert(job->size > 0);
    while (job->left != JOB_NONE && job->right != JOB_NONE) {
        rotate_up(order, slab, upper_child(slab, job));
    }
    uint32_t above = job->parent;
    hang(order, slab, above, index, upper_child(slab, job));
    while (above != JOB_NONE) {
        slab_job(slab, above)->size--;
        above = slab_job(slab, above)->parent;
    }
    job->parent = JOB_NONE;
    job->left = JOB_NONE;
    job->right = JOB_NONE;
    job->size = 0;
}

uint32_t order_first(const struct order *order, const struct slab *slab)
{
    uint32_t index = order->root;
    if (index == JOB_NONE) {
        return JOB_NONE;
    }
    while (slab_job(slab, index)->left != JOB_NONE) {
        index = slab_job(slab, index)->left;
    }
    return index;
}

uint32_t order_rank(const struct slab *slab, uint32_t index)
{
    const struct job *job = slab_job(slab, index);
    uint32_t rank = size_of(slab, job->left);
    assert(job->size > 0);
    while (job->parent != JOB_NONE) {
        const struct job *parent = slab_job(slab, job->parent);
        if (parent->right == index) {
            rank += 1 + size_of(slab, parent->left);
        }
        index = job->parent;
        job = parent;
    }
    return rank;
}

uint32_t order_size(const struct order *order, const struct slab *slab)
{
    return size_of(slab, order->root);
}
