#include "actors/providers.h"

#include <stdio.h>
#include <string.h>

enum {
    NOT_KNOWN_WAIT_MS = 30000, /* until another worker is tried, or the same one started anew */
};

void paid_call_begins(struct task *task, const struct paid_call *paid, int64_t at_ms)
{
    if (!task_providers(task)->is_null) {
        task_call_begins(task, paid->endpoint->name, operations_purpose(paid->number),
                         at_ms > 0 ? at_ms : task_now_ms(task));
    }
}

static void submit_now(struct task *task, void *context)
{
    struct paid_call *paid = context;
    paid_call_begins(task, paid, 0);
    paid->stage = PAID_STAGE_SENT;
    paid->submit(task, paid);
}

static void fail_now(struct task *task, void *context);

/* The broker knows that the call would be in vain, or too much for the account. */
static void is_denied(struct task *task, void *context, enum denial reason, int64_t retry_after_ms,
                      bool may_be_recorded)
{
    struct paid_call *paid = context;
    int64_t now_ms = task_now_ms(task);
    bool is_down = reason == DENIAL_DOWN;
    struct provider_failure failure = {
        .kind = FAIL_KIND_THROTTLED,
        .code = is_down ? "provider_down" : "provider_limited",
    };
    provider_avoid(paid->endpoint, now_ms + retry_after_ms);
    if (!provider_may_be_another(paid, now_ms)) {
        failure.retry_after_ms = retry_after_ms;
    }
    snprintf(failure.message, sizeof(failure.message),
             is_down ? "%s has failed for everybody and is not asked for a while"
                     : "the account of %s is called as often as it may be",
             paid->endpoint->name);
    if (may_be_recorded) {
        paid_fail(task, paid, &failure);
    } else {
        paid->failure = failure;
        fail_now(task, paid);
    }
}

static void record_intent(struct task *task, void *context)
{
    struct paid_call *paid = context;
    if (provider_store_is_bad(task, &paid->failure)) {
        fail_now(task, paid);
        return;
    }
    paid->price = paid->is_covered ? 0 : paid->price;
    const struct operation_record intent = {
        .operation = paid->number,
        .state = OPERATION_STATE_INTENT,
        .price = paid->price,
        .provider = paid->endpoint->name,
        .repeats = paid->is_last,
        .call = paid->call,
        .denied = is_denied,
    };
    paid->stage = PAID_STAGE_ASKED;
    task_operation(task, &intent, submit_now, paid);
}

/* With what is known of the last one: it may have been answered, in words that say nothing of what
 * it has come to. */
static void give_up(struct task *task, void *context)
{
    const struct paid_call *paid = context;
    const char *last = paid->failure.message;
    char words[2 * ERROR_TEXT_SIZE_MAX];
    snprintf(words, sizeof(words),
             "two calls to the provider had no known outcome; whether they were performed and "
             "charged is not known, so no third one is made%s%s",
             last[0] == '\0' ? "" : "; the last one: ", last);
    task_fail(task, FAIL_KIND_PERMANENT, "outcome_unknown", slice_from_string(words), 0);
}

/* A call that was cut off may still come to something that can be seen: its repetition waits. */
static void wait_then(struct task *task, struct paid_call *paid, task_function *then)
{
    int64_t left_ms = operations_wait_ms(paid->unknown_at_ms, task_providers(task)->repeat_after_ms,
                                         task_now_ms(task));
    if (left_ms > 0) {
        task_after(task, left_ms, then, paid);
    } else {
        then(task, paid);
    }
}

/* What is on record is up to date. */
static void go_on(struct task *task, void *context)
{
    struct paid_call *paid = context;
    bool is_unknown = paid->is_last || paid->otherwise == give_up;
    if (is_unknown && paid->look_up != NULL && paid->endpoint->looks_up) {
        wait_then(task, paid, paid->look_up);
    } else if (paid->is_last) {
        wait_then(task, paid, paid->otherwise);
    } else {
        paid->otherwise(task, paid);
    }
}

static void choose(struct task *task, struct paid_call *paid, const struct operation_plan *plan)
{
    int64_t now_ms = task_now_ms(task);
    struct provider_endpoint *known = provider_list_find(paid->list, plan->provider);
    paid->is_bound = known != NULL && (plan->advice == OPERATION_ADVICE_RESUME ||
                                       known->idempotency_header != NULL || known->looks_up);
    bool is_wanted = paid->is_bound || (known != NULL && known->avoid_until_ms <= now_ms);
    paid->endpoint = is_wanted ? known : provider_list_choose(paid->list, now_ms);
}

struct operation_plan paid_plan(struct task *task, struct paid_call *paid, uint8_t first,
                                enum provider_use use)
{
    size_t count = 0;
    const struct recorded_operation *operations = task_operations(task, &count);
    struct provider_list *list = &task_providers(task)->lists[use];
    struct operation_plan plan = operations_plan(operations, count, first, list);
    if (paid->endpoint == NULL) {
        paid->list = list;
        choose(task, paid, &plan);
    }
    return plan;
}

