#include "actors/studio/openai.h"
#include "base/json_writer.h"

void openai_models(struct exchange *exchange)
{
    static const char *const MODELS[] = {"troupe-chat", "troupe-portrait"};
    struct json_writer writer;
    json_writer_init(&writer, &exchange_answer(exchange)->body);
    json_object_begin(&writer);
    json_member_text(&writer, "object", SLICE_LITERAL("list"));
    json_name(&writer, "data");
    json_array_begin(&writer);
    for (size_t index = 0; index < sizeof MODELS / sizeof MODELS[0]; index++) {
        json_object_begin(&writer);
        json_member_text(&writer, "id", slice_from_string(MODELS[index]));
        json_member_text(&writer, "object", SLICE_LITERAL("model"));
        json_member_integer(&writer, "created", 1735689600);
        json_member_text(&writer, "owned_by", SLICE_LITERAL("troupe"));
        json_object_end(&writer);
    }
    json_array_end(&writer);
    json_object_end(&writer);
    if (json_writer_status(&writer) != STATUS_OK) {
        exchange_fail(exchange, 500, NULL, "The answer does not fit in memory.");
    }
    exchange_finish(exchange);
}
