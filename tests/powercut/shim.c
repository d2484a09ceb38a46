/*
 * Method: preloaded into the broker, this library notes how much of each file is really on disk.
 * After each fsync and fdatasync that succeeded it appends "INODE SIZE" to the journal named by
 * POWERCUT_JOURNAL, with the size that the file had before the call; a file that is made or emptied
 * is noted with size 0. When the broker has been killed, the test cuts every file back to its last
 * noted size: that is what a power cut may leave. kill -9 alone cannot show a missing fsync, since
 * the kernel keeps what was written.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

typedef int sync_function(int file);
typedef int open_function(const char *path, int flags, ...);

/* The next function of this name behind this library; without it nothing can go on. */
static void *behind(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (function == NULL) {
        abort();
    }
    return function;
}

static void note(ino_t inode, off_t size)
{
    static int journal = -1;
    char line[64];
    const char *path = getenv("POWERCUT_JOURNAL");
    if (journal < 0 && path != NULL) {
        open_function *real = (open_function *)behind("open");
        journal = real(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    int length =
        snprintf(line, sizeof line, "%llu %lld\n", (unsigned long long)inode, (long long)size);
    if (journal < 0 || write(journal, line, (size_t)length) != length) {
        abort(); /* a journal with holes would blame the broker */
    }
}

static int sync_and_note(int file, const char *name)
{
    struct stat before;
    int known = fstat(file, &before);
    sync_function *real = (sync_function *)behind(name);
    int result = real(file);
    int error = errno;
    if (result == 0 && known == 0 && S_ISREG(before.st_mode)) {
        note(before.st_ino, before.st_size);
    }
    errno = error;
    return result;
}

int fsync(int file)
{
    return sync_and_note(file, "fsync");
}

int fdatasync(int file)
{
    return sync_and_note(file, "fdatasync");
}

static int open_and_note(const char *name, const char *path, int flags, mode_t mode)
{
    struct stat now;
    open_function *real = (open_function *)behind(name);
    int file = real(path, flags, mode);
    int error = errno;
    if (file >= 0 && (flags & (O_CREAT | O_TRUNC)) != 0 && fstat(file, &now) == 0 &&
        S_ISREG(now.st_mode) && now.st_size == 0) {
        note(now.st_ino, 0); /* a number that a deleted file had before says nothing any more */
    }
    errno = error;
    return file;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(arguments, unsigned) : 0;
    va_end(arguments);
    return open_and_note("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(arguments, unsigned) : 0;
    va_end(arguments);
    return open_and_note("open64", path, flags, mode);
}
