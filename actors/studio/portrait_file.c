#include "actors/studio/portrait_file.h"

#include "actors/studio/motion.h"
#include "actors/studio/picture.h"
#include "actors/studio/portrait.h"
#include "actors/studio/prompt.h"

enum status portrait_file_write(struct slice words, uint64_t seed, struct buffer *out)
{
    struct portrait_spec spec;
    struct pixels pixels;
    struct figure_landmarks landmarks;
    prompt_parse(words, &seed, &spec);
    enum status status = portrait_draw(&spec, &pixels, &landmarks);
    if (status != STATUS_OK) {
        return status;
    }
    struct motion_eyes eyes;
    for (int eye = 0; eye < MOTION_EYE_COUNT; eye++) {
        eyes.x[eye] = landmarks.eyes[eye].x / PORTRAIT_SIDE;
        eyes.y[eye] = landmarks.eyes[eye].y / PORTRAIT_SIDE;
    }
    eyes.half_width = landmarks.eye_width / PORTRAIT_SIDE;
    eyes.top = landmarks.lids.top / PORTRAIT_SIDE;
    eyes.bottom = landmarks.lids.bottom / PORTRAIT_SIDE;
    eyes.brow = landmarks.lids.brow / PORTRAIT_SIDE;
    char text[MOTION_EYES_TEXT_SIZE];
    motion_eyes_format(&eyes, text);
    status = picture_write(&pixels, MOTION_EYES_KEYWORD, text, out);
    pixels_fini(&pixels);
    return status;
}
