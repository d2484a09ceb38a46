#include "actors/studio/repeats.h"

#include <stdio.h>
#include <string.h>

static struct repeat_entry *find(struct repeats *repeats, const char *key)
{
    for (size_t index = 0; key[0] != '\0' && index < REPEATS_MAX; index++) {
        if (strcmp(repeats->entries[index].key, key) == 0) {
            return &repeats->entries[index];
        }
    }
    return NULL;
}

enum repeat repeats_take(struct repeats *repeats, const char *key, uint64_t words,
                         struct repeat_entry **out)
{
    *out = find(repeats, key);
    if (*out != NULL) {
        bool is_same = (*out)->words == words;
        return !is_same ? REPEAT_OTHER_WORDS : (*out)->is_done ? REPEAT_SAME : REPEAT_UNDER_WAY;
    }
    if (key[0] != '\0') {
        *out = &repeats->entries[repeats->next];
        repeats->next = (repeats->next + 1) % REPEATS_MAX;
        **out = (struct repeat_entry){.words = words};
        snprintf((*out)->key, sizeof(*out)->key, "%s", key);
    }
    return REPEAT_FIRST;
}

void repeats_done(struct repeats *repeats, const char *key)
{
    struct repeat_entry *entry = find(repeats, key);
    if (entry != NULL) {
        entry->is_done = true;
    }
}

void repeats_forget(struct repeats *repeats, const char *key)
{
    struct repeat_entry *entry = find(repeats, key);
    if (entry != NULL) {
        *entry = (struct repeat_entry){0};
    }
}
