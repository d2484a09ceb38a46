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
#include "cli/passed_over.h"
#include "cli/problem.h"
#include "cli/stack.h"
#include "cli/terminal_text.h"

const char usage_doctor[] =
    "usage: troupe doctor [--json]\n"
    "Asks each provider of the hosted settings (TROUPE_PROVIDERS_FILE, or\n"
    "TROUPE_CHAT_URL and so on; docs/providers.md) for its models, which costs\n"
    "nothing, and says what is wrong with an address, a key, a model or a clock, and\n"
    "warns where pictures and videos at the provider's own address would be refused.\n"
    "Exit codes: 0 all is well, or there are warnings only; 1 something is wrong; 2\n"
    "bad settings, or none: the offline studio needs no check.\n";

enum {
    CHECK_SIZE_MAX = 64 << 10, /* bytes that one program prints */
    CHECK_WORD_SIZE = 7,       /* bytes of `ok`, `warning` or `wrong` before each line's provider */
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
    dup2(output, STDERR_FILENO);
    setenv("TROUPE_LOG_FORMAT", "json", 1); /* the lines that problem.h makes words of */
    setenv("TROUPE_LOG_LEVEL", "error", 1);
    setenv("TROUPE_ACTOR_ENDPOINT", "ipc://none", 0);
    setenv("TROUPE_PROVIDER", "live", 0);
    setenv("TROUPE_ASSETS", "/nonexistent", 0);
    execl(path, path, "--check", (char *)NULL);
    fprintf(stderr, "cannot run %s\n", path); /* a line as the program's own */
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
    json_member_boolean(json, "well", !slice_equal(parts[0], SLICE_LITERAL("wrong")));
    json_member_boolean(json, "warning", slice_equal(parts[0], SLICE_LITERAL("warning")));
    json_member_text(json, "text", slice_make(rest.data + skipped, rest.size - skipped));
    json_object_end(json);
}

/* What is told of all roles together. */
struct findings {
    struct json_writer *json; /* NULL for plain lines */
    struct buffer told;       /* the providers that were told of */
    struct buffer problems;   /* lines, in words */
    int warnings, wrong;      /* lines of `told` */
};

/* Whether a line begins with what its provider came to. */
static bool verdict_is(struct slice line, const char *verdict)
{
    size_t size = strlen(verdict);
    return line.size > CHECK_WORD_SIZE && memcmp(line.data, verdict, size) == 0 &&
           line.data[size] == ' ';
}

/* Two roles may have one provider: it is told once, whatever was found each time. */
static void tell_provider(struct findings *findings, struct slice line)
{
    const char *text = (const char *)line.data;
    const char *name_end = memchr(text, ':', line.size);
    size_t skipped = CHECK_WORD_SIZE; /* whether it is well */
    size_t size = name_end == NULL ? line.size - skipped : (size_t)(name_end - text) - skipped + 1;
    if (contains(buffer_slice(&findings->told), text + skipped, size)) {
        return;
    }
    if (findings->json != NULL) {
        write_line(findings->json, line);
    } else {
        printf("%.*s\n", SLICE_PRINT(line));
    }
    buffer_append(&findings->told, text + skipped, size);
    findings->warnings += verdict_is(line, "warning");
    findings->wrong += verdict_is(line, "wrong");
}

/* A line of the log: something is wrong with the settings, or this machine. What is the same for
 * all roles is told once. */
static void tell_problem(struct findings *findings, struct slice line)
{
    struct buffer words;
    buffer_init(&words, CHECK_SIZE_MAX);
    enum status status = problem_write(line, &words);
    buffer_append_byte(&words, '\n');
    struct slice problem = buffer_slice(&words);
    if (!contains(buffer_slice(&findings->problems), (const char *)problem.data, problem.size)) {
        buffer_append_slice(&findings->problems, problem);
        if (status != STATUS_OK || findings->json == NULL) {
            terminal_line(stderr, "troupe: %.*s",
                          SLICE_PRINT(slice_make(problem.data, problem.size - 1)));
        }
    }
    buffer_fini(&words);
}

static bool is_of_provider(struct slice line)
{
    return verdict_is(line, "ok") || verdict_is(line, "warning") || verdict_is(line, "wrong");
}

static void tell_lines(struct findings *findings, struct slice text)
{
    size_t begin = 0;
    for (size_t at = 0; at < text.size; at++) {
        if (text.data[at] != '\n') {
            continue;
        }
        struct slice line = slice_make(text.data + begin, at - begin);
        if (is_of_provider(line)) {
            tell_provider(findings, line);
        } else {
            tell_problem(findings, line);
        }
        begin = at + 1;
    }
}

/* Has each role check its providers. Returns the worst exit code. */
static int check_all(const char *programs, struct findings *findings)
{
    int code = EXIT_CODE_OK;
    for (size_t index = 0; index < sizeof roles / sizeof roles[0]; index++) {
        struct buffer printed;
        buffer_init(&printed, CHECK_SIZE_MAX);
        int found = check(programs, roles[index], &printed);
        tell_lines(findings, buffer_slice(&printed));
        buffer_fini(&printed);
        code = found > code ? found : code;
    }
    return code;
}

static void write_problems(const struct findings *findings, struct json_writer *json)
{
    struct slice rest = buffer_slice(&findings->problems);
    json_name(json, "problems");
    json_array_begin(json);
    while (rest.size > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.size);
        size_t size = end == NULL ? rest.size : (size_t)(end - rest.data);
        json_put_text(json, slice_make(rest.data, size));
        size_t taken = size < rest.size ? size + 1 : size;
        rest = slice_make(rest.data + taken, rest.size - taken);
    }
    json_array_end(json);
}

static int check_json(const char *programs, struct findings *findings)
{
    struct json_line line;
    json_line_begin(&line);
    findings->json = &line.json;
    json_name(&line.json, "providers");
    json_array_begin(&line.json);
    int code = check_all(programs, findings);
    json_array_end(&line.json);
    write_problems(findings, &line.json);
    json_member_integer(&line.json, "warnings", findings->warnings);
    json_member_boolean(&line.json, "well", code == EXIT_CODE_OK);
    int written = json_line_end(&line);
    return code != EXIT_CODE_OK ? code : written;
}

/* Below the lines, where not all of them are well. */
static void print_summary(const struct findings *findings)
{
    if (findings->warnings + findings->wrong > 0) {
        printf("%d wrong, %d %s\n", findings->wrong, findings->warnings,
               findings->warnings == 1 ? "warning" : "warnings");
    }
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
    struct findings findings = {0};
    const struct option_rule rules[] = {{"--json", NULL, &json}};
    int others = options_take(count, words, rules, 1);
    if (others != 0) {
        return options_words(usage_doctor, "", 0, 0, others, words);
    }
    struct document *providers = passed_over_providers();
    passed_over_unknown(providers);
    document_destroy(&providers);
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
    buffer_init(&findings.told, sizeof roles / sizeof roles[0] * CHECK_SIZE_MAX);
    buffer_init(&findings.problems, sizeof roles / sizeof roles[0] * CHECK_SIZE_MAX);
    int code = json ? check_json(programs, &findings) : check_all(programs, &findings);
    if (!json) {
        print_summary(&findings);
    }
    buffer_fini(&findings.told);
    buffer_fini(&findings.problems);
    return code;
}
