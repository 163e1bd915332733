/* Shifts CLOCK_REALTIME for one process, while it runs. See clock_shift.py.
 *
 * The offset, a signed 64-bit count of seconds, stands in the file that TMR_CLOCK_SHIFT names. The
 * file is mapped, so that a look at it costs one load and a change is seen at once. Nothing but the
 * computer's clock is touched: waits, timers and file times stay the kernel's.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int64_t none;
static volatile int64_t *offset_s = &none;
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_gettimeofday)(struct timeval *, void *);

static void *find(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) {
        fprintf(stderr, "clock_shift: there is no %s\n", name);
        _exit(127);
    }
    return found;
}

/* Others' constructors may ask for the time before ours has run. */
static void prepare(void)
{
    if (real_clock_gettime == NULL)
        real_clock_gettime = (int (*)(clockid_t, struct timespec *))find("clock_gettime");
    if (real_gettimeofday == NULL)
        real_gettimeofday = (int (*)(struct timeval *, void *))find("gettimeofday");
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("TMR_CLOCK_SHIFT");
    int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *mapped = MAP_FAILED;
    if (file >= 0) {
        mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
        close(file);
    }
    if (mapped == MAP_FAILED) {
        fprintf(stderr, "clock_shift: TMR_CLOCK_SHIFT names no file that can be read\n");
        _exit(127);
    }
    prepare();
    offset_s = mapped;
}

int clock_gettime(clockid_t id, struct timespec *at)
{
    prepare();
    int result = real_clock_gettime(id, at);
    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        at->tv_sec += *offset_s;
    return result;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    prepare();
    int result = real_gettimeofday(at, zone);
    if (result == 0 && at != NULL)
        at->tv_sec += *offset_s;
    return result;
}

time_t time(time_t *at)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at != NULL)
        *at = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *at, int base)
{
    if (base != TIME_UTC || clock_gettime(CLOCK_REALTIME, at) != 0)
        return 0;
    return base;
}
