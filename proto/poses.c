#include "proto/poses.h"

const struct pose POSES[POSE_COUNT] = {
    {"standing", "Standing", "standing upright, full body, relaxed arms, facing the viewer"},
    {"sitting", "Sitting", "sitting on a chair, hands resting on the knees, facing the viewer"},
    {"portrait", "Portrait", "head and shoulders portrait, facing the viewer"},
    {"three-quarter", "Three-quarter view", "three-quarter view, body turned slightly to the side"},
    {"profile", "Profile", "side profile, looking to the left"},
    {"action", "Action", "dynamic action pose, leaping forward, strong motion"},
    {"waving", "Waving", "waving one hand in greeting, friendly smile"},
    {"thinking", "Thinking", "thoughtful, one hand on the chin, looking up"},
    {"dancing", "Dancing", "dancing, one arm raised, flowing movement"},
    {"reading", "Reading", "reading an open book held in both hands"},
};

const struct pose *pose_find(struct slice id)
{
    for (size_t index = 0; index < POSE_COUNT; index++) {
        if (slice_equal(slice_from_string(POSES[index].id), id)) {
            return &POSES[index];
        }
    }
    return NULL;
}
