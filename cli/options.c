#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/settings.h"
#include "cli/command.h"
#include "cli/terminal_text.h"
#include "base/words.h"

enum {
    OPTIONS_MAX = 32,   /* of a command */
    NAME_SIZE_MAX = 64, /* bytes of an unknown one that is told; more is cut */
};

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

/* Says what may have been meant by an option, whose name has so many bytes. */
static void explain_unknown(const char *word, size_t size, const struct option_rule *rules,
                            int count)
{
    const char *names[OPTIONS_MAX + 1] = {NULL};
    char name[NAME_SIZE_MAX];
    for (int index = 0; index < count && index < OPTIONS_MAX; index++) {
        names[index] = rules[index].name;
    }
    snprintf(name, sizeof name, "%.*s", (int)size, word);
    const char *like = words_like(names, name);
    if (like != NULL) {
        terminal_line(stderr, "troupe: unknown option %s; did you mean %s?", name, like);
    } else {
        terminal_line(stderr, "troupe: unknown option %s", name);
    }
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
        if (rule == NULL) {
            explain_unknown(word, size, rules, rules_count);
            return -1;
        }
        if (rule->flag != NULL && joined) {
            fprintf(stderr, "troupe: %s takes no value\n", rule->name);
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

bool options_ask_help(int count, char *const *words)
{
    for (int index = 0; index < count && strcmp(words[index], "--") != 0; index++) {
        if (strcmp(words[index], "--help") == 0 || strcmp(words[index], "-h") == 0) {
            return true;
        }
    }
    return false;
}

bool options_number(const char *option, const char *value, int64_t min, int64_t max, int64_t *out)
{
    if (settings_number(value, min, max, out)) {
        return true;
    }
    fprintf(stderr,
            "troupe: %s takes a whole number from %" PRId64 " to %" PRId64 ", not \"%.80s\"\n",
            option, min, max, value);
    return false;
}

bool options_word(const char *name, const char *value, const char *const *words)
{
    char list[WORDS_SIZE_MAX];
    if (words_has(words, value)) {
        return true;
    }
    terminal_line(stderr, "troupe: there is no %s \"%.80s\": it is %s", name, value,
                  words_write(words, list));
    return false;
}

int options_wrong(const char *usage, const char *format, ...)
{
    char text[WORDS_SIZE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    terminal_line(stderr, "troupe: %s", text);
    return options_bad(usage);
}

int options_words(const char *usage, const char *what, int min, int max, int count,
                  char *const *words)
{
    if (count < 0) {
        return options_bad(usage);
    }
    if (count < min) {
        return options_wrong(usage, "%s is missing", what);
    }
    return count > max ? options_wrong(usage, "\"%s\" is one word too many", words[max])
                       : options_bad(usage);
}

int options_bad(const char *usage)
{
    fputs(usage, stderr);
    return EXIT_CODE_USAGE;
}
