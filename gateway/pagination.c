#include "gateway/pagination.h"

#include "base/encoding.h"

static const struct field_rule RULES[] = {
    {.name = "limit", .type = FIELD_INTEGER, .min = 1, .max = LIST_LIMIT_MAX},
    {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = CURSOR_TEXT_SIZE_MAX},
};

static const struct field_rule SKIP_RULES[] = {
    {.name = "skip", .type = FIELD_INTEGER, .min = 0, .max = INT64_MAX},
};

void pagination_init(struct pagination *pagination)
{
    *pagination = (struct pagination){.limit = LIMIT_DEFAULT};
    buffer_init(&pagination->cursor, CURSOR_SIZE_MAX);
}

void pagination_fini(struct pagination *pagination)
{
    buffer_fini(&pagination->cursor);
}

void pagination_refuse(struct problems *problems)
{
    problems_add(problems, "cursor", "is not one of this list");
}

void pagination_check_cursor(const struct query_string *query, struct problems *problems)
{
    validate_query(RULES, sizeof(RULES) / sizeof(RULES[0]), query, problems);
}

void pagination_check(const struct query_string *query, struct problems *problems)
{
    pagination_check_cursor(query, problems);
    validate_query(SKIP_RULES, sizeof(SKIP_RULES) / sizeof(SKIP_RULES[0]), query, problems);
}

void pagination_check_search(const struct query_string *query, struct problems *problems)
{
    struct slice skip;
    pagination_check_cursor(query, problems);
    if (query_string_find(query, "skip", &skip) > 0) {
        problems_add(problems, "skip", "is not known here: use cursor");
    }
}

static int64_t integer_of(const struct query_string *query, const char *name, int64_t otherwise)
{
    struct slice text;
    int64_t value = otherwise;
    if (query_string_find(query, name, &text) > 0) {
        validate_integer(text, &value);
    }
    return value;
}

void pagination_read_cursor(struct pagination *pagination, const struct query_string *query,
                            struct problems *problems)
{
    struct slice text;
    pagination->limit = (uint32_t)integer_of(query, "limit", LIMIT_DEFAULT);
    pagination->by_cursor = query_string_find(query, "cursor", &text) > 0;
    if (pagination->by_cursor && decode_base64url(text, &pagination->cursor) != STATUS_OK) {
        pagination_refuse(problems);
    }
}

void pagination_read(struct pagination *pagination, const struct query_string *query,
                     struct problems *problems)
{
    pagination_read_cursor(pagination, query, problems);
    pagination->skip = (uint64_t)integer_of(query, "skip", 0);
    if (pagination->skip > 0 && pagination->by_cursor) {
        problems_add(problems, "skip", "cannot be combined with cursor");
    }
}

void pagination_continue(struct pagination *pagination, const struct walks *walks,
                         const struct walk *walk, int64_t now_ms)
{
    if (pagination->by_cursor || pagination->skip == 0) {
        return;
    }
    /* Without memory for the cursor places are counted. */
    (void)buffer_append_slice(&pagination->cursor,
                              walks_find(walks, walk, pagination->skip, now_ms));
}

void pagination_remember(const struct pagination *pagination, struct walks *walks,
                         const struct walk *walk, uint32_t count, struct slice next, int64_t now_ms)
{
    bool continues = next.size > 0 && next.size <= CURSOR_SIZE_MAX && count > 0;
    if (continues && !pagination->by_cursor && pagination->skip <= UINT64_MAX - count) {
        walks_note(walks, walk, pagination->skip + count, next, now_ms);
    }
}

static void next_write(struct slice next, struct json_writer *writer)
{
    struct buffer cursor;
    buffer_init(&cursor, next.size * 2);
    if (next.size > 0 && encode_base64url(next, &cursor) != STATUS_OK) {
        writer->status = STATUS_NO_MEMORY;
    }
    json_member_boolean(writer, "hasMore", next.size > 0);
    json_member_text_or_null(writer, "nextCursor", buffer_slice(&cursor));
    buffer_fini(&cursor);
}

void pagination_write(const struct pagination *pagination, uint64_t total, struct slice next,
                      struct json_writer *writer)
{
    json_name(writer, "pagination");
    json_object_begin(writer);
    json_member_integer(writer, "total", (int64_t)total);
    json_member_integer(writer, "limit", pagination->limit);
    json_member_integer(writer, "skip", (int64_t)pagination->skip);
    next_write(next, writer);
    json_object_end(writer);
}

void pagination_write_cursor(uint32_t limit, struct slice next, struct json_writer *writer)
{
    json_name(writer, "pagination");
    json_object_begin(writer);
    json_member_integer(writer, "limit", limit);
    next_write(next, writer);
    json_object_end(writer);
}

void pagination_write_search(const struct pagination *pagination, struct slice next,
                             uint64_t scanned, bool exhausted, struct json_writer *writer)
{
    json_name(writer, "pagination");
    json_object_begin(writer);
    json_member_integer(writer, "limit", pagination->limit);
    next_write(next, writer);
    json_member_integer(writer, "scanned", (int64_t)scanned);
    json_member_boolean(writer, "exhausted", exhausted);
    json_object_end(writer);
}
