/* Pictures and films are made for real here, small where that tells as much: what matters is
 * that they repeat, differ and hold what they promise. What they look like is judged by eye. */

#include "actors/studio/film.h"
#include "actors/studio/picture.h"
#include "actors/studio/portrait.h"
#include "actors/studio/prompt.h"
#include "base/encoding.h"
#include <libavutil/log.h>
#include <stdlib.h>

#include "tests/unit/test.h"

struct hash {
    uint8_t bytes[SHA256_SIZE];
};

static struct hash hash_of(struct slice data)
{
    struct hash hash;
    sha256(data, hash.bytes);
    return hash;
}

static void draw(const char *prompt, struct pixels *out)
{
    struct portrait_spec spec;
    prompt_parse(slice_from_string(prompt), NULL, &spec);
    assert_int_equal(portrait_draw(&spec, out, NULL), STATUS_OK);
}

static struct hash hash_of_portrait(const char *prompt)
{
    struct pixels pixels;
    struct buffer file;
    draw(prompt, &pixels);
    buffer_init(&file, PICTURE_SIZE_MAX);
    assert_int_equal(picture_write(&pixels, "key", "text", &file), STATUS_OK);
    struct hash hash = hash_of(buffer_slice(&file));
    buffer_fini(&file);
    pixels_fini(&pixels);
    return hash;
}

static void the_same_words_draw_the_same_bytes(void **state)
{
    (void)state;
    struct hash first = hash_of_portrait("Portrait of Mira. hair: long silver, seed: 42");
    struct hash second = hash_of_portrait("Portrait of Mira. hair: long silver, seed: 42");
    assert_memory_equal(&first, &second, sizeof first);
}

static void other_words_draw_other_pictures(void **state)
{
    static const char *const prompts[] = {
        "hair: long silver, seed: 42",
        "hair: long silver, seed: 43",
        "hair: short silver, seed: 42",
        "hair: long silver, mood: angry, seed: 42",
        "hair: long silver, style: noir, seed: 42",
    };
    struct hash hashes[sizeof prompts / sizeof prompts[0]];
    (void)state;
    for (size_t index = 0; index < sizeof prompts / sizeof prompts[0]; index++) {
        hashes[index] = hash_of_portrait(prompts[index]);
        for (size_t other = 0; other < index; other++) {
            assert_memory_not_equal(&hashes[index], &hashes[other], sizeof hashes[0]);
        }
    }
}

/* Every choice of a list, once, so that no drawing function stays untried. */
static void draws_everything_it_knows(void **state)
{
    static const char *const words[] = {
        "bald",
        "hair: shaved",
        "hair: short",
        "hair: medium wavy, bangs",
        "long curly hair",
        "afro",
        "hair: spiky",
        "mohawk",
        "ponytail",
        "hair: bun",
        "braids",
        "slicked hair",
        "a scar, hood",
        "glasses, beard",
        "moustache, earrings",
        "crown, necklace",
        "horns, freckles",
        "elf, hat",
        "catgirl, flower",
        "shirt",
        "tee",
        "sweater",
        "hoodie",
        "coat",
        "suit",
        "dress",
        "robe",
        "armor",
        "style: noir",
        "style: neon",
        "style: pastel",
        "style: pixel",
        "style: watercolor",
        "style: anime",
        "style: oil",
        "background: forest",
        "background: sea",
        "background: mountains",
        "background: city at night",
        "background: stars",
        "background: snow",
        "background: desert",
        "background: fire",
        "background: bokeh",
        "a child",
        "an old woman",
        "pose: looking up, thinking",
        "pose: reading",
        "pose: waving",
        "mood: surprised",
        "mood: sly",
        "mood: shy",
    };
    (void)state;
    for (size_t index = 0; index < sizeof words / sizeof words[0]; index++) {
        struct pixels pixels;
        draw(words[index], &pixels);
        assert_int_equal(pixels.width, PORTRAIT_SIDE);
        for (size_t corner = 0; corner < 4; corner++) {
            size_t last = (size_t)PORTRAIT_SIDE * PORTRAIT_SIDE - 1;
            assert_int_equal(pixels.data[last * corner / 3] >> 24, 255);
        }
        pixels_fini(&pixels);
    }
}

