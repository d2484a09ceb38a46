#include "gateway/group_item.h"

#include "gateway/job_rules.h"

void group_item_id(const struct body *body, const char *name, struct id *out,
                   struct problems *problems)
{
    struct json_value value = body_member(body, name);
    if (value.kind == JSON_KIND_ABSENT) {
        problems_add(problems, name, "is required");
    } else if (value.kind != JSON_KIND_TEXT || id_parse(value.text, out) != STATUS_OK) {
        problems_add(problems, name, "must be an id");
    }
}

void group_item_check(struct group_item *item, bool private_allowed, struct problems *problems)
{
    job_rules_check(item->kind, item->body, problems);
    job_options_read(item->body, private_allowed, &item->options, problems);
    if (item->options.dedupe_key.size > 0) {
        problems_add(problems, "options.dedupe", "is not for jobs that are submitted together");
    }
}

enum status group_item_payload(const struct group_item *item, struct buffer *out)
{
    return body_write_without(item->body, item->own_members, out);
}
