#include "gateway/admin_filter.h"

#include "base/timestamp.h"
#include "proto/word_lists.h"

enum {
    OWNER_CHARACTERS_MAX = OWNER_SIZE_MAX,
    SEARCH_CHARACTERS_MAX = 200, /* the API's contract */
    KINDS_ASKED = (1 << JOB_KIND_ASKED_COUNT) - 1,
};

static const struct field_rule RULES[] = {
    {.name = "queue", .type = FIELD_WORD, .words = WORD_LIST_QUEUES},
    {.name = "status", .type = FIELD_TEXT, .min = 1, .max = QUERY_VALUE_SIZE_MAX},
    {.name = "owner", .type = FIELD_TEXT, .min = 1, .max = OWNER_CHARACTERS_MAX},
    {.name = "characterId", .type = FIELD_TEXT, .min = 1, .max = QUERY_VALUE_SIZE_MAX},
    {.name = "q", .type = FIELD_TEXT, .min = 1, .max = SEARCH_CHARACTERS_MAX},
    {.name = "tag", .type = FIELD_TEXT, .min = 1, .max = TAG_CHARACTERS_MAX},
    {.name = "from", .type = FIELD_TEXT, .min = 1, .max = QUERY_VALUE_SIZE_MAX},
    {.name = "to", .type = FIELD_TEXT, .min = 1, .max = QUERY_VALUE_SIZE_MAX},
    {.name = "errorCode", .type = FIELD_TEXT, .min = 1, .max = ERROR_CODE_SIZE_MAX},
    {.name = "errorGroup", .type = FIELD_TEXT, .min = 1, .max = QUERY_VALUE_SIZE_MAX},
    {.name = "groupId", .type = FIELD_TEXT, .min = 1, .max = QUERY_VALUE_SIZE_MAX},
};
enum {
    RULE_COUNT = sizeof RULES / sizeof RULES[0],
};

static const char *const NAMES[] = {"queue", "status", "owner",     "characterId", "q",       "tag",
                                    "from",  "to",     "errorCode", "errorGroup",  "groupId", NULL};

/* Where the texts come from: one of the two. */
struct origin {
    const struct query_string *query;
    const struct body *body;
};

static struct slice text_of(const struct origin *origin, const char *name)
{
    struct slice text = SLICE_EMPTY;
    if (origin->query != NULL) {
        query_string_find(origin->query, name, &text);
    } else {
        text = body_member(origin->body, name).text;
    }
    return text;
}

/* Takes what stands before the next comma off the front. */
static struct slice word_take(struct slice *rest)
{
    const uint8_t *comma = memchr(rest->data, ',', rest->size);
    size_t size = comma == NULL ? rest->size : (size_t)(comma - rest->data);
    size_t step = comma == NULL ? size : size + 1;
    struct slice word = slice_make(rest->data, size);
    *rest = slice_make(rest->data + step, rest->size - step);
    return word;
}

static void statuses_read(struct slice text, uint8_t *out, struct problems *problems)
{
    while (text.size > 0) {
        int index = validate_word_index(WORD_LIST_STATUSES, word_take(&text));
        if (index < 0) {
            char list[PROBLEM_SIZE_MAX];
            validate_words_write(WORD_LIST_STATUSES, list);
            problems_add(problems, "status", "must be of %s, with commas between", list);
            return;
        }
        *out |= (uint8_t)(1 << index);
    }
}

static void time_read(const struct origin *origin, const char *name, int64_t *out,
                      struct problems *problems)
{
    struct slice text = text_of(origin, name);
    if (text.size > 0 && timestamp_parse(text, out) != STATUS_OK) {
        problems_add(problems, name, "must be a time such as 2026-01-31T10:00:00Z");
    } else if (text.size > 0 && *out == 0) {
        *out = TIME_EARLIEST; /* 0 stands for no filter, which is the contrary of `to` 1970 */
    }
}

static void id_read(const struct origin *origin, const char *name, const char *problem,
                    struct id *out, struct problems *problems)
{
    struct slice text = text_of(origin, name);
    if (text.size > 0 && id_parse(text, out) != STATUS_OK) {
        problems_add(problems, name, "%s", problem);
    }
}

/* A text may have as many characters as its rule says, but no more bytes than the wire takes. */
static struct slice bounded(const struct origin *origin, const char *name, size_t size_max,
                            struct problems *problems)
{
    struct slice text = text_of(origin, name);
    if (text.size > size_max) {
        problems_add(problems, name, "must have at most %zu bytes", size_max);
        return SLICE_EMPTY;
    }
    return text;
}

static void fill(const struct origin *origin, struct message_search_jobs *out,
                 struct problems *problems)
{
    struct slice queue = text_of(origin, "queue");
    out->kinds = KINDS_ASKED;
    if (queue.size > 0) {
        out->kinds = (uint8_t)(1 << validate_word_index(WORD_LIST_QUEUES, queue));
    }
    statuses_read(text_of(origin, "status"), &out->states, problems);
    out->owner = bounded(origin, "owner", OWNER_SIZE_MAX, problems);
    out->text = bounded(origin, "q", SEARCH_TEXT_SIZE_MAX, problems);
    out->tag = bounded(origin, "tag", TAG_SIZE_MAX, problems);
    out->error_code = bounded(origin, "errorCode", ERROR_CODE_SIZE_MAX, problems);
    id_read(origin, "characterId", "must be an id", &out->character, problems);
    id_read(origin, "errorGroup", "must be one that failures are told with", &out->error_group,
            problems);
    id_read(origin, "groupId", "must be the id of a batch or a pipeline", &out->group, problems);
    time_read(origin, "from", &out->from, problems);
    time_read(origin, "to", &out->to, problems);
    if (out->from != 0 && out->to != 0 && out->from >= out->to) {
        problems_add(problems, "to", "must be later than from");
    }
}

void admin_filter_query(const struct query_string *query, struct message_search_jobs *out,
                        struct problems *problems)
{
    const struct origin origin = {.query = query};
    size_t before = problems->count;
    validate_query(RULES, RULE_COUNT, query, problems);
    if (problems->count == before) {
        fill(&origin, out, problems);
    }
}

void admin_filter_body(const struct body *where, struct message_search_jobs *out,
                       struct problems *problems)
{
    const struct origin origin = {.body = where};
    size_t before = problems->count;
    const char *stranger = body_stranger(where, NAMES);
    validate_body(RULES, RULE_COUNT, where, problems);
    if (stranger != NULL) {
        problems_add(problems, stranger, "is no filter");
    }
    if (problems->count == before) {
        fill(&origin, out, problems);
    }
}
