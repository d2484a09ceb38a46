#include "gateway/accept.h"

#include "base/header_list.h"

/* The weight of the first element with this name. */
static int weight_find(struct slice header, const char *name)
{
    while (header.size > 0) {
        struct slice element = header_part_take(&header, ',');
        if (header_token_is(header_part_take(&element, ';'), name)) {
            return header_weight(element);
        }
    }
    return HEADER_WEIGHT_NONE;
}

bool accept_gzip(struct slice header)
{
    int weight = weight_find(header, "gzip");
    if (weight == HEADER_WEIGHT_NONE) {
        weight = weight_find(header, "*");
    }
    return weight > 0 && weight >= weight_find(header, "identity");
}

bool accept_problem(struct slice header)
{
    static const char *const ranges[] = {"application/json", "application/*", "*/*"};
    int json = HEADER_WEIGHT_NONE;
    for (size_t index = 0; index < 3 && json == HEADER_WEIGHT_NONE; index++) {
        json = weight_find(header, ranges[index]);
    }
    int problem = weight_find(header, "application/problem+json");
    return problem > 0 && problem >= json;
}
