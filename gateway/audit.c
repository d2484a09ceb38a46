#include "gateway/audit.h"

#include <stdlib.h>
#include "base/log.h"
#include "base/token.h"
#include "gateway/audit_words.h"
#include "gateway/exchange.h"
#include "gateway/respond.h"

struct note;

/* What an exchange waits for; in its pool. */
struct waiting {
    struct note *note; /* NULL: it has ended */
    audit_done *done;
    void *data;
};

/* One line on its way. */
struct note {
    struct request request; /* NOTE_AUDIT; its texts are below */
    struct list node;       /* in audit.notes */
    struct audit *audit;
    struct exchange *exchange; /* NULL: gone, or there was none */
    struct waiting *waiting;   /* of the exchange */
    char user[OWNER_SIZE_MAX];
    char role[ROLE_SIZE_MAX];
    char action[ACTION_SIZE_MAX];
    char target[AUDIT_TARGET_SIZE_MAX];
    char request_id[REQUEST_ID_MAX];
};

/* ---- life ---- */

void audit_init(struct audit *audit, struct gateway *gateway)
{
    *audit = (struct audit){.gateway = gateway};
    list_init(&audit->notes);
}

static void note_destroy(struct note *note)
{
    requests_remove(&note->audit->gateway->requests, &note->request);
    list_remove(&note->node);
    note->audit->note_count--;
    free(note);
}

void audit_fini(struct audit *audit)
{
    while (audit->gateway != NULL && !list_is_empty(&audit->notes)) {
        note_destroy(LIST_OWNER(audit->notes.next, struct note, node));
    }
}

/* ---- a line ---- */

static struct slice keep(char *out, struct slice text)
{
    if (text.size > 0) {
        memcpy(out, text.data, text.size);
    }
    return slice_make(out, text.size);
}

static struct slice or_none(struct slice text)
{
    return text.size > 0 ? text : SLICE_LITERAL("-");
}

static void tell_lost(const struct message_note_audit *line)
{
    struct slice target = or_none(line->target);
    struct slice request_id = or_none(line->request_id);
    log_warn("a line of the audit log is lost",
             "user=\"%.*s\" action=%.*s target=\"%.*s\" outcome=%s request=%.*s",
             SLICE_PRINT(line->user), SLICE_PRINT(line->action), SLICE_PRINT(target),
             audit_outcome_name((enum audit_outcome)line->outcome), SLICE_PRINT(request_id));
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct note *note = LIST_OWNER(request, struct note, request);
    struct exchange *exchange = note->exchange;
    struct waiting *waiting = note->waiting;
    bool written = answer->message != NULL && answer->message->reply.code == REPLY_CODE_OK;
    if (!written) {
        tell_lost(&request->message.note_audit);
    }
    note_destroy(note);
    if (exchange != NULL) {
        waiting->note = NULL;
        waiting->done(exchange, written, waiting->data);
    }
}

/* Sends a line. Returns NULL when there is no room, which is logged. */
static struct note *note_send(struct audit *audit, const struct message_note_audit *line)
{
    struct note *note = audit->note_count < AUDIT_NOTES_MAX ? calloc(1, sizeof(*note)) : NULL;
    if (note == NULL) {
        tell_lost(line);
        return NULL;
    }
    struct message *message = &note->request.message;
    message->type = MESSAGE_TYPE_NOTE_AUDIT;
    message->note_audit = *line;
    message->note_audit.user = keep(note->user, line->user);
    message->note_audit.role = keep(note->role, line->role);
    message->note_audit.action = keep(note->action, line->action);
    message->note_audit.target = keep(note->target, line->target);
    message->note_audit.request_id = keep(note->request_id, line->request_id);
    note->request.done = on_answer;
    note->audit = audit;
    audit->note_count++;
    list_append(&audit->notes, &note->node);
    if (gateway_ask(audit->gateway, &note->request) != STATUS_OK) {
        tell_lost(line);
        note_destroy(note);
        return NULL;
    }
    return note;
}

