#include "gateway/envelope.h"

void envelope_begin(struct json_writer *writer, int status, const char *message)
{
    json_object_begin(writer);
    json_member_boolean(writer, "success", true);
    json_member_integer(writer, "statusCode", status);
    if (message != NULL) {
        json_member_text(writer, "message", slice_from_string(message));
    }
}
