#include "actors/turns.h"

#include <assert.h>
#include <stddef.h>

static void leave_queue(struct turn *turn)
{
    struct turns *turns = turn->turns;
    if (turn->previous != NULL) {
        turn->previous->next = turn->next;
    } else {
        turns->first = turn->next;
    }
    if (turn->next != NULL) {
        turn->next->previous = turn->previous;
    } else {
        turns->last = turn->previous;
    }
    turn->next = NULL;
    turn->previous = NULL;
}

static void join_queue(struct turn *turn)
{
    struct turns *turns = turn->turns;
    turn->previous = turns->last;
    if (turns->last != NULL) {
        turns->last->next = turn;
    } else {
        turns->first = turn;
    }
    turns->last = turn;
}

bool turn_take(struct turn *turn, struct turns *turns, uint32_t max, turn_function *function,
               void *context)
{
    assert(max > 0);
    if (turn->turns != NULL) {
        return turn->is_had;
    }
    *turn = (struct turn){.turns = turns, .function = function, .context = context};
    if (turns->taken < max) {
        turn->is_had = true;
        turns->taken++;
    } else {
        join_queue(turn);
    }
    return turn->is_had;
}

bool turn_is_awaited(const struct turn *turn)
{
    return turn->is_had && turn->turns->first != NULL;
}

void turn_end(struct turn *turn)
{
    struct turns *turns = turn->turns;
    if (turns == NULL) {
        return;
    }
    if (!turn->is_had) {
        leave_queue(turn);
        turn->turns = NULL;
        return;
    }
    turn->turns = NULL;
    turn->is_had = false;
    struct turn *next = turns->first;
    if (next == NULL) {
        turns->taken--;
        return;
    }
    leave_queue(next);
    next->is_had = true;
    next->function(next->context);
}
