#include <stdio.h>
#include <string.h>
#include "cli/command.h"

static const struct option_rule *find(const char *word, size_t size,
                                      const struct option_rule *rules, int count)
{
    for (int index = 0; index < count; index++) {
        if (strlen(rules[index].name) == size && strncmp(rules[index].name, word, size) == 0) {
            return &rules[index];
        }
    }
    return NULL;
}

int options_take(int count, char **words, const struct option_rule *rules, int rules_count)
{
    int others = 0;
    bool ended = false;
    for (int index = 0; index < count; index++) {
        char *word = words[index];
        if (ended || word[0] != '-' || word[1] == '\0') {
            words[others++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            ended = true;
            continue;
        }
        size_t size = strcspn(word, "=");
        bool joined = word[size] == '=';
        const struct option_rule *rule = find(word, size, rules, rules_count);
        if (rule == NULL || (rule->flag != NULL && joined)) {
            fprintf(stderr, "troupe: unknown option %s\n", word);
            return -1;
        }
        if (rule->flag != NULL) {
            *rule->flag = true;
        } else if (joined) {
            *rule->value = word + size + 1;
        } else if (index + 1 < count) {
            *rule->value = words[++index];
        } else {
            fprintf(stderr, "troupe: %s needs a value\n", word);
            return -1;
        }
    }
    return others;
}
