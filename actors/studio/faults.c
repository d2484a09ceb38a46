#include <jansson.h>
#include <stdio.h>

#include "actors/studio/faults.h"
#include "actors/studio/json_input.h"
#include "base/json_writer.h"

static const char *const KIND_NAMES[] = {
    [FAULT_NONE] = "none",
    [FAULT_LATENCY] = "latency_ms",
    [FAULT_STATUS] = "status",
    [FAULT_RETRY_AFTER] = "retry_after",
    [FAULT_HANG_BEFORE] = "hang_before",
    [FAULT_HANG_AFTER] = "hang_after",
    [FAULT_RESET] = "reset",
    [FAULT_RESET_AFTER] = "reset_after",
    [FAULT_RESET_AMID] = "reset_amid",
    [FAULT_DRIP] = "drip",
    [FAULT_TRUNCATE] = "truncate",
    [FAULT_CUT] = "cut",
    [FAULT_WRONG_CONTENT_TYPE] = "wrong_content_type",
    [FAULT_GARBAGE] = "garbage",
    [FAULT_TASK_LOST] = "task_lost",
    [FAULT_NEVER_FINISHES] = "never_finishes",
    [FAULT_TASK_FAILED] = "task_failed",
    [FAULT_REFUSAL] = "refusal",
    [FAULT_DUPLICATE] = "duplicate",
};

enum {
    KIND_COUNT = sizeof KIND_NAMES / sizeof KIND_NAMES[0],
    DRIP_MS = 100, /* between pieces, unless the rule says */
    DRIP_BYTES = 256,
};

const char *step_name(enum step step)
{
    static const char *const NAMES[] = {
        [STEP_CHAT] = "chat",     [STEP_IMAGE] = "image", [STEP_UPLOAD] = "upload",
        [STEP_SUBMIT] = "submit", [STEP_POLL] = "poll",   [STEP_DOWNLOAD] = "download",
        [STEP_CANCEL] = "cancel", [STEP_LIST] = "list",   [STEP_COUNT] = "all",
    };
    return NAMES[step];
}

const char *fault_kind_name(enum fault_kind kind)
{
    return KIND_NAMES[kind];
}

void faults_init(struct faults *faults, uint64_t seed)
{
    *faults = (struct faults){.dice = dice_make(seed, "faults")};
}

/* What a rule may say; problem points at the caller's line. */
struct rule_reader {
    json_t *rule;
    char *problem;
    size_t problem_size;
    enum status status;
};

static void refuse(struct rule_reader *reader, const char *member, const char *why)
{
    if (reader->status == STATUS_OK) {
        snprintf(reader->problem, reader->problem_size, "%s: %s", member, why);
        reader->status = STATUS_INVALID;
    }
}

static void read_text(struct rule_reader *reader, const char *member, char out[FAULT_TEXT_SIZE])
{
    json_t *value = json_object_get(reader->rule, member);
    if (value == NULL) {
        return;
    }
    if (!json_is_string(value) || json_string_length(value) >= FAULT_TEXT_SIZE) {
        refuse(reader, member, "must be a short string");
        return;
    }
    snprintf(out, FAULT_TEXT_SIZE, "%s", json_string_value(value));
}

static int64_t read_integer(struct rule_reader *reader, const char *member, int64_t min,
                            int64_t max, int64_t otherwise)
{
    json_t *value = json_object_get(reader->rule, member);
    if (value == NULL) {
        return otherwise;
    }
    if (!json_is_integer(value) || json_integer_value(value) < min ||
        json_integer_value(value) > max) {
        refuse(reader, member, "out of range");
        return otherwise;
    }
    return json_integer_value(value);
}

static void read_match(struct rule_reader *reader, struct fault_rule *rule)
{
    const char *match = json_string_value(json_object_get(reader->rule, "match"));
    for (int step = 0; match != NULL && step <= STEP_COUNT; step++) {
        if (strcmp(match, step_name((enum step)step)) == 0) {
            rule->step = (enum step)step;
            return;
        }
    }
    refuse(reader, "match",
           "must be chat, image, upload, submit, poll, download, cancel, list or all");
}

static void read_kind(struct rule_reader *reader, struct fault_rule *rule)
{
    const char *kind = json_string_value(json_object_get(reader->rule, "kind"));
    for (int index = 1; kind != NULL && index < KIND_COUNT; index++) {
        if (strcmp(kind, KIND_NAMES[index]) == 0) {
            rule->fault.kind = (enum fault_kind)index;
            return;
        }
    }
    refuse(reader, "kind", "unknown");
}

static void read_trace(struct rule_reader *reader, struct fault_rule *rule)
{
    json_t *value = json_object_get(reader->rule, "trace");
    const char *text = json_string_value(value);
    if (value == NULL) {
        return;
    }
    if (text == NULL || strlen(text) != TRACE_SIZE - 1 ||
        strspn(text, "0123456789abcdef") != TRACE_SIZE - 1) {
        refuse(reader, "trace", "must be 32 hexadecimal digits");
        return;
    }
    memcpy(rule->trace, text, TRACE_SIZE);
}

static void read_members(struct rule_reader *reader)
{
    static const char *const KNOWN[] = {
        "match",  "kind",        "rate",       "count", "skip",    "contains", "code",
        "status", "retry_after", "latency_ms", "bytes", "message", "trace",    "every"};
    const char *member;
    json_t *value;
    json_object_foreach(reader->rule, member, value)
    {
        bool known = false;
        for (size_t index = 0; index < sizeof KNOWN / sizeof KNOWN[0]; index++) {
            known = known || strcmp(member, KNOWN[index]) == 0;
        }
        if (!known) {
            refuse(reader, "rule", "has an unknown member");
        }
    }
}

