#include "gateway/accept.h"

#include "gateway/header_list.h"

enum {
    WEIGHT_NONE = -1, /* the header does not name it */
    WEIGHT_MAX = 1000,
};

/* Reads a qvalue: 0 or 1 with at most three decimals, in thousandths; WEIGHT_NONE when it is
 * none. */
static int weight_read(struct slice text)
{
    int weight = 0;
    int unit = WEIGHT_MAX;
    if (text.size == 0 || text.size > 5 || (text.size > 1 && text.data[1] != '.')) {
        return WEIGHT_NONE;
    }
    for (size_t index = 0; index < text.size; index += index == 0 ? 2 : 1) {
        if (text.data[index] < '0' || text.data[index] > '9') {
            return WEIGHT_NONE;
        }
        weight += (text.data[index] - '0') * unit;
        unit /= 10;
    }
    return weight > WEIGHT_MAX ? WEIGHT_NONE : weight;
}

/* The weight among an element's parameters. */
static int weight_of(struct slice parameters)
{
    int weight = WEIGHT_MAX;
    while (parameters.size > 0) {
        struct slice value = header_part_take(&parameters, ';');
        if (header_token_is(header_part_take(&value, '='), "q")) {
            weight = weight_read(header_part_take(&value, ';'));
        }
    }
    return weight;
}

/* The weight of the first element with this name. */
static int weight_find(struct slice header, const char *name)
{
    while (header.size > 0) {
        struct slice element = header_part_take(&header, ',');
        if (header_token_is(header_part_take(&element, ';'), name)) {
            return weight_of(element);
        }
    }
    return WEIGHT_NONE;
}

bool accept_gzip(struct slice header)
{
    int weight = weight_find(header, "gzip");
    if (weight == WEIGHT_NONE) {
        weight = weight_find(header, "*");
    }
    return weight > 0 && weight >= weight_find(header, "identity");
}

bool accept_problem(struct slice header)
{
    static const char *const ranges[] = {"application/json", "application/*", "*/*"};
    int json = WEIGHT_NONE;
    for (size_t index = 0; index < 3 && json == WEIGHT_NONE; index++) {
        json = weight_find(header, ranges[index]);
    }
    int problem = weight_find(header, "application/problem+json");
    return problem > 0 && problem >= json;
}
