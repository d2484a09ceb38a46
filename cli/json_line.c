#include "cli/json_line.h"

#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/terminal_text.h"

void json_line_begin(struct json_line *line)
{
    buffer_init(&line->text, JSON_LINE_SIZE_MAX);
    json_writer_init(&line->json, &line->text);
    json_object_begin(&line->json);
}

enum status json_line_write(struct json_line *line, struct buffer *out)
{
    json_object_end(&line->json);
    enum status status = json_writer_status(&line->json);
    if (status == STATUS_OK) {
        status = terminal_json(buffer_slice(&line->text), out);
    }
    buffer_fini(&line->text);
    return status == STATUS_OK ? buffer_append(out, "\n", 1) : status;
}

int json_line_end(struct json_line *line)
{
    struct buffer shown;
    buffer_init(&shown, JSON_LINE_SIZE_MAX);
    enum status status = json_line_write(line, &shown);
    if (status == STATUS_OK) {
        printf("%.*s", SLICE_PRINT(buffer_slice(&shown)));
        fflush(stdout);
    } else {
        fprintf(stderr, "troupe: cannot tell it as JSON: %s\n", status_text(status));
    }
    buffer_fini(&shown);
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

void json_line_drop(struct json_line *line)
{
    buffer_fini(&line->text);
}

enum status json_line_put(struct json_writer *json, const struct document *document,
                          const char *path)
{
    struct buffer text;
    const char *dot = strrchr(path, '.');
    buffer_init(&text, JSON_LINE_SIZE_MAX);
    enum status status = document_write(document, path, false, &text);
    if (status == STATUS_OK) {
        json_name(json, dot == NULL ? path : dot + 1);
        json_put_raw(json, buffer_slice(&text));
        status = json_writer_status(json);
    }
    buffer_fini(&text);
    return status;
}
