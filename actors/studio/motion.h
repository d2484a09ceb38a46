#ifndef TROUPE_ACTORS_STUDIO_MOTION_H
#define TROUPE_ACTORS_STUDIO_MOTION_H

/*
 * Sets one still picture in motion, frame by frame: a camera that drifts and leans in, a chest that
 * breathes, hair that sways, eyes that blink where the picture says where they are, light that
 * sweeps across, dust that drifts. All of it runs in whole cycles, so that the last frame leads
 * into the first. Draws into planes of YUV 4:2:0 (BT.709, limited range). The same picture and plan
 * give the same frames. No I/O.
 */

#include <stdbool.h>

#include "actors/studio/pixels.h"

enum {
    MOTION_FRAMES_A_SECOND = 24,
    MOTION_EYE_COUNT = 2,
};

enum motion_motes {
    MOTES_DUST,
    MOTES_SNOW,
    MOTES_EMBERS,
    MOTES_PETALS,
};

/* Where the eyes are, in shares of the picture's width (x, half width) and height (the rest): the
 * upper lashes and the brow above an eye's middle, the lower lid below it. */
struct motion_eyes {
    double x[MOTION_EYE_COUNT];
    double y[MOTION_EYE_COUNT];
    double half_width;
    double top;
    double bottom;
    double brow;
};

struct motion_plan {
    int width; /* of a frame; even */
    int height;
    int frame_count;
    uint64_t seed;
    enum motion_motes motes;
    double strength; /* of the movement: 1 is gentle */
    bool eyes_known;
    struct motion_eyes eyes;
};

/* Where a frame goes. */
struct motion_planes {
    uint8_t *data[3];
    int stride[3];
};

struct motion;

/* Prepares picture for plan; picture is not needed afterwards. Returns OK or NO_MEMORY. */
enum status motion_new(const struct pixels *picture, const struct motion_plan *plan,
                       struct motion **out);
void motion_destroy(struct motion **motion);

/* Draws frame 0..frame_count - 1. Any order; not from two threads at once. */
void motion_draw(struct motion *motion, int frame, const struct motion_planes *planes);

/* Writes and reads eyes as the text that travels in a picture file: "eyes", both places, half
 * width, top, bottom and brow, as decimal numbers. */
enum {
    MOTION_EYES_TEXT_SIZE = 96,
};
#define MOTION_EYES_KEYWORD "troupe-portrait" /* of the chunk that holds the text in a PNG file */

void motion_eyes_format(const struct motion_eyes *eyes, char out[MOTION_EYES_TEXT_SIZE]);
bool motion_eyes_parse(const char *text, struct motion_eyes *out);

#endif
