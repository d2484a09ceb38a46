/* `troupe doctor`: whether the providers of these settings can be worked with. The actors' programs
 * check their own (`--check`): the same code, settings and keys that jobs are performed with. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/buffer.h"
#include "base/settings.h"
#include "cli/command.h"
#include "cli/json_line.h"
#include "cli/stack.h"

const char usage_doctor[] =
    "usage: troupe doctor [--json]\n"
    "Asks each provider of the hosted settings (TROUPE_PROVIDERS_FILE, or\n"
    "TROUPE_CHAT_URL and so on; docs/providers.md) for its models, which costs\n"
    "nothing, and says what is wrong with an address, a key, a model or a clock. Exit\n"
    "codes: 0 all is well, 1 something is wrong, 2 bad settings, or none: the offline\n"
    "studio needs no check.\n";

enum {
    CHECK_SIZE_MAX = 64 << 10, /* bytes that one program prints */
    CHECK_WORD_SIZE = 5,       /* bytes of `ok` or `wrong` before each line's provider */
};

static const char *const roles[] = {"character", "image", "video"};

/* Whether any provider is set that an actor could check. */
static bool is_any_set(void)
{
    static const char *const names[] = {
        "TROUPE_PROVIDERS_FILE", "TROUPE_CHAT_URL",  "TROUPE_CHAT_MODEL",  "TROUPE_IMAGE_URL",
        "TROUPE_IMAGE_MODEL",    "TROUPE_VIDEO_URL", "TROUPE_VIDEO_MODEL", "TROUPE_STUDIO_URL",
    };
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        if (settings_text(names[index], NULL) != NULL) {
            return true;
        }
    }
    return false;
}

/* Becomes the actor's program, with what it cannot do without. */
static void become(const char *programs, const char *role, int output)
{
    char path[PATH_SIZE_MAX + 32];
    snprintf(path, sizeof path, "%s/troupe-actor-%s", programs, role);
    dup2(output, STDOUT_FILENO);
    setenv("TROUPE_ACTOR_ENDPOINT", "ipc://none", 0);
    setenv("TROUPE_PROVIDER", "live", 0);
    setenv("TROUPE_ASSETS", "/nonexistent", 0);
    execl(path, path, "--check", (char *)NULL);
    fprintf(stderr, "troupe: cannot run %s\n", path);
    _exit(EXIT_CODE_FAILED);
}

/* Returns its exit code, after what it printed is in out. */
static int check(const char *programs, const char *role, struct buffer *out)
{
    int ends[2];
    char bytes[4096];
    int wait_status = 0;
    if (pipe(ends) != 0) {
        return EXIT_CODE_FAILED;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        become(programs, role, ends[1]);
    }
    close(ends[1]);
    ssize_t size = 0;
    while (pid > 0 && (size = read(ends[0], bytes, sizeof bytes)) > 0) {
        buffer_append(out, bytes, (size_t)size);
    }
    close(ends[0]);
    if (pid < 0 || waitpid(pid, &wait_status, 0) != pid || !WIFEXITED(wait_status)) {
        fprintf(stderr, "troupe: troupe-actor-%s did not end as it should\n", role);
        return EXIT_CODE_FAILED;
    }
    return WEXITSTATUS(wait_status);
}

static bool contains(struct slice text, const char *line, size_t size)
{
    for (size_t at = 0; at + size <= text.size; at++) {
        if (memcmp(text.data + at, line, size) == 0) {
            return true;
        }
    }
    return false;
}

/* Writes a line of a check ("wrong  chat   NAME: why") as an object. */
static void write_line(struct json_writer *json, struct slice line)
{
    struct slice parts[2]; /* whether it is well, and the use */
    struct slice rest = line;
    for (size_t index = 0; index < 2; index++) {
        parts[index] = slice_make(rest.data, 0);
        while (parts[index].size < rest.size && rest.data[parts[index].size] != ' ') {
            parts[index].size++;
        }
        rest = slice_make(rest.data + parts[index].size, rest.size - parts[index].size);
        while (rest.size > 0 && rest.data[0] == ' ') {
            rest = slice_make(rest.data + 1, rest.size - 1);
        }
    }
    size_t name_size = 0; /* nobody's when all is made by no provider */
    for (size_t at = 0; at + 1 < rest.size && name_size == 0; at++) {
        name_size = rest.data[at] == ':' && rest.data[at + 1] == ' ' ? at : 0;
    }
    size_t skipped = name_size == 0 ? 0 : name_size + 2;
    json_object_begin(json);
    json_member_text(json, "use", parts[1]);
    json_member_text_or_null(json, "provider", slice_make(rest.data, name_size));
    json_member_boolean(json, "well", slice_equal(parts[0], SLICE_LITERAL("ok")));
    json_member_text(json, "text", slice_make(rest.data + skipped, rest.size - skipped));
    json_object_end(json);
}

