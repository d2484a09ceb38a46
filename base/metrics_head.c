#include "base/metrics_head.h"

#include "base/header_list.h"

/* Takes a line off the front, without its end. */
static struct slice take_line(struct slice *text)
{
    const uint8_t *end = memchr(text->data, '\n', text->size);
    size_t size = end == NULL ? text->size : (size_t)(end - text->data);
    struct slice line = slice_make(text->data, size);
    size_t taken = end == NULL ? size : size + 1;
    *text = slice_make(text->data + taken, text->size - taken);
    line.size -= line.size > 0 && line.data[line.size - 1] == '\r';
    return line;
}

static enum status read_request(struct slice line, struct metrics_head *out)
{
    out->method = header_part_take(&line, ' ');
    struct slice target = header_part_take(&line, ' ');
    out->path = header_part_take(&target, '?');
    bool is_http = line.size > 7 && memcmp(line.data, "HTTP/1.", 7) == 0;
    return is_http && out->method.size > 0 && out->path.size > 0 && out->path.data[0] == '/'
               ? STATUS_OK
               : STATUS_MALFORMED;
}

enum status metrics_head_read(struct slice bytes, struct metrics_head *out)
{
    bool is_whole = bytes.size >= 4 && memmem(bytes.data, bytes.size, "\r\n\r\n", 4) != NULL;
    *out = (struct metrics_head){0};
    if (!is_whole) {
        return bytes.size >= METRICS_HEAD_SIZE_MAX ? STATUS_TOO_LARGE : STATUS_AGAIN;
    }
    enum status status = read_request(take_line(&bytes), out);
    for (struct slice line = take_line(&bytes); line.size > 0 && status == STATUS_OK;
         line = take_line(&bytes)) {
        struct slice name = header_part_take(&line, ':');
        if (header_token_is(name, "accept")) {
            out->accept = header_part_take(&line, '\n');
        }
    }
    return status;
}
