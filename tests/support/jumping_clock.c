/* To be preloaded (LD_PRELOAD) by tests/e2e/test_run_progress.py: the clock on the wall jumps by years, to
 * and fro, each time it is read. With JUMPING_CLOCK=all the monotonic clock does so too, which no machine's
 * does. */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t jump(void) {
    static const time_t years[] = {0, 10, -20, 1, 40, -5};
    static unsigned n;
    return 31556952 * years[n++ % 6];
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    const char *which = getenv("JUMPING_CLOCK");
    if (syscall(SYS_clock_gettime, clock, now)) return -1;
    if (clock == CLOCK_REALTIME || (which && !strcmp(which, "all"))) now->tv_sec += jump();
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
