#include "base/words.h"

#include <stdio.h>
#include <string.h>

enum {
    LENGTH_MAX = 40, /* letters of a word that is compared; longer ones are like no other */
    DISTANCE_MAX = 2,
    SHORT_LENGTH = 4, /* of letters, up to which one change makes another word */
};

bool words_has(const char *const *words, const char *word)
{
    for (; *words != NULL; words++) {
        if (strcmp(*words, word) == 0) {
            return true;
        }
    }
    return false;
}

static int least(int one, int other)
{
    return one < other ? one : other;
}

/* How many letters one has to change, insert, leave out or exchange with the next one to make the
 * other (the optimal string alignment distance). Both are at most LENGTH_MAX long. */
static int distance(const char *one, const char *other)
{
    int table[LENGTH_MAX + 1][LENGTH_MAX + 1];
    int rows = (int)strlen(one);
    int columns = (int)strlen(other);
    for (int row = 0; row <= rows; row++) {
        table[row][0] = row;
    }
    for (int column = 0; column <= columns; column++) {
        table[0][column] = column;
    }
    for (int row = 1; row <= rows; row++) {
        for (int column = 1; column <= columns; column++) {
            int change = one[row - 1] != other[column - 1];
            int best = least(table[row - 1][column], table[row][column - 1]) + 1;
            best = least(best, table[row - 1][column - 1] + change);
            if (row > 1 && column > 1 && one[row - 1] == other[column - 2] &&
                one[row - 2] == other[column - 1]) {
                best = least(best, table[row - 2][column - 2] + 1);
            }
            table[row][column] = best;
        }
    }
    return table[rows][columns];
}

const char *words_like(const char *const *words, const char *word)
{
    return words_nearest(words, word, strlen(word) <= SHORT_LENGTH ? 1 : DISTANCE_MAX);
}

const char *words_nearest(const char *const *words, const char *word, int wrong_max)
{
    const char *best = NULL;
    size_t size = strlen(word);
    int best_distance = wrong_max + 1;
    for (; *words != NULL; words++) {
        if (size > LENGTH_MAX || strlen(*words) > LENGTH_MAX) {
            continue;
        }
        bool begins = size > 1 && strncmp(*words, word, size) == 0;
        int away = begins ? 1 : distance(*words, word);
        if (away < best_distance) {
            best_distance = away;
            best = *words;
        }
    }
    return best;
}

const char *words_write(const char *const *words, char out[WORDS_SIZE_MAX])
{
    size_t size = 0;
    out[0] = '\0';
    for (size_t index = 0; words[index] != NULL && size < WORDS_SIZE_MAX; index++) {
        const char *before = index == 0 ? "" : words[index + 1] == NULL ? " or " : ", ";
        size += (size_t)snprintf(out + size, WORDS_SIZE_MAX - size, "%s%s", before, words[index]);
    }
    return out;
}
