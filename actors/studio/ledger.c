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
    int64_t first = ledger->last_number - LEDGER_ENTRY_COUNT + 1;
    for (int64_t number = first < 1 ? 1 : first; number <= ledger->last_number; number++) {
        write_entry(&writer, &ledger->entries[number % LEDGER_ENTRY_COUNT]);
    }
    json_array_end(&writer);
    json_object_end(&writer);
    return json_writer_status(&writer);
}
