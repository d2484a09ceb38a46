#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>
#include "cli/command.h"

enum {
    COLUMNS_USUAL = 80,
    LINES_USUAL = 24,
    DRAW_MS = 1000,
    STOP_MS = 100,           /* between looks for a signal, while there is no room */
    VIEW_SIZE_MAX = 1 << 20, /* bytes of one drawing */
};

#define SCREEN_OTHER "\033[?1049h\033[?25l"
#define SCREEN_USUAL "\033[?25h\033[?1049l"
#define SCREEN_HOME  "\033[H"
#define LINE_REST    "\033[K"
#define SCREEN_REST  "\033[J"

static struct winsize size_of(int file)
{
    struct winsize size = {0};
    ioctl(file, TIOCGWINSZ, &size);
    return size;
}

int terminal_columns_of(int file)
{
    int columns = size_of(file).ws_col;
    return columns > 0 ? columns : COLUMNS_USUAL;
}

int terminal_columns(void)
{
    return terminal_columns_of(STDOUT_FILENO);
}

int terminal_lines(void)
{
    int lines = size_of(STDOUT_FILENO).ws_row;
    return lines > 0 ? lines : LINES_USUAL;
}

bool terminal_is_drawn_on(int file)
{
    const char *name = getenv("TERM");
    return isatty(file) == 1 && (name == NULL || strcmp(name, "dumb") != 0);
}

bool terminal_has_colours(void)
{
    const char *without = getenv("NO_COLOR");
    return terminal_is_drawn_on(STDOUT_FILENO) && (without == NULL || without[0] == '\0');
}

enum status terminal_table(const struct table *table, bool is_wide, const char *none)
{
    struct buffer text;
    bool is_seen = isatty(STDOUT_FILENO) == 1;
    bool is_empty = table->cells == 0;
    buffer_init(&text, TABLE_TEXT_SIZE_MAX);
    enum status status = table_draw(table, is_seen && !is_wide ? terminal_columns() : 0,
                                    terminal_has_colours(), &text);
    if (status == STATUS_OK && !(is_empty && is_seen)) {
        fwrite(text.data, 1, text.size, stdout);
    }
    if (status == STATUS_OK && is_empty) {
        fprintf(stderr, "troupe: %s\n", none);
    }
    buffer_fini(&text);
    return status;
}

static int lines_of(struct slice view)
{
    int count = 0;
    for (size_t index = 0; index < view.size; index++) {
        count += view.data[index] == '\n';
    }
    return count;
}

struct terminal_view {
    int signals;
    bool is_left;
};

/* Writes the drawing over the last one, as many lines as there is room for, and how many there is
 * none for. */
void terminal_put(struct slice drawing)
{
    int room = terminal_lines() - 1;
    int rest = lines_of(drawing);
    int left = rest <= room ? rest : room - 1;
    const char *at = (const char *)drawing.data;
    const char *end = at + drawing.size;
    fputs(SCREEN_HOME, stdout);
    for (; at < end && left > 0; left--, rest--) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        size_t size = line == NULL ? (size_t)(end - at) : (size_t)(line - at);
        fputs(LINE_REST, stdout); /* first: behind a full line it would take its last character */
        fwrite(at, 1, size, stdout);
        fputs("\r\n", stdout);
        at += size + 1;
    }
    if (rest > 0 && room > 0) {
        printf(LINE_REST "%d lines more\r\n", rest);
    }
    fputs(SCREEN_REST, stdout);
    fflush(stdout);
}

/* Waits so long for a key or a signal, and takes one. Returns whether there was one. */
static bool take_one(struct terminal_view *view, int wait_ms)
{
    struct pollfd polls[] = {{.fd = view->signals, .events = POLLIN},
                             {.fd = STDIN_FILENO, .events = POLLIN}};
    struct signalfd_siginfo information;
    char key = '\0';
    if (poll(polls, 2, wait_ms) <= 0) {
        return false;
    }
    if (polls[0].revents != 0 &&
        read(view->signals, &information, sizeof information) == sizeof information) {
        view->is_left = information.ssi_signo != SIGWINCH;
    } else if (polls[1].revents != 0) {
        bool is_gone = read(STDIN_FILENO, &key, 1) <= 0; /* the terminal */
        view->is_left = is_gone || key == 'q' || key == 'Q';
    }
    return true;
}

bool terminal_is_left(struct terminal_view *view)
{
    while (!view->is_left && take_one(view, 0)) {
    }
    return view->is_left;
}

static int draw_on(terminal_draw *draw, void *context, struct terminal_view *view)
{
    struct buffer drawing;
    int code = EXIT_CODE_OK;
    buffer_init(&drawing, VIEW_SIZE_MAX);
    while (code == EXIT_CODE_OK && !view->is_left) {
        buffer_clear(&drawing);
        code = draw(context, view, &drawing);
        if (code == EXIT_CODE_OK) {
            terminal_put(buffer_slice(&drawing));
            (void)take_one(view, DRAW_MS);
        }
    }
    buffer_fini(&drawing);
    return code == EXIT_CODE_INTERRUPTED ? EXIT_CODE_OK : code;
}

