// Bytes, pipes and the clock. See ../include/dataplane.h.
#include "internal.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

uint64_t dp_now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}
long dp_read(int fd, void *bytes, size_t count) { RESULT(read(fd, bytes, count)); }
long dp_write(int fd, const void *bytes, size_t count) { RESULT(write(fd, bytes, count)); }
long dp_splice(int source, int target, size_t count) {
    RESULT(splice(source, NULL, target, NULL, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
}
long dp_pipe(int ends[2], int capacity) {
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0) return -errno;
    int granted = fcntl(ends[1], F_SETPIPE_SZ, capacity);
    return granted >= 0 ? granted : fcntl(ends[1], F_GETPIPE_SZ);
}
long dp_close(int fd) { RESULT(close(fd)); }
long dp_shutdown_write(int fd) { RESULT(shutdown(fd, SHUT_WR)); }
long dp_reset(int fd) {
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    RESULT(close(fd));
}
long dp_peek(int fd, void *bytes, size_t count) { RESULT(recv(fd, bytes, count, MSG_PEEK | MSG_DONTWAIT)); }
long dp_discard(int fd, size_t count) {
    // MSG_TRUNC makes TCP drop the bytes without copying them (tcp(7)); Unix sockets need them read.
    char scratch[16384];
    RESULT(recv(fd, scratch, count < sizeof scratch ? count : sizeof scratch, MSG_DONTWAIT));
}
long dp_send(int fd, const void *bytes, size_t count) { RESULT(send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL)); }

long dp_send_raw6(int fd, const void *packet, size_t count) {
    struct sockaddr_in6 target = {.sin6_family = AF_INET6};
    if (count < 40) return -EINVAL;
    memcpy(&target.sin6_addr, (const uint8_t *)packet + 24, 16);
    RESULT(sendto(fd, packet, count, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&target, sizeof target));
}
