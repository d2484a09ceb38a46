#include "base/process_metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/build.h"

static const struct metric build = {
    "troupe_build",
    METRIC_INFO,
    NULL,
    "The program, its version and its commit.",
    {"program", "version", "commit"},
    NULL,
};
static const struct metric cpu = {
    "process_cpu_seconds",
    METRIC_COUNTER,
    "seconds",
    "CPU time used, of user and system.",
    {0},
    NULL,
};
static const struct metric start = {
    "process_start_time_seconds",
    METRIC_GAUGE,
    "seconds",
    "When the process was started, in seconds since 1970.",
    {0},
    NULL,
};
static const struct metric resident = {
    "process_resident_memory_bytes", METRIC_GAUGE, "bytes", "Memory that is resident.", {0}, NULL,
};
static const struct metric virtual = {
    "process_virtual_memory_bytes", METRIC_GAUGE, "bytes", "Address space in use.", {0}, NULL,
};
static const struct metric open_files = {
    "process_open_fds", METRIC_GAUGE, NULL, "Open file descriptors.", {0}, NULL,
};
static const struct metric files_max = {
    "process_max_fds", METRIC_GAUGE, NULL, "File descriptors that may be open at once.", {0}, NULL,
};

/* The time of boot in seconds since 1970, as the kernel tells it: the same at each look, which the
 * clock less the uptime is not. 0 when it is not told. */
static unsigned long long boot_time(void)
{
    char line[256]; /* of longer ones the rest follows, which begins with a number */
    unsigned long long seconds = 0;
    FILE *file = fopen("/proc/stat", "re");
    while (file != NULL && seconds == 0 && fgets(line, sizeof line, file) != NULL) {
        sscanf(line, "btime %llu", &seconds);
    }
    if (file != NULL) {
        fclose(file);
    }
    return seconds;
}

/* From /proc/self/stat (proc(5)): fields 22 to 24, behind the name, which may hold anything. */
static void write_stat(struct metrics_writer *writer)
{
    unsigned long long ticks;
    unsigned long long bytes;
    long long pages;
    char text[1024];
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL) {
        return;
    }
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    const char *name_end = strrchr(text, ')');
    if (name_end == NULL ||
        sscanf(name_end + 1,
               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu "
               "%llu %lld",
               &ticks, &bytes, &pages) != 3) {
        return;
    }
    metrics_begin(writer, &start);
    metrics_number(writer, NULL,
                   (double)boot_time() + (double)ticks / (double)sysconf(_SC_CLK_TCK));
    metrics_one(writer, &virtual, bytes);
    metrics_one(writer, &resident, (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE));
}

/* Since Linux 6.2 the directory's size is their number; before, they must be counted. */
static uint64_t count_files(void)
{
    struct stat information;
    uint64_t count = 0;
    if (stat("/proc/self/fd", &information) == 0 && information.st_size > 0) {
        return (uint64_t)information.st_size;
    }
    DIR *directory = opendir("/proc/self/fd");
    if (directory == NULL) {
        return 0;
    }
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count > 3 ? count - 3 : 0; /* ".", ".." and the directory's own */
}

void process_metrics_write(struct metrics_writer *writer, const char *program)
{
    struct rusage usage;
    struct rlimit limit;
    metrics_begin(writer, &build);
    metrics_integer(writer, (const char *const[]){program, TROUPE_VERSION, build_commit()}, 1);
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        metrics_begin(writer, &cpu);
        metrics_number(writer, NULL,
                       (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    }
    write_stat(writer);
    metrics_one(writer, &open_files, count_files());
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        metrics_one(writer, &files_max, limit.rlim_cur);
    }
}