static void a_picture_comes_back_from_its_file(void **state)
{
    struct pixels pixels;
    struct pixels back;
    struct buffer file;
    char text[16];
    (void)state;
    assert_int_equal(pixels_init(&pixels, 7, 3), STATUS_OK);
    for (uint32_t index = 0; index < 21; index++) {
        pixels.data[index] = 0xff000000u | index * 0x0b0705u;
    }
    buffer_init(&file, PICTURE_SIZE_MAX);
    assert_int_equal(picture_write(&pixels, "key", "a text", &file), STATUS_OK);
    assert_int_equal(picture_type_of(buffer_slice(&file)), PICTURE_PNG);
    assert_int_equal(picture_decode(buffer_slice(&file), &back), STATUS_OK);
    assert_int_equal(back.width, 7);
    assert_memory_equal(pixels.data, back.data, 21 * sizeof *pixels.data);
    assert_int_equal(picture_text(buffer_slice(&file), "key", text, sizeof text), STATUS_OK);
    assert_string_equal(text, "a text");
    assert_int_equal(picture_text(buffer_slice(&file), "ke", text, sizeof text), STATUS_NOT_FOUND);
    pixels_fini(&pixels);
    pixels_fini(&back);
    buffer_fini(&file);
}

static void a_cut_picture_is_refused_or_read_but_never_trusted(void **state)
{
    struct pixels pixels;
    struct buffer file;
    (void)state;
    assert_int_equal(pixels_init(&pixels, 64, 64), STATUS_OK);
    buffer_init(&file, PICTURE_SIZE_MAX);
    assert_int_equal(picture_write(&pixels, "key", "a text", &file), STATUS_OK);
    pixels_fini(&pixels);
    for (size_t size = 0; size < file.size; size++) {
        struct pixels back;
        char text[8];
        uint8_t *exact = malloc(size > 0 ? size : 1);
        memcpy(exact, file.data, size);
        if (picture_decode(slice_make(exact, size), &back) == STATUS_OK) {
            pixels_fini(&back);
        }
        picture_text(slice_make(exact, size), "key", text, sizeof text);
        free(exact);
    }
    assert_int_equal(picture_decode(SLICE_LITERAL("no picture"), &pixels), STATUS_UNSUPPORTED);
    assert_int_equal(picture_decode(SLICE_LITERAL("BM but no bitmap"), &pixels), STATUS_MALFORMED);
    buffer_fini(&file);
}

static struct motion_plan small_plan(void)
{
    return (struct motion_plan){
        .width = 192, .height = 112, .frame_count = 30, .seed = 5, .strength = 1.0};
}

static void make_film(const struct motion_plan *plan, struct film_watch *watch, enum status want,
                      struct hash *out)
{
    struct pixels pixels;
    struct buffer file;
    assert_int_equal(pixels_init(&pixels, 96, 96), STATUS_OK);
    for (uint32_t index = 0; index < 96 * 96; index++) {
        pixels.data[index] = 0xff000000u | (index % 96 * 2) << 16 | (index / 96 * 2) << 8;
    }
    buffer_init(&file, FILM_SIZE_MAX);
    assert_int_equal(film_encode(&pixels, plan, watch, &file), want);
    if (out != NULL) {
        *out = hash_of(buffer_slice(&file));
        assert_memory_equal(file.data + 4, "ftyp", 4);
        uint8_t *index = memmem(file.data, file.size, "moov", 4);
        uint8_t *frames = memmem(file.data, file.size, "mdat", 4);
        assert_non_null(index);
        assert_true(index < frames);
    }
    buffer_fini(&file);
    pixels_fini(&pixels);
}

