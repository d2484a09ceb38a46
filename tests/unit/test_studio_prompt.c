#include "actors/studio/prompt.h"
#include "actors/studio/dice.h"

#include <stdio.h>
#include "tests/unit/test.h"

static struct portrait_spec parse(const char *text)
{
    struct portrait_spec spec;
    prompt_parse(slice_from_string(text), NULL, &spec);
    return spec;
}

static bool near(struct color color, unsigned hex)
{
    struct color want = color_from_hex(hex);
    double away = (color.red - want.red) * (color.red - want.red) +
                  (color.green - want.green) * (color.green - want.green) +
                  (color.blue - want.blue) * (color.blue - want.blue);
    return away < 0.03;
}

static void reads_what_the_actors_write(void **state)
{
    (void)state;
    struct portrait_spec spec =
        parse("Portrait of Mira., hair: long silver, eyes: green, skin: tan, "
              "clothing: red scarf and dark coat, mood: happy, pose: three-quarter, "
              "style: painterly, age: 27, gender: female, seed: 42");
    assert_int_equal(spec.seed, 42);
    assert_int_equal(spec.age, 27);
    assert_int_equal(spec.gender, GENDER_FEMININE);
    assert_int_equal(spec.hair_length, HAIR_LENGTH_LONG);
    assert_int_equal(spec.mood, MOOD_HAPPY);
    assert_int_equal(spec.style, STYLE_PAINTERLY);
    assert_true(spec.pose == POSE_TURNED_LEFT || spec.pose == POSE_TURNED_RIGHT);
    assert_int_equal(spec.garment, GARMENT_COAT);
    assert_true(spec.scarf);
    assert_true(near(spec.hair, 0xc6ccd8));
    assert_true(near(spec.eyes, 0x4b9d5a));
    assert_true(near(spec.skin, 0xd49b6c));
    assert_true(near(spec.scarf_color, 0xb9302f));
    assert_true(color_luma(spec.garment_color) < 0.3);
}

static void reads_a_sentence(void **state)
{
    (void)state;
    struct portrait_spec spec =
        parse("An old wizard with long white hair and a beard, blue eyes and pale skin, wearing a "
              "purple robe, in a snowy forest");
    assert_int_equal(spec.gender, GENDER_MASCULINE);
    assert_true(spec.age >= 65);
    assert_int_equal(spec.hair_length, HAIR_LENGTH_LONG);
    assert_true(near(spec.hair, 0xecebf0));
    assert_true(near(spec.eyes, 0x3f8ad6));
    assert_true(near(spec.skin, 0xf6dccb));
    assert_true(spec.beard);
    assert_int_equal(spec.garment, GARMENT_ROBE);
    assert_true(near(spec.garment_color, 0x6b3f98));
}

static void parts_what_commas_part(void **state)
{
    (void)state;
    struct portrait_spec spec = parse("a girl with brown braids, freckles, green eyes, fair skin, "
                                      "wearing a blue dress with a gold trim");
    assert_true(near(spec.hair, 0x5a3825));
    assert_int_equal(spec.hair_arrangement, HAIR_BRAIDS);
    assert_true(spec.freckles);
    assert_true(near(spec.eyes, 0x4b9d5a));
    assert_true(near(spec.skin, 0xf3d0b8));
    assert_true(near(spec.garment_color, 0x2f62b0));
    assert_true(near(spec.inner_color, 0xcf9f3c));
    spec = parse("someone with long, wavy, black hair in a bun, and a grey beard");
    assert_int_equal(spec.hair_length, HAIR_LENGTH_LONG);
    assert_int_equal(spec.hair_texture, HAIR_TEXTURE_WAVY);
    assert_int_equal(spec.hair_arrangement, HAIR_BUN);
    assert_true(near(spec.hair, 0x211c26));
}

static void reads_json(void **state)
{
    (void)state;
    struct portrait_spec spec = parse(
        "{\"name\":\"Red Rose\",\"appearance\":{\"hairColor\":\"black\",\"hairStyle\":"
        "\"short spiky\",\"eyes\":\"amber\",\"clothing\":\"blue armor\"},\"mood\":\"angry\"}");
    assert_true(near(spec.hair, 0x211c26));
    assert_int_equal(spec.hair_length, HAIR_LENGTH_SHORT);
    assert_int_equal(spec.hair_arrangement, HAIR_SPIKY);
    assert_true(near(spec.eyes, 0xd08d24));
    assert_int_equal(spec.garment, GARMENT_ARMOR);
    assert_true(near(spec.garment_color, 0x2f62b0));
    assert_int_equal(spec.mood, MOOD_ANGRY);
}

