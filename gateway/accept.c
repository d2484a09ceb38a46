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

/* Whether the type is named, with no less weight than JSON, which a range may cover. */
static bool is_preferred(struct slice header, const char *type)
{
    static const char *const ranges[] = {"application/json", "application/*", "*/*"};
    int json = HEADER_WEIGHT_NONE;
    for (size_t index = 0; index < 3 && json == HEADER_WEIGHT_NONE; index++) {
        json = weight_find(header, ranges[index]);
    }
    int weight = weight_find(header, type);
    return weight > 0 && weight >= json;
}

bool accept_problem(struct slice header)
{
    return is_preferred(header, "application/problem+json");
}

bool accept_html(struct slice header)
{
    return is_preferred(header, "text/html");
}
