#include "gateway/request_body.h"

#include "gateway/respond.h"
#include "gateway/submit_input.h"

bool request_body_take(struct exchange *exchange, struct body **out)
{
    const h2o_req_t *request = exchange->request;
    struct slice bytes = slice_make(request->entity.base, request->entity.len);
    struct problems problems = {0};
    char reason[BODY_ERROR_SIZE];
    enum status status = STATUS_OK;
    *out = NULL;
    if (!submit_input_is_json(exchange)) {
        return false;
    }
    if (bytes.size == 0) {
        problems_add(&problems, "body", "is required");
    } else {
        status = body_parse(bytes, out, reason);
    }
    if (status == STATUS_NO_MEMORY) { /* the body may well be fit */
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
        return false;
    }
    if (status != STATUS_OK) {
        problems_add(&problems, "body", "%s", reason);
    }
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    }
    return problems.count == 0;
}
