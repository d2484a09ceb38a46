#include "cli/job_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/id.h"
#include "cli/session.h"
#include "cli/wait_reason.h"

enum {
    MEMBER_SIZE = 96,
    BESIDE_STEPS = 6, /* an error goes below before its job's queue and name are gone */
};

static const char name_of_ids[] = "jobId=";

/* ---- what is asked for ---- */

/* Whether ids, with commas between them, may be such, or beginnings of some. */
static bool are_ids(const char *list)
{
    for (const char *rest = list; rest != NULL;) {
        size_t size = strcspn(rest, ",");
        if (size == 0 || size >= ID_TEXT_SIZE || strspn(rest, ID_CHARACTERS) < size) {
            fputs("troupe: jobId= takes ids, with commas between them\n", stderr);
            return false;
        }
        rest = rest[size] == ',' ? rest + size + 1 : NULL;
    }
    return true;
}

bool job_page_take(struct job_page *page, int count, char *const *words, int64_t now_ms)
{
    int place = 0;
    *page = (struct job_page){0};
    while (place < count && strncmp(words[place], name_of_ids, sizeof name_of_ids - 1) != 0) {
        place++;
    }
    if (place == count) {
        return filter_take(&page->filter, count, words, now_ms);
    }
    if (count > 1) {
        fputs("troupe: jobId= is used without other words\n", stderr);
        return false;
    }
    page->jobs = words[place] + sizeof name_of_ids - 1;
    return are_ids(page->jobs);
}

enum status job_page_path(const struct job_page *page, int64_t limit, const char *cursor,
                          struct buffer *path)
{
    enum status status = STATUS_OK;
    if (page->jobs != NULL) {
        status = buffer_append_format(path, "/api/v1/admin/jobs?jobId=");
        status = status == STATUS_OK ? filter_escape(page->jobs, path) : status;
        return status == STATUS_OK ? buffer_append(path, "", 1) : status;
    }
    status = buffer_append_format(path, "/api/v1/admin/jobs?limit=%" PRId64, limit);
    if (status == STATUS_OK) {
        status = filter_write_query(&page->filter, path);
    }
    if (status == STATUS_OK && cursor[0] != '\0') {
        status = buffer_append_format(path, "&cursor=");
    }
    if (status == STATUS_OK) {
        status = filter_escape(cursor, path);
    }
    return status == STATUS_OK ? buffer_append(path, "", 1) : status;
}

/* ---- how it is shown ---- */

void job_page_table(struct table *table)
{
    static const char *const names[] = {"JOB",       "QUEUE", "STATUS",  "NAME",  "OWNER",
                                        "#PROGRESS", "STEP",  "CREATED", "ERROR", NULL};
    /* The beginning of an id names a job, too: how it stands is told before the whole of that. */
    static const struct table_step steps[] = {
        {"STEP", 0},  {"OWNER", 16}, {"CREATED", 19}, {"CREATED", 0}, {"NAME", 24}, {"PROGRESS", 0},
        {"OWNER", 0}, {"NAME", 12},  {"JOB", 18},     {"NAME", 0},    {"QUEUE", 0}, {NULL, 0},
    };
    table_init(table, names);
    table_narrow(table, steps);
    table_flow(table, BESIDE_STEPS);
}

static const char *text_at(const struct document *document, size_t index, const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.jobs.%zu.%s", index, name);
    return document_text(document, member, "");
}

static enum table_colour colour_of(const char *status)
{
    if (strcmp(status, "completed") == 0) {
        return TABLE_GREEN;
    }
    if (strcmp(status, "failed") == 0) {
        return TABLE_RED;
    }
    return strcmp(status, "active") == 0 ? TABLE_CYAN : TABLE_YELLOW;
}

void job_page_put(struct table *table, const struct document *document, size_t index)
{
    char member[MEMBER_SIZE];
    const char *status = text_at(document, index, "status");
    const char *error = text_at(document, index, "failedReason.message");
    const char *step = text_at(document, index, "step");
    char reason[WAIT_REASON_SIZE];
    snprintf(member, sizeof member, "data.jobs.%zu", index);
    wait_reason_write(document, member, reason);
    snprintf(member, sizeof member, "data.jobs.%zu.progress", index);
    if (error[0] == '\0') {
        error = text_at(document, index, "lastError.message");
    }
    if (error[0] == '\0') {
        error = text_at(document, index, "failedReason");
    }
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "jobId"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "queue"));
    table_put(table, colour_of(status), "%s", status);
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "character.name"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "owner"));
    table_put(table, TABLE_PLAIN, "%lld%%", (long long)document_integer(document, member, 0));
    table_put(table, TABLE_PLAIN, "%s", reason[0] != '\0' ? reason : step);
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "createdAt"));
    table_put(table, TABLE_PLAIN, "%s", error);
}
