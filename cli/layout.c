/* `troupe init`, and the directory that `troupe up` works in. */

#include "cli/layout.h"

#include <stdio.h>
#include "base/file.h"
#include "cli/command.h"
#include "cli/json_line.h"

const char usage_init[] =
    "usage: troupe init [--data DIR] [--json]\n"
    "Makes the data directory with what `troupe up` needs in it, and tells where it\n"
    "is. What is there already stays as it is.\n";

static enum status make_part(const char *data, const char *name)
{
    char path[PATH_SIZE_MAX];
    enum status status = stack_path(data, name, path);
    return status == STATUS_OK ? directory_make(path, 0700) : status;
}

enum status layout_make(const char *data)
{
    struct buffer secret;
    enum status status = directory_make(data, 0700);
    if (status == STATUS_OK) {
        status = make_part(data, "assets");
    }
    if (status == STATUS_OK) {
        status = make_part(data, "run");
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: cannot write to the data directory %s: %s\n", data,
                status_text(status));
        return status;
    }
    buffer_init(&secret, STACK_SECRET_SIZE_MAX);
    status = stack_secret(data, true, &secret);
    buffer_fini(&secret);
    return status;
}

int command_init(int count, char **words)
{
    const char *given = NULL;
    bool json = false;
    char data[PATH_SIZE_MAX];
    const struct option_rule rules[] = {{"--data", &given, NULL}, {"--json", NULL, &json}};
    int others = options_take(count, words, rules, 2);
    if (others != 0) {
        return options_words(usage_init, "", 0, 0, others, words);
    }
    if (stack_data_directory(given, data) != STATUS_OK) {
        return EXIT_CODE_USAGE;
    }
    if (layout_make(data) != STATUS_OK) {
        return EXIT_CODE_FAILED;
    }
    if (!json) {
        printf("%s\n", data);
        return EXIT_CODE_OK;
    }
    struct json_line line;
    json_line_begin(&line);
    json_member_text(&line.json, "data", slice_from_string(data));
    return json_line_end(&line);
}