/* What was ordered at a provider which this actor does not know: it is paid for, or may be, and
 * another actor may know it, or this one after its settings were mended. */
static void wait_for_who_knows(struct task *task, struct slice provider)
{
    struct buffer words;
    buffer_init(&words, PROVIDER_SIZE_MAX + 256);
    enum status status = buffer_append_format(
        &words,
        "it was ordered at the provider \"%.*s\", which the settings of this worker do not "
        "name: the job waits for one that does",
        SLICE_PRINT(provider));
    task_fail(task, FAIL_KIND_THROTTLED, "provider_not_known",
              status == STATUS_OK ? buffer_slice(&words) : SLICE_EMPTY, NOT_KNOWN_WAIT_MS);
    buffer_fini(&words);
}

/* What an earlier attempt has announced, and nobody has told the outcome of. */
static void mark_lost(struct task *task, struct paid_call *paid, uint8_t number,
                      const struct provider_endpoint *called, uint32_t price, uint32_t call,
                      task_function *then)
{
    const struct operation_record lost = {
        .operation = number,
        .state = OPERATION_STATE_UNKNOWN,
        .price = price,
        .provider = called->name,
        .call = call,
    };
    task_operation(task, &lost, then, paid);
}

bool paid_begin(struct task *task, struct paid_call *paid, uint8_t first, enum provider_use use,
                task_function *submit, struct slice *resume_out)
{
    struct operation_plan plan = paid_plan(task, paid, first, use);
    paid->submit = submit;
    paid->number = plan.number;
    paid->is_last = plan.number == first + OPERATION_SUBMISSIONS_MAX - 1;
    paid->unknown_at_ms = plan.unknown_at_ms;
    paid->call = plan.call;
    paid->price = plan.advice == OPERATION_ADVICE_RESUME ? plan.price : paid->endpoint->price;
    if (plan.advice == OPERATION_ADVICE_RESUME) {
        paid->stage = PAID_STAGE_TAKEN;
        *resume_out = plan.task;
        paid_call_begins(task, paid, plan.task_at_ms);
        return true;
    }
    if (plan.advice == OPERATION_ADVICE_WAIT) {
        wait_for_who_knows(task, plan.provider);
        return false;
    }
    paid->unknown_number = plan.unknown_number;
    if (!slice_equal(plan.provider, slice_from_string(paid->endpoint->name))) {
        paid->look_up = NULL; /* it was made elsewhere */
    } else {
        paid->is_covered = plan.call != 0 && paid->endpoint->idempotency_header != NULL;
    }
    paid->otherwise = plan.advice == OPERATION_ADVICE_GIVE_UP ? give_up : record_intent;
    if (plan.mark_unknown) {
        const struct provider_endpoint *called = provider_list_find(paid->list, plan.provider);
        mark_lost(task, paid, plan.mark_number, called == NULL ? paid->endpoint : called,
                  plan.mark_price, plan.call, go_on);
    } else {
        go_on(task, paid);
    }
    return false;
}

void paid_choose(struct task *task, struct paid_call *paid, uint8_t number, enum provider_use use)
{
    paid->list = &task_providers(task)->lists[use];
    paid->endpoint = provider_list_choose(paid->list, task_now_ms(task));
    paid->price = paid->endpoint->price;
    paid->number = number;
}

static void order_now(struct task *task, void *context)
{
    struct paid_call *paid = context;
    if (paid->price > 0) {
        record_intent(task, paid);
    } else {
        paid_call_begins(task, paid, 0);
        paid->submit(task, paid);
    }
}

/* One that was lost with an earlier attempt stands under its own provider and price. */
void paid_order(struct task *task, struct paid_call *paid, task_function *submit)
{
    size_t count = 0;
    const struct recorded_operation *operations = task_operations(task, &count);
    paid->submit = submit;
    for (size_t index = 0; index < count; index++) {
        const struct recorded_operation *found = &operations[index];
        const struct provider_endpoint *called = provider_list_find(paid->list, found->provider);
        bool is_lost = found->operation == paid->number && found->state == OPERATION_STATE_INTENT;
        if (is_lost && called != NULL) {
            mark_lost(task, paid, paid->number, called, found->price, found->call, order_now);
            return;
        }
    }
    order_now(task, paid);
}

size_t paid_key_header(struct task *task, const struct paid_call *paid, char *line)
{
    const char *name = paid->endpoint->idempotency_header;
    const struct message_job *job = task_job(task);
    char id[ID_TEXT_SIZE];
    if (name == NULL) {
        return 0;
    }
    id_format(&job->job, id);
    snprintf(line, PAID_KEY_LINE_SIZE, "%s: troupe-%s-%u", name, id,
             paid->call == 0 ? job->lease : paid->call);
    return 1;
}