static void waiting_dispose(void *memory)
{
    struct waiting *waiting = memory;
    if (waiting->note != NULL) {
        waiting->note->exchange = NULL;
    }
}

/* Sends a line that an exchange waits for; without room for it, it has waited long enough. */
static void send_for(struct exchange *exchange, const struct message_note_audit *line,
                     audit_done *done, void *data)
{
    struct waiting *waiting = exchange_hold(exchange, sizeof(*waiting), waiting_dispose);
    struct note *note = note_send(&exchange->gateway->audit, line);
    *waiting = (struct waiting){note, done, data};
    if (note == NULL) {
        done(exchange, false, data);
        return;
    }
    note->exchange = exchange;
    note->waiting = waiting;
}

/* ---- who asks ---- */

struct audit_by audit_by(struct exchange *exchange, struct slice action)
{
    if (action.size == 0) {
        char *text = exchange_allocate(exchange, ACTION_SIZE_MAX);
        action = audit_action(exchange->match.route, text);
    }
    return (struct audit_by){
        .user = exchange->owner,
        .role = slice_from_string(token_role_name(exchange->role)),
        .action = action,
        .request_id = exchange->request_id,
    };
}

struct audit_by audit_by_of(struct exchange *exchange, struct slice owner, struct slice action)
{
    bool is_for_admins = exchange->match.route->auth == ROUTE_AUTH_ADMIN;
    bool is_of_another = exchange->admin && !slice_equal(exchange->owner, owner);
    return is_for_admins || is_of_another ? audit_by(exchange, action) : (struct audit_by){0};
}

static struct message_note_audit line_of(const struct audit_by *by)
{
    return (struct message_note_audit){
        .user = by->user,
        .role = by->role,
        .action = by->action,
        .request_id = by->request_id,
    };
}

/* ---- refused ---- */

static void on_refused(struct exchange *exchange, bool written, void *data)
{
    const struct http_error *const *error = data;
    (void)written;
    respond_error(exchange, *error, NULL);
}

void audit_refuse(struct exchange *exchange, enum audit_outcome outcome,
                  const struct http_error *error)
{
    struct audit *audit = &exchange->gateway->audit;
    const struct audit_by by = audit_by(exchange, SLICE_EMPTY);
    struct message_note_audit line = line_of(&by);
    line.target = audit_target(&exchange->match);
    line.outcome = (uint8_t)outcome;
    int64_t now_ms = gateway_now_ms(audit->gateway);
    bool has_line = audit_rates_take(&audit->rates, by.user, by.role, now_ms);
    if (has_line && session_is_current(&audit->gateway->session, now_ms)) {
        const struct http_error **kept = exchange_allocate(exchange, sizeof(*kept));
        *kept = error;
        send_for(exchange, &line, on_refused, kept);
        return;
    }
    if (has_line) {
        note_send(audit, &line); /* nothing has changed: nobody waits for the broker to be back */
    }
    respond_error(exchange, error, NULL);
}

void audit_tick(struct audit *audit, int64_t now_ms)
{
    struct audit_rest rest;
    while (session_is_current(&audit->gateway->session, now_ms) &&
           audit_rates_over(&audit->rates, now_ms, &rest)) {
        const struct message_note_audit line = {
            .user = slice_make(rest.user, rest.user_size),
            .role = slice_make(rest.role, rest.role_size),
            .action = SLICE_LITERAL("refused"),
            .outcome = AUDIT_OUTCOME_FORBIDDEN,
            .left_out = rest.left_out,
        };
        note_send(audit, &line);
    }
}

/* ---- done ---- */

void audit_note(struct exchange *exchange, const struct audit_by *by, audit_done *done, void *data)
{
    const struct message_note_audit line = line_of(by);
    send_for(exchange, &line, done, data);
}
