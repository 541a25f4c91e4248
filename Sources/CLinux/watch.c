// See include/watch.h.
#include "watch.h"

#include <errno.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <unistd.h>

int cl_watch_open(void) {
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    return fd < 0 ? -errno : fd;
}
int cl_watch_add(int fd, const char *directory) {
    uint32_t changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE;
    return inotify_add_watch(fd, directory, changes) < 0 ? -errno : 0;
}
int cl_watch_take(int fd) {
    char events[4096];
    int any = 0;
    while (read(fd, events, sizeof events) > 0) any = 1;
    return any;
}