bool terminal_is_ending(void *context)
{
    sigset_t waiting;
    (void)context;
    return sigpending(&waiting) == 0 &&
           (sigismember(&waiting, SIGINT) == 1 || sigismember(&waiting, SIGTERM) == 1 ||
            sigismember(&waiting, SIGHUP) == 1);
}

bool terminal_is_unread(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO};
    return poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

/* Who has had enough of it needs no word. */
static int tell_unwritten(void)
{
    int error = errno;
    if (!terminal_is_unread()) {
        fprintf(stderr, "troupe: cannot write all of it to standard output: %s\n", strerror(error));
    }
    return EXIT_CODE_FAILED;
}

int terminal_write(struct slice text)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    while (text.size > 0) {
        if (terminal_is_ending(NULL)) {
            return EXIT_CODE_INTERRUPTED;
        }
        if (poll(&output, 1, STOP_MS) <= 0) {
            continue;
        }
        /* A pipe with room has it for so much. */
        ssize_t size = write(STDOUT_FILENO, text.data, text.size < PIPE_BUF ? text.size : PIPE_BUF);
        if (size < 0 && errno != EAGAIN) {
            return tell_unwritten();
        }
        size = size < 0 ? 0 : size;
        text = slice_make(text.data + size, text.size - (size_t)size);
    }
    return EXIT_CODE_OK;
}

static int signals_open(sigset_t *before)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
    sigset_t set;
    sigemptyset(&set);
    for (size_t index = 0; index < sizeof numbers / sizeof numbers[0]; index++) {
        sigaddset(&set, numbers[index]);
    }
    sigprocmask(SIG_BLOCK, &set, before);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Takes what ended a drawing: it would end this process once it is let through. */
static void take_all(int signals)
{
    struct signalfd_siginfo information;
    while (terminal_is_ending(NULL) && read(signals, &information, sizeof information) > 0) {
    }
}

/* What is said on standard error would go with the other screen: it is kept meanwhile. */
struct aside {
    int kept;  /* in which file; -1: it is said at once */
    int usual; /* where standard error went before */
};

static void aside_begin(struct aside *aside)
{
    *aside = (struct aside){.kept = -1, .usual = -1};
    if (isatty(STDERR_FILENO) != 1) {
        return;
    }
    aside->kept = memfd_create("said", MFD_CLOEXEC);
    aside->usual = aside->kept < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (aside->usual < 0 || dup2(aside->kept, STDERR_FILENO) < 0) {
        close(aside->kept);
        close(aside->usual);
        aside->kept = -1;
    }
}

/* Says it. */
static void aside_end(const struct aside *aside)
{
    char text[4096];
    ssize_t size;
    if (aside->kept < 0) {
        return;
    }
    dup2(aside->usual, STDERR_FILENO);
    lseek(aside->kept, 0, SEEK_SET);
    while ((size = read(aside->kept, text, sizeof text)) > 0) {
        fwrite(text, 1, (size_t)size, stderr);
    }
    close(aside->kept);
    close(aside->usual);
}

int terminal_show(terminal_draw *draw, void *context)
{
    struct termios usual;
    struct aside aside;
    sigset_t before;
    int signals = signals_open(&before);
    struct terminal_view view = {.signals = signals};
    bool has_keys = tcgetattr(STDIN_FILENO, &usual) == 0;
    if (signals < 0) {
        fprintf(stderr, "troupe: no signals: %s\n", strerror(errno));
        return EXIT_CODE_FAILED;
    }
    if (has_keys) {
        struct termios quiet = usual;
        quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
    }
    fputs(SCREEN_OTHER, stdout);
    fflush(stdout); /* the first drawing may take a while */
    aside_begin(&aside);
    int code = draw_on(draw, context, &view);
    fputs(SCREEN_USUAL, stdout);
    fflush(stdout);
    aside_end(&aside);
    if (has_keys) {
        tcsetattr(STDIN_FILENO, TCSANOW, &usual);
    }
    take_all(signals);
    close(signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return code;
}

/* Waits for the time of the next writing. Returns an exit code: another than 0 ends it. */
static int wait_for_next(int signals)
{
    struct pollfd polls[] = {{.fd = signals, .events = POLLIN}, {.fd = STDOUT_FILENO}};
    struct signalfd_siginfo information;
    if (poll(polls, 2, DRAW_MS) <= 0) {
        return EXIT_CODE_OK;
    }
    if (polls[1].revents != 0) {
        return EXIT_CODE_FAILED; /* nobody reads */
    }
    bool is_end = read(signals, &information, sizeof information) == sizeof information &&
                  information.ssi_signo != SIGWINCH;
    return is_end ? EXIT_CODE_INTERRUPTED : EXIT_CODE_OK;
}

int terminal_repeat(terminal_tell *tell, void *context)
{
    sigset_t before;
    int code = EXIT_CODE_OK;
    int signals = signals_open(&before);
    if (signals < 0) {
        fprintf(stderr, "troupe: no signals: %s\n", strerror(errno));
        return EXIT_CODE_FAILED;
    }
    while (code == EXIT_CODE_OK) {
        code = tell(context);
        code = code == EXIT_CODE_OK ? wait_for_next(signals) : code;
    }
    take_all(signals);
    close(signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return code == EXIT_CODE_INTERRUPTED ? EXIT_CODE_OK : code;
}
