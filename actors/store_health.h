#ifndef TROUPE_ACTORS_STORE_HEALTH_H
#define TROUPE_ACTORS_STORE_HEALTH_H

/*
 * Whether the asset store takes what is made, as this process has seen it last. While it does not,
 * nothing is ordered that it would lose, and one probe at a time finds out whether it does again.
 * Pure. The asset store owns the one instance; a zeroed one takes everything.
 */

#include <stdbool.h>
#include <stdint.h>

enum {
    STORE_WORDS_SIZE = 256, /* bytes with the NUL of why it takes nothing */
};

struct store_health {
    bool is_bad;
    bool is_probed;   /* a probe is under way */
    int64_t probe_ms; /* of the next probe: not before */
    int64_t pause_ms; /* before the next one but one */
    char words[STORE_WORDS_SIZE];
};

/* It did not take something, or a probe. */
void store_health_failed(struct store_health *health, const char *words, int64_t now_ms);

/* It has taken something. */
void store_health_succeeded(struct store_health *health);

/* Whether a probe is to begin now; it counts as under way from here to either of the above. */
bool store_health_begin_probe(struct store_health *health, int64_t now_ms);

/* How long whoever wants to order something waits: until a probe may have ended. */
int64_t store_health_wait_ms(const struct store_health *health, int64_t now_ms);

#endif
