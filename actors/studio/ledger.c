#include <stdio.h>

#include "actors/studio/ledger.h"
#include "base/json_writer.h"

void ledger_add(struct ledger *ledger, const struct ledger_entry *entry)
{
    ledger->last_number++;
    struct ledger_entry *place = &ledger->entries[ledger->last_number % LEDGER_ENTRY_COUNT];
    *place = *entry;
    place->number = ledger->last_number;
    ledger->count[entry->step]++;
    ledger->price_microusd[entry->step] += entry->price_microusd;
}

static int64_t first_kept(const struct ledger *ledger)
{
    int64_t first = ledger->last_number - LEDGER_ENTRY_COUNT + 1;
    return first < 1 ? 1 : first;
}

void ledger_cancel(struct ledger *ledger, const char *id, int64_t at_ms, bool in_time)
{
    for (int64_t number = ledger->last_number; number >= first_kept(ledger); number--) {
        struct ledger_entry *entry = &ledger->entries[number % LEDGER_ENTRY_COUNT];
        if (strcmp(entry->id, id) == 0 && entry->cancelled_at_ms == 0) {
            entry->cancelled_at_ms = at_ms;
            entry->in_time = in_time;
        }
    }
}

void ledger_refund(struct ledger *ledger, const char *id)
{
    for (int64_t number = ledger->last_number; number >= first_kept(ledger); number--) {
        struct ledger_entry *entry = &ledger->entries[number % LEDGER_ENTRY_COUNT];
        if (strcmp(entry->id, id) == 0 && !entry->refunded) {
            entry->refunded = true;
            ledger->count[entry->step]--;
            ledger->price_microusd[entry->step] -= entry->price_microusd;
        }
    }
}

void ledger_clear(struct ledger *ledger)
{
    memset(ledger, 0, sizeof *ledger);
}

static void write_entry(struct json_writer *writer, const struct ledger_entry *entry)
{
    char hash[17];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)entry->prompt_hash);
    json_object_begin(writer);
    json_member_integer(writer, "number", entry->number);
    json_member_time(writer, "at", entry->at_ms);
    json_member_text(writer, "step", slice_from_string(step_name(entry->step)));
    json_member_text(writer, "id", slice_from_string(entry->id));
    json_member_text(writer, "model", slice_from_string(entry->model));
    json_member_integer(writer, "price_microusd", entry->price_microusd);
    json_member_text(writer, "prompt_hash", slice_from_string(hash));
    json_member_text_or_null(writer, "idempotency_key", slice_from_string(entry->idempotency_key));
    json_member_text_or_null(writer, "trace", slice_from_string(entry->trace));
    if (entry->refunded) {
        json_member_boolean(writer, "refunded", true);
    }
    if (entry->cancelled_at_ms != 0) {
        json_member_time(writer, "cancelled_at", entry->cancelled_at_ms);
        json_member_boolean(writer, "cancelled_in_time", entry->in_time);
    }
    json_object_end(writer);
}

static void write_totals(struct json_writer *writer, const struct ledger *ledger)
{
    json_name(writer, "totals");
    json_object_begin(writer);
    for (int step = 0; step < STEP_COUNT; step++) {
        if (ledger->count[step] > 0) {
            json_name(writer, step_name((enum step)step));
            json_object_begin(writer);
            json_member_integer(writer, "count", ledger->count[step]);
            json_member_integer(writer, "price_microusd", ledger->price_microusd[step]);
            json_object_end(writer);
        }
    }
    json_object_end(writer);
}

enum status ledger_write(const struct ledger *ledger, struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    write_totals(&writer, ledger);
    json_name(&writer, "entries");
    json_array_begin(&writer);
    for (int64_t number = first_kept(ledger); number <= ledger->last_number; number++) {
        write_entry(&writer, &ledger->entries[number % LEDGER_ENTRY_COUNT]);
    }
    json_array_end(&writer);
    json_object_end(&writer);
    return json_writer_status(&writer);
}
