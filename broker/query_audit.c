#include "broker/query_audit.h"

#include "broker/bytes.h"
#include "broker/forget.h"
#include "broker/keys.h"
#include "broker/values.h"

enum {
    LINES_PER_QUESTION = 64, /* lines between two looks at the time */
    LINES_SKIPPED = 10000,   /* numbers left out when nobody can say which was the last: more than
                                 stand in a block, a hundredth of those that are kept */
};

static const uint8_t KEY_END = KEY_AUDIT + 1;

/* ---- the newest ---- */

struct newest {
    uint64_t number;
    const struct view *view;
};

static bool take_newest(void *context, struct slice key, struct slice value)
{
    struct newest *newest = context;
    (void)value;
    if (!key_read_audit(key, &newest->number)) {
        view_note_entry(newest->view);
        return true;
    }
    return false;
}

enum status query_audit_last(struct view *view, uint64_t *out)
{
    uint8_t from[KEY_BYTES_MAX];
    struct newest newest = {.view = view};
    enum status status = view->methods->scan(view, key_audit(from, UINT64_MAX),
                                             slice_make(&KEY_END, 1), take_newest, &newest);
    /* The newest lines cannot be read: the next one must not be put among them. */
    *out = newest.number + (status == STATUS_MALFORMED ? LINES_SKIPPED : 0);
    return view_pass_over(view, status);
}

/* ---- a page ---- */

struct look {
    const struct view *view;
    const struct message_get_audit *request;
    const struct search_limit *limit;
    int64_t before;  /* what is older is told no longer */
    uint64_t above;  /* nor is what has this number or a lower one */
    uint64_t number; /* of the line that was looked at last */
    bool is_over;    /* older lines are not told */
    bool is_stopped; /* the page is full, or its time over */
    enum status status;
    struct message page;
    struct buffer lines; /* a frame with the AUDIT_LINEs */
    struct frame_writer writer;
};

static bool is_wanted(const struct look *look, const struct message_audit_line *line)
{
    const struct message_get_audit *request = look->request;
    return (request->user.size == 0 || slice_equal(request->user, line->user)) &&
           (request->action.size == 0 || slice_equal(request->action, line->action));
}

/* Whether the look ends before this line. */
static bool is_full(const struct look *look)
{
    const struct message_audit_page *page = &look->page.audit_page;
    bool is_asked = page->scanned > 0 && page->scanned % LINES_PER_QUESTION == 0;
    return page->count == look->request->limit ||
           (is_asked && look->limit->is_over(look->limit->context));
}

static bool take_line(void *context, struct slice key, struct slice value)
{
    struct look *look = context;
    struct message message = {.type = MESSAGE_TYPE_AUDIT_LINE};
    uint64_t number;
    if (!key_read_audit(key, &number)) {
        view_note_entry(look->view);
        return true;
    }
    bool is_damaged = audit_value_read(value, &message.audit_line) != STATUS_OK;
    look->is_over = number <= look->above || (!is_damaged && message.audit_line.at < look->before);
    look->is_stopped = !look->is_over && is_full(look);
    if (look->is_over || look->is_stopped) {
        return false;
    }
    look->number = number;
    look->page.audit_page.scanned++;
    if (is_damaged) {
        view_note_entry(look->view);
    } else if (is_wanted(look, &message.audit_line)) {
        look->page.audit_page.count++;
        look->status = frame_write(&look->writer, &message);
    }
    return look->status == STATUS_OK;
}

static enum status walk(struct view *view, struct look *look)
{
    uint8_t from[KEY_BYTES_MAX];
    struct slice cursor = look->request->cursor;
    uint64_t begin = cursor.size == 0 ? UINT64_MAX : bytes_get_64(cursor.data) - 1;
    enum status status = frame_begin(&look->writer, &look->lines, 0);
    if (status == STATUS_OK) {
        status =
            view_pass_over(view, view->methods->scan(view, key_audit(from, begin),
                                                     slice_make(&KEY_END, 1), take_line, look));
    }
    return status == STATUS_OK ? look->status : status;
}

static enum status write_page(struct look *look, struct frame_writer *out)
{
    uint8_t cursor[AUDIT_CURSOR_SIZE];
    struct message_audit_page *page = &look->page.audit_page;
    page->exhausted = !look->is_stopped;
    if (look->is_stopped) {
        bytes_put_64(cursor, look->number);
        page->next = slice_make(cursor, sizeof cursor);
    }
    enum status status = frame_write(out, &look->page);
    if (status == STATUS_OK && page->count > 0) {
        status = frame_splice(out, frame_records(&look->writer), page->count);
    }
    return status;
}

/* Lines are counted from 1: there is none before the first. */
static bool is_valid(const struct message_get_audit *request)
{
    struct slice cursor = request->cursor;
    bool is_cursor = cursor.size == AUDIT_CURSOR_SIZE && bytes_get_64(cursor.data) > 0;
    return request->limit > 0 && (cursor.size == 0 || is_cursor);
}

enum status query_audit(struct view *view, const struct message_get_audit *request,
                        const struct search_limit *limit, int64_t now, struct frame_writer *out)
{
    uint64_t last;
    struct look look = {
        .view = view,
        .request = request,
        .limit = limit,
        .before = now - AUDIT_KEPT_S * INT64_C(1000),
        .page = {.type = MESSAGE_TYPE_AUDIT_PAGE, .audit_page = {.request = request->request}},
    };
    if (!is_valid(request)) {
        look.page.audit_page.code = REPLY_CODE_INVALID;
        return frame_write(out, &look.page);
    }
    buffer_init(&look.lines, FRAME_SIZE_MAX);
    enum status status = query_audit_last(view, &last);
    if (status == STATUS_OK) {
        look.above = forget_audit_above(last);
        status = walk(view, &look);
    }
    if (status == STATUS_OK) {
        status = write_page(&look, out);
    }
    buffer_fini(&look.lines);
    return status;
}