static enum status read_rule(struct rule_reader *reader, struct fault_rule *rule)
{
    *rule = (struct fault_rule){.rate = 1.0};
    read_members(reader);
    read_match(reader, rule);
    read_kind(reader, rule);
    bool drip = rule->fault.kind == FAULT_DRIP;
    json_t *rate = json_object_get(reader->rule, "rate");
    if (rate != NULL) {
        rule->rate = json_number_value(rate);
        if (!json_is_number(rate) || !(rule->rate >= 0.0 && rule->rate <= 1.0)) {
            refuse(reader, "rate", "must be 0 to 1");
        }
    }
    rule->count = read_integer(reader, "count", 0, INT32_MAX, -1);
    rule->skip = read_integer(reader, "skip", 0, INT32_MAX, 0);
    rule->every = read_integer(reader, "every", 1, INT32_MAX, 1);
    rule->fault.status = (int)read_integer(reader, "status", 400, 599,
                                           rule->fault.kind == FAULT_RETRY_AFTER ? 429 : 500);
    rule->fault.retry_after_s = (int)read_integer(reader, "retry_after", 0, 86400,
                                                  rule->fault.kind == FAULT_RETRY_AFTER ? 1 : 0);
    rule->fault.latency_ms =
        (int)read_integer(reader, "latency_ms", 0, FAULT_LATENCY_MS_MAX, drip ? DRIP_MS : 0);
    rule->fault.bytes = (int)read_integer(reader, "bytes", 1, 1024 * 1024, DRIP_BYTES);
    read_text(reader, "code", rule->fault.code);
    read_text(reader, "message", rule->fault.message);
    read_text(reader, "contains", rule->contains);
    read_trace(reader, rule);
    return reader->status;
}

enum status faults_parse(struct faults *faults, struct slice json, char *problem, size_t size)
{
    json_t *list = NULL;
    struct faults parsed = {.dice = faults->dice};
    snprintf(problem, size, "not a JSON list");
    enum status status = json_input_parse(json, &list);
    if (status == STATUS_OK && !json_is_array(list)) {
        status = STATUS_INVALID;
    }
    if (status == STATUS_OK && json_array_size(list) > FAULT_RULE_COUNT_MAX) {
        snprintf(problem, size, "more than %d rules", FAULT_RULE_COUNT_MAX);
        status = STATUS_TOO_LARGE;
    }
    for (size_t index = 0; status == STATUS_OK && index < json_array_size(list); index++) {
        struct rule_reader reader = {
            .rule = json_array_get(list, index), .problem = problem, .problem_size = size};
        if (!json_is_object(reader.rule)) {
            refuse(&reader, "rule", "must be an object");
            status = reader.status;
        } else {
            status = read_rule(&reader, &parsed.rules[parsed.count++]);
        }
    }
    json_decref(list);
    if (status == STATUS_OK) {
        *faults = parsed;
    }
    return status;
}

static bool text_contains(struct slice text, const char *word)
{
    return word[0] == '\0' ||
           (text.size != 0 && memmem(text.data, text.size, word, strlen(word)) != NULL);
}

static bool rule_fires(struct faults *faults, struct fault_rule *rule)
{
    if (rule->count >= 0 && rule->fired >= rule->count) {
        return false;
    }
    if (rule->skip > 0) {
        rule->skip--;
        return false;
    }
    rule->matched++;
    if (rule->matched % rule->every != 0) {
        return false;
    }
    if (rule->rate < 1.0 && dice_unit(&faults->dice) >= rule->rate) {
        return false;
    }
    rule->fired++;
    return true;
}

static bool rule_matches(const struct fault_rule *rule, enum step step, struct slice text,
                         const char *trace)
{
    return (rule->step == step || rule->step == STEP_COUNT) &&
           text_contains(text, rule->contains) &&
           (rule->trace[0] == '\0' || strcmp(rule->trace, trace) == 0);
}

struct fault faults_decide(struct faults *faults, enum step step, struct slice text,
                           const char *trace)
{
    struct fault decided = {.kind = FAULT_NONE};
    int latency_ms = 0;
    for (size_t index = 0; step != STEP_NONE && index < faults->count; index++) {
        struct fault_rule *rule = &faults->rules[index];
        bool late = rule->fault.kind == FAULT_LATENCY;
        if (!rule_matches(rule, step, text, trace) || (!late && decided.kind != FAULT_NONE) ||
            !rule_fires(faults, rule)) {
            continue;
        }
        if (late) {
            latency_ms += rule->fault.latency_ms;
        } else {
            decided = rule->fault;
        }
    }
    if (decided.kind != FAULT_DRIP) {
        decided.latency_ms += latency_ms;
    }
    return decided;
}

enum status faults_write(const struct faults *faults, struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_array_begin(&writer);
    for (size_t index = 0; index < faults->count; index++) {
        const struct fault_rule *rule = &faults->rules[index];
        json_object_begin(&writer);
        json_member_text(&writer, "match", slice_from_string(step_name(rule->step)));
        json_member_text(&writer, "kind", slice_from_string(KIND_NAMES[rule->fault.kind]));
        json_member_integer(&writer, "fired", rule->fired);
        if (rule->count >= 0) {
            json_member_integer(&writer, "count", rule->count);
        }
        if (rule->trace[0] != '\0') {
            json_member_text(&writer, "trace", slice_from_string(rule->trace));
        }
        json_object_end(&writer);
    }
    json_array_end(&writer);
    return json_writer_status(&writer);
}
