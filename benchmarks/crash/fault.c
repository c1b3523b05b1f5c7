/* Kill the process, or fail a call, at the N-th call that changes a disk.
 *
 * Preloaded. Nothing is counted until fault_arm is called. An error is given once (EIO), or
 * from then on to every call that needs room (ENOSPC); error 0 kills.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/types.h>
#include <unistd.h>

static long at, seen;
static int armed, error;

void fault_arm(long moment, int code) { at = moment; error = code; seen = 0; armed = 1; }
long fault_disarm(void) { armed = 0; return seen; }

static int due(int needs_room) {
    if (!armed) return 0;
    long now = __sync_add_and_fetch(&seen, 1);
    if (now == at && error == 0) kill(getpid(), SIGKILL);
    if (now == at || (now > at && at > 0 && error == ENOSPC && needs_room)) {
        errno = error;
        return 1;
    }
    return 0;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define WRAP(type, name, room, params, args) \
    type name params { REAL(name); return due(room) ? -1 : real args; }

WRAP(ssize_t, write, 1, (int fd, const void *b, size_t n), (fd, b, n))
WRAP(ssize_t, pwrite, 1, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o))
WRAP(ssize_t, pwrite64, 1, (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o))
WRAP(int, fsync, 1, (int fd), (fd))
WRAP(int, fdatasync, 1, (int fd), (fd))
WRAP(int, ftruncate, 1, (int fd, off_t n), (fd, n))
WRAP(int, ftruncate64, 1, (int fd, off64_t n), (fd, n))
WRAP(int, rename, 0, (const char *a, const char *b), (a, b))
WRAP(int, renameat, 0, (int d, const char *a, int e, const char *b), (d, a, e, b))
WRAP(int, link, 1, (const char *a, const char *b), (a, b))
WRAP(int, linkat, 1, (int d, const char *a, int e, const char *b, int f), (d, a, e, b, f))
WRAP(int, unlink, 0, (const char *a), (a))
WRAP(int, unlinkat, 0, (int d, const char *a, int f), (d, a, f))
WRAP(int, mkdirat, 1, (int d, const char *a, mode_t m), (d, a, m))

#define OPEN(name, first, args) \
    int name(first const char *path, int flags, ...) { \
        REAL(name); \
        mode_t mode = 0; \
        if (flags & O_CREAT) { va_list v; va_start(v, flags); mode = va_arg(v, int); va_end(v); } \
        return (flags & O_CREAT) && due(1) ? -1 : real args; \
    }
#define COMMA ,
OPEN(open, , (path, flags, mode))
OPEN(open64, , (path, flags, mode))
OPEN(openat, int d COMMA, (d, path, flags, mode))
OPEN(openat64, int d COMMA, (d, path, flags, mode))
