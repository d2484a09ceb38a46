#include "cli/refusal.h"

#include <string.h>
#include "cli/terminal_text.h"

enum {
    MEMBER_SIZE = 64,
    MINUTE_S = 60,
    HOUR_S = 3600,
    SPAN_SIZE = 32,
};

static void print_details(FILE *out, const struct document *answer)
{
    size_t count = document_count(answer, "error.details");
    for (size_t index = 0; index < count; index++) {
        char field[MEMBER_SIZE];
        char problem[MEMBER_SIZE];
        snprintf(field, sizeof field, "error.details.%zu.field", index);
        snprintf(problem, sizeof problem, "error.details.%zu.problem", index);
        terminal_line(out, "  %s: %s", document_text(answer, field, "?"),
                      document_text(answer, problem, "?"));
    }
}

static const char *money_at(const struct document *answer, const char *path,
                            char out[MONEY_TEXT_SIZE])
{
    uint64_t amount;
    return document_money(answer, path, &amount) ? money_format(amount, out) : "?";
}

/* What a budget has left, when it is why. */
static void print_budget(FILE *out, const struct document *answer)
{
    char limit[MONEY_TEXT_SIZE];
    char spent[MONEY_TEXT_SIZE];
    char reserved[MONEY_TEXT_SIZE];
    char estimate[MONEY_TEXT_SIZE];
    uint64_t amount;
    if (!document_money(answer, "data.limitUsd", &amount)) {
        return;
    }
    terminal_line(
        out,
        "  it would cost %s USD; of %s USD for today %s are spent, and %s are held for "
        "jobs that live",
        money_at(answer, "data.estimateUsd", estimate), money_at(answer, "data.limitUsd", limit),
        money_at(answer, "data.spentUsd", spent), money_at(answer, "data.reservedUsd", reserved));
}

/* Writes a time that has to pass, rounded up: who comes then does not come too early. */
static void write_span(int64_t seconds, char out[SPAN_SIZE])
{
    if (seconds <= 2 * MINUTE_S) {
        snprintf(out, SPAN_SIZE, "%lld s", (long long)seconds);
    } else if (seconds <= 2 * HOUR_S) {
        snprintf(out, SPAN_SIZE, "%lld min", (long long)((seconds + MINUTE_S - 1) / MINUTE_S));
    } else {
        snprintf(out, SPAN_SIZE, "%lld h", (long long)((seconds + HOUR_S - 1) / HOUR_S));
    }
}

void refusal_print(FILE *out, long code, const struct document *answer, int64_t retry_after_s)
{
    char span[SPAN_SIZE];
    const char *resets = answer == NULL ? NULL : document_text(answer, "data.resetsAt", NULL);
    terminal_line(out, "troupe: %ld %s", code,
                  answer == NULL ? "" : document_text(answer, "message", ""));
    if (answer != NULL) {
        print_details(out, answer);
        print_budget(out, answer);
    }
    if (retry_after_s > 0) {
        write_span(retry_after_s, span);
        terminal_line(out, resets == NULL ? "  try again in %s" : "  try again in %s, at %s", span,
                      resets);
    } else if (resets != NULL) {
        terminal_line(out, "  try again at %s", resets);
    }
}
