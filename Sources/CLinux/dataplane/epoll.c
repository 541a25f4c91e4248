// Events. See ../include/dataplane.h.
#include "internal.h"

#include <sched.h>
#include <sys/epoll.h>
#include <time.h>

_Static_assert(DP_EAGAIN == -EAGAIN && DP_EINPROGRESS == -EINPROGRESS && DP_EHOSTUNREACH == -EHOSTUNREACH &&
               DP_EMFILE == -EMFILE && DP_ENFILE == -ENFILE && DP_EPIPE == -EPIPE && DP_EINTR == -EINTR &&
               DP_ECONNRESET == -ECONNRESET && DP_ECONNREFUSED == -ECONNREFUSED &&
               DP_ETIMEDOUT == -ETIMEDOUT && DP_ENETUNREACH == -ENETUNREACH && DP_ENOENT == -ENOENT &&
               DP_ECONNABORTED == -ECONNABORTED && DP_ENODEV == -ENODEV, "errno values of this platform");

int dp_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static long control(int epoll, int operation, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    RESULT(epoll_ctl(epoll, operation, fd, &event));
}
static const uint32_t stream = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
long dp_epoll_add_stream(int epoll, int fd, uint64_t token) { return control(epoll, EPOLL_CTL_ADD, fd, stream, token); }
long dp_epoll_move_stream(int epoll, int fd, uint64_t token) { return control(epoll, EPOLL_CTL_MOD, fd, stream, token); }
long dp_epoll_add_reader(int epoll, int fd, uint64_t token) { return control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, token); }
long dp_epoll_add_shared(int epoll, int fd, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLEXCLUSIVE, token);
}
long dp_epoll_remove(int epoll, int fd) { return control(epoll, EPOLL_CTL_DEL, fd, 0, 0); }

long dp_epoll_wait(int epoll, struct dp_ready *ready, int max, int timeout_ms) {
    struct epoll_event events[128];
    int count = epoll_wait(epoll, events, max, timeout_ms);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        uint32_t e = events[i].events;
        ready[i].token = events[i].data.u64;
        ready[i].events = (e & EPOLLIN ? DP_READ : 0) | (e & EPOLLOUT ? DP_WRITE : 0) |
                          (e & EPOLLRDHUP ? DP_PEER_CLOSED : 0) | (e & EPOLLHUP ? DP_HANGUP : 0) |
                          (e & EPOLLERR ? DP_FAILED : 0) | (e & EPOLLPRI ? DP_URGENT : 0);
    }
    return count;
}

long dp_epoll_poll(int epoll, struct dp_ready *ready, int max, uint32_t microseconds) {
    uint64_t end = dp_now_us() + microseconds;
    for (;;) {
        long count = dp_epoll_wait(epoll, ready, max, 0);
        if (count != 0 || dp_now_us() >= end) return count;
        sched_yield(); // whoever else wants this processor is what we wait for, likely
    }
}