static void the_same_picture_makes_the_same_film(void **state)
{
    struct motion_plan plan = small_plan();
    struct motion_plan other = plan;
    struct film_watch watch = {0};
    struct hash hashes[3];
    (void)state;
    make_film(&plan, &watch, STATUS_OK, &hashes[0]);
    assert_int_equal(watch.frames_done, plan.frame_count);
    make_film(&plan, &watch, STATUS_OK, &hashes[1]);
    other.seed = 6;
    make_film(&other, &watch, STATUS_OK, &hashes[2]);
    assert_memory_equal(&hashes[0], &hashes[1], sizeof hashes[0]);
    assert_memory_not_equal(&hashes[0], &hashes[2], sizeof hashes[0]);
}

static void a_film_stops_when_told(void **state)
{
    struct motion_plan plan = small_plan();
    struct film_watch watch = {.stop = true};
    (void)state;
    make_film(&plan, &watch, STATUS_CLOSED, NULL);
    assert_int_equal(watch.frames_done, 0);
}

static void a_film_ends_where_it_begins(void **state)
{
    struct motion_plan plan = small_plan();
    struct pixels pixels;
    struct motion *motion;
    static uint8_t planes[2][192 * 112 * 2];
    int64_t step = 0;
    int64_t loop = 0;
    (void)state;
    assert_int_equal(pixels_init(&pixels, 96, 96), STATUS_OK);
    for (uint32_t index = 0; index < 96 * 96; index++) {
        pixels.data[index] = 0xff000000u | (index % 96 * 2) * 0x010101u;
    }
    assert_int_equal(motion_new(&pixels, &plan, &motion), STATUS_OK);
    for (int frame = 0; frame < plan.frame_count; frame++) {
        uint8_t *now = planes[frame % 2];
        uint8_t *before = planes[1 - frame % 2];
        struct motion_planes to = {{now, now + 192 * 112, now + 192 * 140}, {192, 96, 96}};
        motion_draw(motion, frame, &to);
        for (size_t index = 0; frame == 1 && index < 192 * 112; index++) {
            step += abs(now[index] - before[index]);
        }
    }
    uint8_t *last = planes[(plan.frame_count - 1) % 2];
    uint8_t *first = planes[plan.frame_count % 2];
    struct motion_planes to = {{first, first + 192 * 112, first + 192 * 140}, {192, 96, 96}};
    motion_draw(motion, 0, &to);
    for (size_t index = 0; index < 192 * 112; index++) {
        loop += abs(last[index] - first[index]);
    }
    assert_true(step > 0);
    assert_true(loop < 3 * step);
    motion_destroy(&motion);
    pixels_fini(&pixels);
}

static void eyes_travel_as_text(void **state)
{
    static const char *const bad[] = {"", "eyes", "eyes 1 2 3 4 5 6 7 8",
                                      "eyes 0.1 0.1 0.1 0.1 0.1 0.1 0.1 nan", "nose 0.1"};
    struct motion_eyes eyes = {{0.4, 0.6}, {0.41, 0.42}, 0.05, 0.03, 0.02, 0.055};
    struct motion_eyes back;
    char text[MOTION_EYES_TEXT_SIZE];
    (void)state;
    motion_eyes_format(&eyes, text);
    assert_true(motion_eyes_parse(text, &back));
    assert_true(back.x[1] > 0.59 && back.y[0] < 0.42 && back.brow > 0.054);
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        assert_false(motion_eyes_parse(bad[index], &back));
    }
}

int main(void)
{
    av_log_set_level(AV_LOG_QUIET);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_words_draw_the_same_bytes),
        cmocka_unit_test(other_words_draw_other_pictures),
        cmocka_unit_test(draws_everything_it_knows),
        cmocka_unit_test(a_picture_comes_back_from_its_file),
        cmocka_unit_test(a_cut_picture_is_refused_or_read_but_never_trusted),
        cmocka_unit_test(the_same_picture_makes_the_same_film),
        cmocka_unit_test(a_film_stops_when_told),
        cmocka_unit_test(a_film_ends_where_it_begins),
        cmocka_unit_test(eyes_travel_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
