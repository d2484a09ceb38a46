#include "broker/search.h"

#include <stdlib.h>
#include "broker/name_match.h"
#include "broker/query.h"
#include "broker/query_job.h"

enum {
    KINDS_ASKED = (1 << JOB_KIND_ASKED_COUNT) - 1,
    KINDS_ALL = (1 << JOB_KIND_COUNT) - 1,
};

struct search {
    struct view *view;
    const struct message_search_jobs *filter;
    const struct search_limit *limit;
    struct merge merge;
    struct id named;       /* the job whose whole id the text is: it alone is looked at */
    uint64_t named_before; /* what merge_before is of others */
    uint64_t named_passed;
    bool has_begun;
    bool is_past; /* everything older is from before the filter's time */
    struct buffer record;
    struct buffer input;
    struct buffer scratch;
    struct name_match names;
};

/* ---- where it begins ---- */

struct newest {
    uint64_t accepted; /* 0: there is none */
    struct id job;
};

static bool take_first(void *context, struct slice key, struct slice value)
{
    struct newest *newest = context;
    (void)value;
    bool is_entry = key_read_tail(key, &newest->accepted, &newest->job);
    if (!is_entry) {
        newest->accepted = 0;
    }
    return !is_entry;
}

static bool is_over(const struct search *search)
{
    return search->limit->is_over(search->limit->context);
}

/* When the newest job accepted at most then was made; *accepted is 0 when there is none. In place
 * of one that is damaged, the next older one is looked at. */
static enum status look_at(struct search *search, uint64_t most, uint64_t *accepted, int64_t *at)
{
    static const struct id none;
    uint8_t from[KEY_BYTES_MAX];
    static const uint8_t to = KEY_AGE + 1;
    struct job_value value;
    enum status status;
    *at = 0;
    do {
        struct newest newest = {0};
        status = search->view->methods->scan(search->view, key_age(from, most, &none),
                                             slice_make(&to, 1), take_first, &newest);
        status = view_pass_over(search->view, status);
        *accepted = newest.accepted;
        if (status != STATUS_OK || newest.accepted == 0) {
            return status;
        }
        most = newest.accepted - 1;
        status = query_record(search->view, &newest.job, &search->record, &value);
    } while (query_is_damage(status) && !is_over(search));
    if (status == STATUS_OK) {
        *at = value.head.created_at;
    }
    return query_is_damage(status) ? STATUS_OK : status;
}

/* Jobs are accepted in the order of their times: looks at the newest, which often is old enough,
 * and halves what is left until it knows the first one that is too new. When its time is over the
 * walk begins at one that is, and the next one, behind its cursor, goes on with this. */
static enum status pass_over_newer(struct search *search, uint64_t *before)
{
    uint64_t low = 0; /* everything up to here is old enough */
    uint64_t middle = *before - 1;
    while (low + 1 < *before) {
        uint64_t accepted;
        int64_t at = 0;
        enum status status = look_at(search, middle, &accepted, &at);
        if (status != STATUS_OK) {
            return status;
        }
        if (accepted > low && at >= search->filter->to) {
            *before = accepted;
        } else {
            low = middle;
        }
        if (is_over(search)) {
            break;
        }
        middle = low + (*before - low) / 2;
    }
    return STATUS_OK;
}

static void add_sources(struct search *search, uint64_t before)
{
    const struct message_search_jobs *filter = search->filter;
    uint8_t kinds = filter->kinds == 0 ? (uint8_t)KINDS_ALL : filter->kinds;
    uint8_t states = filter->states == 0 ? (uint8_t)STATES_ALL : filter->states;
    if (!id_is_zero(&filter->error_group)) {
        states &= 1 << JOB_STATE_FAILED;
    }
    if (!id_is_zero(&filter->group)) {
        merge_add_group(&search->merge, &filter->group, before);
    } else if (filter->owner.size > 0 && (kinds & ~(unsigned)KINDS_ASKED) == 0) {
        merge_add_owner(&search->merge, filter->owner, kinds, states, before);
    } else {
        merge_add_age(&search->merge, kinds, states, before);
    }
    merge_make_hasty(&search->merge);
}

/* Finds out whether the text is a job's id. One that is damaged, or not there, is walked for. */
static enum status name_job(struct search *search, uint64_t before)
{
    struct job_value value;
    struct id id;
    if (id_parse(search->filter->text, &id) != STATUS_OK) {
        return STATUS_OK;
    }
    enum status status = query_record(search->view, &id, &search->record, &value);
    if (status == STATUS_OK) {
        search->named = id;
        search->named_before = before;
    }
    return query_is_damage(status) ? STATUS_OK : status;
}