/* Two roles may have one provider: it is told once, whatever was found each time. json: NULL for
 * plain lines. */
static void print_new(struct slice text, struct buffer *told, struct json_writer *json)
{
    size_t begin = 0;
    for (size_t at = 0; at < text.size; at++) {
        const char *line = (const char *)text.data + begin;
        size_t size = at + 1 - begin;
        if (text.data[at] != '\n') {
            continue;
        }
        const char *name_end = memchr(line, ':', size);
        size_t skipped = CHECK_WORD_SIZE < size ? CHECK_WORD_SIZE : 0; /* whether it is well */
        size_t name_size =
            name_end == NULL ? size - skipped : (size_t)(name_end - line) - skipped + 1;
        if (!contains(buffer_slice(told), line + skipped, name_size)) {
            if (json != NULL) {
                write_line(json, slice_make(line, size - 1));
            } else {
                fwrite(line, 1, size, stdout);
            }
            buffer_append(told, line + skipped, name_size);
        }
        begin = at + 1;
    }
}

/* Has each role check its providers. Returns the worst exit code. */
static int check_all(const char *programs, struct json_writer *json)
{
    struct buffer told;
    int code = EXIT_CODE_OK;
    buffer_init(&told, sizeof roles / sizeof roles[0] * CHECK_SIZE_MAX);
    for (size_t index = 0; index < sizeof roles / sizeof roles[0]; index++) {
        struct buffer printed;
        buffer_init(&printed, CHECK_SIZE_MAX);
        int found = check(programs, roles[index], &printed);
        print_new(buffer_slice(&printed), &told, json);
        buffer_fini(&printed);
        code = found > code ? found : code;
        if (found == EXIT_CODE_USAGE) {
            break; /* the settings are the same for all */
        }
    }
    buffer_fini(&told);
    return code;
}

static int tell_json(const char *programs)
{
    struct json_line line;
    json_line_begin(&line);
    json_name(&line.json, "providers");
    json_array_begin(&line.json);
    int code = check_all(programs, &line.json);
    json_array_end(&line.json);
    json_member_boolean(&line.json, "well", code == EXIT_CODE_OK);
    int written = json_line_end(&line);
    return code != EXIT_CODE_OK ? code : written;
}

static void say_nothing_is_set(void)
{
    fprintf(stderr, "troupe: no hosted provider is set, there is nothing to check: without one "
                    "`troupe up` uses the\noffline studio. For hosted ones set "
                    "TROUPE_PROVIDER=live and TROUPE_PROVIDERS_FILE, or the URL, MODEL\nand KEY "
                    "of each (TROUPE_CHAT_URL, TROUPE_IMAGE_URL, TROUPE_VIDEO_URL and so on); "
                    "see\ndocs/providers.md\n");
}

int command_doctor(int count, char **words)
{
    char programs[PATH_SIZE_MAX];
    bool json = false;
    const struct option_rule rules[] = {{"--json", NULL, &json}};
    if (options_take(count, words, rules, 1) != 0) {
        return options_bad(usage_doctor);
    }
    if (!is_any_set()) {
        say_nothing_is_set();
        return EXIT_CODE_USAGE;
    }
    ssize_t size = readlink("/proc/self/exe", programs, sizeof programs - 1);
    if (size < 0) {
        fprintf(stderr, "troupe: cannot tell where the programs are\n");
        return EXIT_CODE_FAILED;
    }
    programs[size] = '\0';
    *strrchr(programs, '/') = '\0';
    fflush(stdout);
    return json ? tell_json(programs) : check_all(programs, NULL);
}
