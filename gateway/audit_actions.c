#include "gateway/audit_actions.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/audit_words.h"
#include "gateway/routes.h"

enum {
    ACTIONS_MAX = 64,
    ACTION_TEXT_SIZE = ACTION_SIZE_MAX + 1,
    LIST_SIZE_MAX = PROBLEM_SIZE_MAX - 16, /* bytes of the names in one problem */
};

/* What is not the word of a route: of groups and of many jobs, and what stands for lines that were
 * left out. */
static const char *const OTHERS[] = {"cancel_batch", "cancel_pipeline", "refused"};

struct actions {
    size_t count;
    char names[ACTIONS_MAX][ACTION_TEXT_SIZE];
};

static void add(struct actions *actions, struct slice name)
{
    char *place = actions->names[actions->count];
    snprintf(place, ACTION_TEXT_SIZE, "%.*s", SLICE_PRINT(name));
    for (size_t index = 0; index < actions->count; index++) {
        if (strcmp(actions->names[index], place) == 0) {
            return;
        }
    }
    assert(actions->count < ACTIONS_MAX - 1); /* one place is left for the next */
    actions->count++;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(left, right);
}

static void list(struct actions *actions)
{
    size_t count;
    const struct route *routes = routes_all(&count);
    char text[ACTION_TEXT_SIZE];
    actions->count = 0;
    for (size_t index = 0; index < count; index++) {
        if (strcmp(routes[index].method, "GET") != 0) {
            add(actions, audit_action(&routes[index], text));
        }
    }
    for (size_t index = 0; index < sizeof OTHERS / sizeof OTHERS[0]; index++) {
        add(actions, slice_from_string(OTHERS[index]));
    }
    for (int action = 0; action < JOB_ACTION_COUNT; action++) {
        snprintf(text, sizeof text, "%s_jobs", job_action_name((enum job_action)action));
        add(actions, slice_from_string(text));
    }
    qsort(actions->names, actions->count, sizeof actions->names[0], by_name);
}

static bool has(const struct actions *actions, struct slice name)
{
    for (size_t index = 0; index < actions->count; index++) {
        if (slice_equal(name, slice_from_string(actions->names[index]))) {
            return true;
        }
    }
    return false;
}

void audit_actions_check(struct slice action, struct problems *problems)
{
    struct actions actions;
    char text[LIST_SIZE_MAX] = "";
    size_t size = 0;
    list(&actions);
    if (action.size == 0 || has(&actions, action)) {
        return;
    }
    problems_add(problems, "action", "is none that is written down");
    for (size_t index = 0; index < actions.count; index++) {
        const char *name = actions.names[index];
        if (size + strlen(name) + 2 >= sizeof text) { /* as many as fit in one */
            problems_add(problems, "action", "can be %s", text);
            size = 0;
        }
        size +=
            (size_t)snprintf(text + size, sizeof text - size, "%s%s", size > 0 ? ", " : "", name);
    }
    problems_add(problems, "action", "can be %s", text);
}
