#include "actors/studio/control.h"
#include "base/build.h"
#include "base/json_writer.h"

static void finish_json(struct exchange *exchange, enum status status)
{
    if (status != STATUS_OK) {
        exchange_refuse(exchange, 500, NULL, "The answer does not fit in memory.");
        return;
    }
    exchange_finish(exchange);
}

void control_health(struct exchange *exchange)
{
    const struct studio *studio = exchange_studio(exchange);
    struct json_writer writer;
    json_writer_init(&writer, &exchange_answer(exchange)->body);
    json_object_begin(&writer);
    json_member_text(&writer, "status", SLICE_LITERAL("ok"));
    json_member_text(&writer, "version", slice_from_string(build_version()));
    json_member_integer(&writer, "predictionsUnfinished", (int64_t)studio->tasks.unfinished);
    json_member_integer(&writer, "files", (int64_t)studio->media.count);
    json_member_integer(&writer, "fileBytes", (int64_t)studio->media.size);
    json_member_boolean(&writer, "faults", studio->options.faults);
    json_object_end(&writer);
    finish_json(exchange, json_writer_status(&writer));
}

void control_faults_read(struct exchange *exchange)
{
    finish_json(exchange,
                faults_write(&exchange_studio(exchange)->faults, &exchange_answer(exchange)->body));
}

void control_faults_write(struct exchange *exchange)
{
    char problem[FAULT_TEXT_SIZE];
    enum status status = faults_parse(&exchange_studio(exchange)->faults, exchange_body(exchange),
                                      problem, sizeof problem);
    if (status != STATUS_OK) {
        exchange_refuse(exchange, 400, "invalid_rules", problem);
        return;
    }
    control_faults_read(exchange);
}

void control_faults_clear(struct exchange *exchange)
{
    struct studio *studio = exchange_studio(exchange);
    faults_init(&studio->faults, studio->options.fault_seed);
    control_faults_read(exchange);
}

void control_ledger_read(struct exchange *exchange)
{
    finish_json(exchange,
                ledger_write(&exchange_studio(exchange)->ledger, &exchange_answer(exchange)->body));
}

void control_ledger_clear(struct exchange *exchange)
{
    ledger_clear(&exchange_studio(exchange)->ledger);
    control_ledger_read(exchange);
}