struct mood_case {
    const char *text;
    enum mood mood;
};

static void knows_moods(void **state)
{
    static const struct mood_case cases[] = {
        {"mood: sad", MOOD_SAD},
        {"mood: joyful and loud", MOOD_JOYFUL},
        {"expression: neutral", MOOD_NEUTRAL},
        {"a grumpy baker", MOOD_ANGRY},
        {"mood: calm, traits: fierce", MOOD_CALM},
        {"traits: fierce, mood: calm", MOOD_CALM},
        {"Portrait of Joy Happy. mood: surprised", MOOD_SURPRISED},
        {"a mischievous thief", MOOD_SLY},
        {"she is not here. mood: shy", MOOD_SHY},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        assert_int_equal(parse(cases[index].text).mood, cases[index].mood);
    }
}

static void knows_poses_and_gestures(void **state)
{
    static const struct {
        const char *text;
        enum pose pose;
        enum gesture gesture;
        enum distance distance;
    } cases[] = {
        {"pose: standing upright, full body, facing the viewer", POSE_FRONT, GESTURE_NONE,
         DISTANCE_FAR},
        {"pose: head and shoulders portrait, facing the viewer", POSE_FRONT, GESTURE_NONE,
         DISTANCE_CLOSE},
        {"pose: side profile, looking to the left", POSE_TURNED_LEFT, GESTURE_NONE, DISTANCE_USUAL},
        {"pose: dynamic action pose, leaping", POSE_ACTION, GESTURE_NONE, DISTANCE_USUAL},
        {"pose: waving one hand", POSE_TILTED, GESTURE_WAVE, DISTANCE_USUAL},
        {"pose: thoughtful, one hand on the chin, looking up", POSE_LOOKING_UP, GESTURE_CHIN,
         DISTANCE_USUAL},
        {"pose: reading an open book", POSE_LOOKING_DOWN, GESTURE_BOOK, DISTANCE_USUAL},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct portrait_spec spec = parse(cases[index].text);
        assert_int_equal(spec.pose, cases[index].pose);
        assert_int_equal(spec.gesture, cases[index].gesture);
        assert_int_equal(spec.distance, cases[index].distance);
    }
}

static void knows_ages(void **state)
{
    static const struct {
        const char *text;
        int age;
    } cases[] = {
        {"a 9 year old boy", 9},
        {"age: 312, an elf", 28},
        {"a 25-year-old sailor", 25},
        {"age: 90000000000", 28},
        {"age: 3", 6},
        {"aged 61, a baker", 61},
        {"an old man, age: 100", 90},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        assert_int_equal(parse(cases[index].text).age, cases[index].age);
    }
}

static void a_name_is_no_description(void **state)
{
    (void)state;
    struct portrait_spec plain = parse("Portrait of Ann. hair: brown, seed: 5");
    struct portrait_spec named =
        parse("Portrait of Angry Scarlet Bald Crown. hair: brown, seed: 5");
    assert_int_equal(plain.mood, named.mood);
    assert_int_equal(plain.hair_length, named.hair_length);
    assert_false(named.crown);
}

static void nothing_is_taken_that_is_denied(void **state)
{
    (void)state;
    struct portrait_spec spec =
        parse("a man, 40 years, no glasses, without a hat, no beard, clean shaven");
    assert_false(spec.glasses);
    assert_false(spec.hat);
    assert_false(spec.beard);
}

static void shades_colors_that_are_called_dark_or_light(void **state)
{
    (void)state;
    struct portrait_spec plain = parse("hair: red, clothing: green coat, seed: 1");
    struct portrait_spec dark = parse("hair: dark red, clothing: light green coat, seed: 1");
    assert_true(color_luma(dark.hair) < color_luma(plain.hair));
    assert_true(color_luma(dark.garment_color) > color_luma(plain.garment_color));
}

