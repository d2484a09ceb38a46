#include "proto/word_lists.h"

#include <stddef.h>
#include "proto/messages.h"

const char *const WORD_LIST_QUEUES[] = {"character", "image", "video", "webhook", NULL};
const char *const WORD_LIST_STATUSES[] = {"pending", "waiting",   "active", "completed",
                                          "failed",  "cancelled", NULL};

_Static_assert(sizeof(WORD_LIST_QUEUES) / sizeof(WORD_LIST_QUEUES[0]) == JOB_KIND_COUNT + 1,
               "one for each kind");
_Static_assert(sizeof(WORD_LIST_STATUSES) / sizeof(WORD_LIST_STATUSES[0]) == JOB_STATE_COUNT + 1,
               "one for each state");