enum status search_new(struct view *view, const struct message_search_jobs *filter,
                       const struct search_limit *limit, struct search **out)
{
    uint64_t before;
    struct search *search = calloc(1, sizeof *search);
    *out = NULL;
    if (search == NULL) {
        return STATUS_NO_MEMORY;
    }
    search->view = view;
    search->filter = filter;
    search->limit = limit;
    buffer_init(&search->record, VALUE_SIZE_MAX);
    buffer_init(&search->input, VALUE_SIZE_MAX);
    buffer_init(&search->scratch, VALUE_SIZE_MAX);
    enum status status = list_cursor_read(filter->cursor, &before) ? STATUS_OK : STATUS_INVALID;
    if (status == STATUS_OK) {
        status = name_job(search, before);
    }
    /* A group's newest jobs are soon passed over, and so is one that is named. */
    bool is_long = id_is_zero(&filter->group) && id_is_zero(&search->named);
    if (status == STATUS_OK && filter->to != 0 && is_long) {
        status = pass_over_newer(search, &before);
    }
    if (status != STATUS_OK) {
        search_destroy(&search);
        return status;
    }
    add_sources(search, before);
    *out = search;
    return STATUS_OK;
}

void search_destroy(struct search **search)
{
    struct search *old = *search;
    if (old != NULL) {
        buffer_fini(&old->record);
        buffer_fini(&old->input);
        buffer_fini(&old->scratch);
        free(old);
    }
    *search = NULL;
}

/* ---- the walk ---- */

/* Returns MALFORMED or NOT_FOUND for what is damaged. */
static enum status judge(struct search *search, const struct id *job, struct job_value *out,
                         bool *fits)
{
    struct message input;
    enum status status = query_record(search->view, job, &search->record, out);
    if (status != STATUS_OK) {
        return status;
    }
    search->is_past = search->filter->from != 0 && out->head.created_at < search->filter->from;
    enum filter_verdict verdict = filter_record(search->filter, out);
    *fits = verdict == FILTER_YES;
    if (verdict != FILTER_ASK_INPUT) {
        return STATUS_OK;
    }
    status = query_input(search->view, job, &search->input, &input);
    if (status == STATUS_OK) {
        status = filter_input(search->filter, out, &input.submit, &search->scratch, &verdict);
    }
    *fits = verdict == FILTER_YES;
    if (status == STATUS_OK && verdict == FILTER_ASK_NAME) {
        status = name_match_ask(&search->names, search->view, search->filter->text, out,
                                &search->input, fits);
    }
    return status;
}

static void give_damaged(const struct search *search, const struct source_entry *entry,
                         struct job_value *out)
{
    view_note_record(search->view, &entry->job);
    *out = (struct job_value){.head = {.id = entry->job, .accepted = entry->accepted}};
}

/* Gives the job that is named, once. */
static enum status next_named(struct search *search, enum search_end *end, struct job_value *out)
{
    bool fits = false;
    *end = SEARCH_EXHAUSTED;
    if (search->named_passed > 0) {
        return STATUS_OK;
    }
    enum status status = judge(search, &search->named, out, &fits);
    if (status == STATUS_OK) {
        fits = fits && out->head.accepted < search->named_before;
        search->named_passed = 1;
        search->named_before = fits ? out->head.accepted : search->named_before;
        *end = fits ? SEARCH_FOUND : SEARCH_EXHAUSTED;
    }
    return query_is_damage(status) ? STATUS_OK : status;
}

enum status search_next(struct search *search, enum search_end *end, struct job_value *out)
{
    if (!id_is_zero(&search->named)) {
        return next_named(search, end, out);
    }
    for (;;) {
        struct source_entry entry;
        bool live = false;
        bool found = false;
        bool fits = false;
        if (search->is_past) {
            *end = SEARCH_EXHAUSTED;
            return STATUS_OK;
        }
        if (search->has_begun && is_over(search)) {
            *end = SEARCH_STOPPED;
            return STATUS_OK;
        }
        search->has_begun = true;
        enum status status = merge_take(&search->merge, search->view, &entry, &live, &found);
        if (status == STATUS_OK && found) {
            status = judge(search, &entry.job, out, &fits);
        }
        if (query_is_damage(status)) {
            give_damaged(search, &entry, out);
            *end = SEARCH_DAMAGED;
            return STATUS_OK;
        }
        if (status != STATUS_OK) {
            return status;
        }
        if (fits) {
            *end = SEARCH_FOUND;
            return STATUS_OK;
        }
        if (!found && merge_is_exhausted(&search->merge)) {
            *end = SEARCH_EXHAUSTED;
            return STATUS_OK;
        }
    }
}

void search_cursor(const struct search *search, uint8_t out[LIST_CURSOR_SIZE])
{
    list_cursor_write(out, search_before(search));
}

uint64_t search_before(const struct search *search)
{
    return id_is_zero(&search->named) ? merge_before(&search->merge) : search->named_before;
}

uint64_t search_scanned(const struct search *search)
{
    return id_is_zero(&search->named) ? merge_passed(&search->merge) : search->named_passed;
}
