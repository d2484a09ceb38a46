#include "tests/sim/trace.h"
#include <stdio.h>
#include <string.h>

void trace_init(struct trace *trace, bool verbose)
{
    memset(trace, 0, sizeof(*trace));
    trace->digest = 0x9e3779b97f4a7c15U;
    trace->verbose = verbose;
}

static void trace_entry_print(const struct trace_entry *entry, int64_t start)
{
    const char *label = entry->what;
    int size = (int)strcspn(label, " ");
    printf("%12.3f %7llu  %-18.*s", (double)(entry->at - start) / 1000,
           (unsigned long long)entry->step, size, label);
    if (entry->word != NULL) {
        printf(" %s", entry->word);
    }
    label += size;
    for (int index = 0; index < TRACE_VALUES && *label == ' '; index++) {
        label++;
        size = (int)strcspn(label, " ");
        printf(" %.*s=%lld", size, label, (long long)entry->values[index]);
        label += size;
    }
    putchar('\n');
}

static uint64_t trace_mix(uint64_t digest, uint64_t value)
{
    digest = (digest ^ value) * 0xff51afd7ed558ccdU;
    return digest ^ (digest >> 32);
}

void trace_add(struct trace *trace, int64_t at, uint64_t step, const char *what, const char *word,
               const int64_t values[TRACE_VALUES])
{
    struct trace_entry *entry = &trace->entries[trace->count++ % TRACE_SIZE];
    entry->at = at;
    entry->step = step;
    entry->what = what;
    entry->word = word;
    memcpy(entry->values, values, sizeof(entry->values));
    uint64_t digest = trace_mix(trace->digest, (uint64_t)at);
    for (int index = 0; index < TRACE_VALUES; index++) {
        digest = trace_mix(digest, (uint64_t)values[index]);
    }
    digest = trace_mix(digest, (uint64_t)(uint8_t)what[0] << 8 | (uint8_t)what[1]);
    trace->digest = trace_mix(digest, word == NULL ? 0 : (uint8_t)word[0]);
    if (trace->verbose) {
        trace_entry_print(entry, 1700000000000);
    }
}

void trace_print(const struct trace *trace, int64_t start)
{
    uint64_t first = trace->count > TRACE_SIZE ? trace->count - TRACE_SIZE : 0;
    for (uint64_t index = first; index < trace->count; index++) {
        trace_entry_print(&trace->entries[index % TRACE_SIZE], start);
    }
}
