#include "cli/problem.h"

#include <stdio.h>
#include <string.h>
#include "cli/document.h"

/* What the lines call that which is wrong: a variable, or a file. */
static const char *subject_of(const struct document *line)
{
    static const char *const names[] = {"name", "setting", "path", "file"};
    const char *subject = NULL;
    for (size_t index = 0; index < sizeof names / sizeof names[0] && subject == NULL; index++) {
        subject = document_text(line, names[index], NULL);
    }
    return subject;
}

/* The message as what is said of a subject: "setting is missing" becomes "is missing". */
static const char *predicate_of(const char *message, const char **between)
{
    static const char *const begins[] = {"setting ", "a setting ", "providers file "};
    for (size_t index = 0; index < sizeof begins / sizeof begins[0]; index++) {
        if (strncmp(message, begins[index], strlen(begins[index])) == 0) {
            *between = " ";
            return message + strlen(begins[index]);
        }
    }
    *between = ": ";
    return message;
}

/* Where in a file it is, and what the system said. */
static enum status write_rest(const struct document *line, struct buffer *out)
{
    static const char *const names[] = {"use", "entry", "line", "status", "bytes_min", "bytes_max"};
    enum status status = STATUS_OK;
    bool is_first = true;
    for (size_t index = 0; index < sizeof names / sizeof names[0] && status == STATUS_OK; index++) {
        const char *text = document_text(line, names[index], NULL);
        int64_t number = document_integer(line, names[index], -1);
        if (text == NULL && number < 0) {
            continue;
        }
        status = buffer_append_format(out, "%s%s ", is_first ? " (" : ", ", names[index]);
        if (status == STATUS_OK && text != NULL) {
            status = buffer_append_format(out, "%s", text);
        } else if (status == STATUS_OK) {
            status = buffer_append_format(out, "%lld", (long long)number);
        }
        is_first = false;
    }
    return status == STATUS_OK && !is_first ? buffer_append_format(out, ")") : status;
}

static enum status write_words(const struct document *line, struct buffer *out)
{
    const char *between = ": ";
    const char *subject = subject_of(line);
    const char *value = document_text(line, "value", NULL);
    const char *need = document_text(line, "need", NULL);
    const char *message = document_text(line, "msg", "");
    const char *problem = document_text(line, "problem", NULL);
    const char *member = document_text(line, "member", NULL); /* of a file */
    enum status status = STATUS_OK;
    if (subject == NULL) {
        status = buffer_append_format(out, problem == NULL ? "%s" : "%s: %s", message, problem);
    } else if (value != NULL && need != NULL) {
        status = buffer_append_format(out, "%s is \"%s\": it takes %s", subject, value, need);
    } else if (need != NULL) {
        status = buffer_append_format(out, "%s must be %s", subject, need);
    } else if (value != NULL && problem != NULL) {
        status = buffer_append_format(out, "%s is \"%s\": %s", subject, value, problem);
    } else if (problem != NULL && strcmp(message, "bad setting") == 0) {
        status = buffer_append_format(out, "%s %s", subject, problem);
    } else if (member != NULL && problem != NULL) {
        status = buffer_append_format(out, "%s is wrong: %s %s", subject, member, problem);
    } else {
        const char *said = predicate_of(message, &between);
        status = buffer_append_format(out, problem == NULL ? "%s%s%s" : "%s%s%s: %s", subject,
                                      between, said, problem);
    }
    return status == STATUS_OK ? write_rest(line, out) : status;
}

enum status problem_write(struct slice line, struct buffer *out)
{
    struct document *document = NULL;
    if (line.size == 0 || line.data[0] != '{' || document_parse(line, &document) != STATUS_OK) {
        return buffer_append_slice(out, line);
    }
    enum status status = write_words(document, out);
    document_destroy(&document);
    return status;
}