static void fail_now(struct task *task, void *context)
{
    struct paid_call *paid = context;
    const struct provider_failure *failure = &paid->failure;
    bool can_be_told = paid->look_up != NULL && paid->endpoint->looks_up;
    bool is_enough = failure->is_unknown && !paid->is_written_off && paid->is_last && !can_be_told;
    paid->stage = PAID_STAGE_OVER;
    if (is_enough && !failure->is_charged) {
        give_up(task, paid);
        return;
    }
    task_fail(task, is_enough ? FAIL_KIND_PERMANENT : failure->kind, failure->code,
              slice_from_string(failure->message), failure->retry_after_ms);
}

/* How a call that has failed is recorded. */
static enum operation_state outcome_of(const struct paid_call *paid)
{
    if (paid->is_written_off) {
        return OPERATION_STATE_ABANDONED;
    }
    return paid->failure.is_unknown ? OPERATION_STATE_UNKNOWN : OPERATION_STATE_REFUSED;
}

static enum charge charge_of(const struct provider_failure *failure)
{
    if (failure->is_charged) {
        return CHARGE_YES;
    }
    return failure->is_unknown ? CHARGE_UNKNOWN : CHARGE_NO;
}

/* A repetition that met the call which it repeats: the provider works on that one, and has made
 * nothing for this one. What is made later, with the same key, has the answer of both. */
static bool is_under_way(const struct paid_call *paid, const struct provider_failure *failure)
{
    return paid->is_covered && strcmp(failure->code, "provider_conflict") == 0;
}

void paid_fail(struct task *task, struct paid_call *paid, const struct provider_failure *told)
{
    struct provider_failure *failure = &paid->failure;
    *failure = *told;
    if (is_under_way(paid, failure)) {
        failure->is_unknown = false;
        if (failure->retry_after_ms == 0) {
            failure->retry_after_ms = task_providers(task)->repeat_after_ms;
        }
    }
    const struct operation_record record = {
        .operation = paid->number,
        .state = outcome_of(paid),
        .charged = charge_of(failure),
        .price = paid->price,
        .provider = paid->endpoint->name,
        .call = paid->call,
        .task = paid->gone,
    };
    paid->stage = PAID_STAGE_FAILED;
    task_operation(task, &record, fail_now, paid);
}

void paid_succeeded(struct task *task, const struct paid_call *paid, struct slice task_id)
{
    const struct operation_record record = {
        .operation = paid->number,
        .state = OPERATION_STATE_FINISHED,
        .charged = CHARGE_YES,
        .repeats = paid->is_last,
        .price = paid->price,
        .provider = paid->endpoint->name,
        .call = paid->call,
        .task = task_id,
    };
    task_call_ends(task, paid->price);
    if (paid->price > 0 || paid->is_covered) {
        task_tell_operation(task, &record);
    }
}

/* ---- the end of an attempt ---- */

static void close_now(struct task *task, void *context)
{
    struct paid_call *paid = context;
    if (paid->closed != NULL) {
        paid->closed(task, paid);
    } else {
        task_closed(task);
    }
}

void paid_close_as(struct task *task, struct paid_call *paid, enum operation_state state,
                   enum charge charged, struct slice task_id)
{
    const struct operation_record record = {
        .operation = paid->number,
        .state = state,
        .charged = charged,
        .repeats = paid->is_last,
        .price = paid->price,
        .provider = paid->endpoint->name,
        .call = paid->call,
        .task = task_id,
    };
    task_operation(task, &record, close_now, paid);
}

void paid_close(struct task *task, struct paid_call *paid, const struct ending *ending)
{
    bool is_wanted = ending->kind == FAIL_KIND_RETRY || !ending->is_final;
    bool is_paid = paid->stage == PAID_STAGE_SENT || paid->stage == PAID_STAGE_TAKEN;
    if (paid->stage == PAID_STAGE_NONE || paid->stage == PAID_STAGE_OVER) {
        close_now(task, paid);
    } else if (paid->stage == PAID_STAGE_FAILED &&
               (paid->failure.is_unknown || paid->failure.is_charged)) {
        paid_close_as(task, paid, outcome_of(paid), charge_of(&paid->failure), paid->gone);
    } else if (!is_paid || task_providers(task)->is_null) { /* nothing is to be paid */
        paid_close_as(task, paid, OPERATION_STATE_REFUSED, CHARGE_NO, SLICE_EMPTY);
    } else if (paid->stage == PAID_STAGE_SENT) {
        paid_close_as(task, paid, OPERATION_STATE_UNKNOWN, CHARGE_UNKNOWN, SLICE_EMPTY);
    } else { /* made, and lost: who wants it still may have it made once more */
        paid_close_as(task, paid, is_wanted ? OPERATION_STATE_UNKNOWN : OPERATION_STATE_ABANDONED,
                      CHARGE_YES, SLICE_EMPTY);
    }
}
