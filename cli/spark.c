#include "cli/spark.h"

#include <assert.h>

enum {
    LEVELS = 8,
};

static int64_t merge_two(int64_t one, int64_t other, enum spark_merge how)
{
    if (one == SPARK_NONE || other == SPARK_NONE) {
        return one == SPARK_NONE ? other : one;
    }
    if (how == SPARK_MERGE_SUM) {
        return one > INT64_MAX - other ? INT64_MAX : one + other;
    }
    return one > other ? one : other;
}

size_t spark_merge(int64_t *numbers, size_t count, size_t group, enum spark_merge how)
{
    assert(group > 0);
    size_t cells = (count + group - 1) / group;
    size_t begun = 0;
    for (size_t index = 0; index < count; index++) {
        size_t cell = cells - 1 - (count - 1 - index) / group; /* counted from the end */
        if (cell == begun) {
            numbers[begun++] = numbers[index];
        } else {
            numbers[cell] = merge_two(numbers[cell], numbers[index], how);
        }
    }
    return cells;
}

int64_t spark_most(const int64_t *numbers, size_t count)
{
    int64_t most = 0;
    for (size_t index = 0; index < count; index++) {
        most = numbers[index] > most ? numbers[index] : most;
    }
    return most;
}

enum status spark_draw(const int64_t *numbers, size_t count, int64_t most, struct buffer *out)
{
    static const char *const bars[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    enum status status = STATUS_OK;
    for (size_t index = 0; index < count && status == STATUS_OK; index++) {
        double part = most > 0 ? (double)numbers[index] / (double)most : 0;
        part = part > 1 ? 1 : part;
        int level = (int)(part * LEVELS + 0.999999) - 1; /* rounded up */
        level = level < 0 ? 0 : level >= LEVELS ? LEVELS - 1 : level;
        status = buffer_append_format(out, "%s", numbers[index] < 0 ? " " : bars[level]);
    }
    return status;
}