static void a_variation_changes_the_picture_and_not_the_person(void **state)
{
    struct portrait_spec plain = parse("Portrait of Ann. seed: 5");
    bool differs = false;
    (void)state;
    assert_int_equal(plain.variation, 5);
    for (int number = 0; number < 20; number++) {
        char words[64];
        snprintf(words, sizeof(words), "Portrait of Ann. seed: 5, variation: %d", number);
        struct portrait_spec other = parse(words);
        differs |= other.pose != plain.pose || other.scene != plain.scene;
        assert_int_equal(other.seed, 5);
        other.variation = plain.variation;
        other.mood = plain.mood;
        other.pose = plain.pose;
        other.scene = plain.scene;
        other.scene_night = plain.scene_night;
        assert_memory_equal(&other, &plain, sizeof(plain));
    }
    assert_true(differs);
}

static void takes_the_words_seed_before_the_requests(void **state)
{
    uint64_t seed = 7;
    (void)state;
    assert_int_equal(prompt_seed(SLICE_LITERAL("a face, seed: 42"), &seed), 42);
    assert_int_equal(prompt_seed(SLICE_LITERAL("a face"), &seed), 7);
    assert_int_equal(prompt_seed(SLICE_LITERAL("a face"), NULL),
                     prompt_seed(SLICE_LITERAL("a face"), NULL));
    assert_int_not_equal(prompt_seed(SLICE_LITERAL("a face"), NULL),
                         prompt_seed(SLICE_LITERAL("a Face"), NULL));
}

static void saying_one_thing_changes_that_thing_only(void **state)
{
    (void)state;
    struct portrait_spec plain = parse("a person, seed: 9");
    struct portrait_spec green = parse("a person, eyes: green, seed: 9");
    green.eyes = plain.eyes;
    assert_memory_equal(&plain, &green, sizeof plain);
}

static void every_seed_makes_a_person(void **state)
{
    (void)state;
    int garments[GARMENT_ARMOR + 1] = {0};
    for (uint64_t seed = 0; seed < 500; seed++) {
        struct portrait_spec spec;
        prompt_parse(SLICE_LITERAL("someone"), &seed, &spec);
        assert_in_range(spec.age, 6, SPEC_AGE_MAX);
        assert_in_range(spec.hair_length, HAIR_LENGTH_BALD, HAIR_LENGTH_LONG);
        garments[spec.garment]++;
    }
    assert_true(garments[GARMENT_SHIRT] > 20);
    assert_true(garments[GARMENT_COAT] > 20);
}

static void stands_any_bytes(void **state)
{
    uint8_t bytes[PROMPT_SIZE_MAX + 100];
    struct dice dice = dice_make(3, "bytes");
    struct portrait_spec spec;
    (void)state;
    for (int round = 0; round < 20; round++) {
        for (size_t index = 0; index < sizeof bytes; index++) {
            bytes[index] = (uint8_t)dice_next(&dice);
        }
        prompt_parse(slice_make(bytes, round == 0 ? 0 : sizeof bytes / (size_t)round), NULL, &spec);
        assert_in_range(spec.age, 6, SPEC_AGE_MAX);
    }
    prompt_parse(SLICE_EMPTY, NULL, &spec);
    memset(bytes, 'a', sizeof bytes);
    prompt_parse(slice_make(bytes, sizeof bytes), NULL, &spec);
    for (size_t index = 0; index < sizeof bytes; index++) {
        bytes[index] = index % 2 == 0 ? 'x' : ':';
    }
    prompt_parse(slice_make(bytes, sizeof bytes), NULL, &spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_actors_write),
        cmocka_unit_test(reads_a_sentence),
        cmocka_unit_test(parts_what_commas_part),
        cmocka_unit_test(reads_json),
        cmocka_unit_test(knows_moods),
        cmocka_unit_test(knows_poses_and_gestures),
        cmocka_unit_test(knows_ages),
        cmocka_unit_test(a_name_is_no_description),
        cmocka_unit_test(nothing_is_taken_that_is_denied),
        cmocka_unit_test(shades_colors_that_are_called_dark_or_light),
        cmocka_unit_test(a_variation_changes_the_picture_and_not_the_person),
        cmocka_unit_test(takes_the_words_seed_before_the_requests),
        cmocka_unit_test(saying_one_thing_changes_that_thing_only),
        cmocka_unit_test(every_seed_makes_a_person),
        cmocka_unit_test(stands_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
