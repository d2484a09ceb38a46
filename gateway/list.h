#ifndef TROUPE_GATEWAY_LIST_H
#define TROUPE_GATEWAY_LIST_H

/* Doubly linked rings, intrusive: a node is embedded in what it links, a head is a node of its own.
 * A zeroed node is unlinked. */

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next;
    struct list *previous;
};

/* The struct that contains node as member. */
#define LIST_OWNER(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

static inline void list_init(struct list *head)
{
    head->next = head;
    head->previous = head;
}

static inline bool list_is_empty(const struct list *head)
{
    return head->next == head;
}

static inline bool list_is_linked(const struct list *node)
{
    return node->next != NULL;
}

/* Links node at the end. */
static inline void list_append(struct list *head, struct list *node)
{
    node->next = head;
    node->previous = head->previous;
    head->previous->next = node;
    head->previous = node;
}

/* Unlinks node; one that is not linked stays so. */
static inline void list_remove(struct list *node)
{
    if (node->next == NULL) {
        return;
    }
    node->next->previous = node->previous;
    node->previous->next = node->next;
    node->next = NULL;
    node->previous = NULL;
}

#endif
