#include "gateway/job_rules.h"

#include <assert.h>
#include "proto/poses.h"

enum {
    NAME_CHARACTERS_MAX = 200,
    POSE_ID_CHARACTERS_MAX = 64,
    AGE_MAX = 10000,
    LIST_ITEMS_MAX = 32,
};

static const char *const DURATIONS[] = {"5", "8", NULL};
static const char *const RESOLUTIONS[] = {"480p", "720p", NULL};

static const struct field_rule CHARACTER_RULES[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED, 1, NAME_CHARACTERS_MAX, NULL},
    {"description", FIELD_TEXT, FIELD_OPTIONAL, 0, BODY_SIZE_MAX, NULL},
    {"backstory", FIELD_TEXT, FIELD_OPTIONAL, 0, BODY_SIZE_MAX, NULL},
    {"gender", FIELD_TEXT, FIELD_OPTIONAL, 0, BODY_SIZE_MAX, NULL},
    {"style", FIELD_TEXT, FIELD_OPTIONAL, 0, BODY_SIZE_MAX, NULL},
    {"age", FIELD_INTEGER, FIELD_OPTIONAL, 0, AGE_MAX, NULL},
    {"traits", FIELD_TEXT_LIST, FIELD_OPTIONAL, 0, LIST_ITEMS_MAX, NULL},
    {"tags", FIELD_TEXT_LIST, FIELD_OPTIONAL, 0, LIST_ITEMS_MAX, NULL},
    {"personality", FIELD_OBJECT, FIELD_OPTIONAL, 0, 0, NULL},
    {"appearance", FIELD_OBJECT, FIELD_OPTIONAL, 0, 0, NULL},
    {"public", FIELD_BOOLEAN, FIELD_OPTIONAL, 0, 0, NULL},
};

static const struct field_rule IMAGE_RULES[] = {
    {"poseId", FIELD_TEXT, FIELD_NULLABLE, 1, POSE_ID_CHARACTERS_MAX, NULL},
};

static const struct field_rule VIDEO_RULES[] = {
    {"duration", FIELD_INTEGER, FIELD_REQUIRED, 0, 0, DURATIONS},
    {"resolution", FIELD_WORD, FIELD_OPTIONAL, 0, 0, RESOLUTIONS},
    {"poseId", FIELD_TEXT, FIELD_NULLABLE, 1, POSE_ID_CHARACTERS_MAX, NULL},
};

static void pose_check(const struct body *body, struct problems *problems)
{
    struct json_value pose = body_member(body, "poseId");
    if (pose.kind == JSON_KIND_TEXT && pose_find(pose.text) == NULL) {
        char list[PROBLEM_SIZE_MAX];
        const char *ids[POSE_COUNT + 1] = {NULL};
        for (size_t index = 0; index < POSE_COUNT; index++) {
            ids[index] = POSES[index].id;
        }
        validate_words_write(ids, list);
        problems_add(problems, "poseId", "must be one of %s", list);
    }
}

#define RULES_CHECK(rules) validate_body(rules, sizeof(rules) / sizeof((rules)[0]), body, problems)

void job_rules_check(enum job_kind kind, const struct body *body, struct problems *problems)
{
    switch (kind) {
    case JOB_KIND_CHARACTER:
        RULES_CHECK(CHARACTER_RULES);
        break;
    case JOB_KIND_IMAGE:
        RULES_CHECK(IMAGE_RULES);
        pose_check(body, problems);
        break;
    case JOB_KIND_VIDEO:
        RULES_CHECK(VIDEO_RULES);
        pose_check(body, problems);
        break;
    case JOB_KIND_WEBHOOK:
        assert(false); /* nobody asks for one */
        break;
    }
}
