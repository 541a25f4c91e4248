// See include/link.h.
#define _GNU_SOURCE
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

long cl_connect(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct timeval patience = {.tv_sec = 2};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}

long cl_send(int socket, const void *bytes, size_t length, const int *descriptors, int count) {
    union { char room[CMSG_SPACE(64 * sizeof(int))]; struct cmsghdr align; } ancillary = {0};
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count < 0 || count > 64) return -EINVAL;
    if (count > 0) {
        message.msg_control = ancillary.room;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
    }
    while (part.iov_len > 0) {
        ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return -errno;
        part.iov_base = (char *)part.iov_base + sent;
        part.iov_len -= (size_t)sent;
        message.msg_control = NULL;
        message.msg_controllen = 0;
    }
    return (long)length;
}

long cl_shelf(int ends[2], int bytes) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -errno;
    int half = bytes / 2; // the kernel doubles it (socket(7))
    if (setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &half, sizeof half) < 0)
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &half, sizeof half);
    return 0;
}

long cl_is_readable(int fd) {
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    return poll(&wanted, 1, 0) == 1 && wanted.revents & POLLIN;
}

long cl_clear_shelf(int end) {
    long closed = 0;
    for (;;) {
        char bytes[1];
        union { char room[CMSG_SPACE(64 * sizeof(int))]; struct cmsghdr align; } ancillary;
        struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1,
                                 .msg_control = ancillary.room, .msg_controllen = sizeof ancillary.room};
        ssize_t length = recvmsg(end, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        // An empty message may have descriptors all the same.
        if (length < 0 || (length == 0 && message.msg_controllen == 0)) return closed;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
            if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
            size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t i = 0; i < count; i++) {
                int one;
                memcpy(&one, CMSG_DATA(c) + i * sizeof one, sizeof one);
                // A reset, which waits for nobody, whatever the one who left it wanted.
                struct linger none = {.l_onoff = 1, .l_linger = 0};
                setsockopt(one, SOL_SOCKET, SO_LINGER, &none, sizeof none);
                close(one);
                closed++;
            }
        }
    }
}

long cl_receive(int socket, void *bytes, size_t length, int *descriptors, int count) {
    union { char room[CMSG_SPACE(16 * sizeof(int))]; struct cmsghdr align; } ancillary = {0};
    struct iovec part = {.iov_base = bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1,
                             .msg_control = ancillary.room, .msg_controllen = sizeof ancillary.room};
    for (int index = 0; index < count; index++) descriptors[index] = -1;
    ssize_t received;
    do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    if (received < 0) return -errno;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return received;
    int came = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (int index = 0; index < came; index++) {
        int descriptor;
        memcpy(&descriptor, CMSG_DATA(header) + index * sizeof(int), sizeof descriptor);
        if (index < count) descriptors[index] = descriptor;
        else close(descriptor);
    }
    return received;
}

long cl_listen(const char *path, uid_t owner) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    // Before bind(2): the file has this mode from its first moment.
    if (fchmod(fd, 0600) == 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        lchown(path, owner, (gid_t)-1) == 0 && listen(fd, 4) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

long cl_accept(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) return errno == EINTR || errno == ECONNABORTED ? -EAGAIN : -errno;
    struct timeval patience = {.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

long cl_peer_pid(int socket) {
    struct ucred who;
    socklen_t length = sizeof who;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &length) < 0 ? -errno : who.pid;
}

int cl_is_clock_kept(void) {
    struct timex state = {0};
    int result = adjtimex(&state);
    return result < 0 ? -errno : result != TIME_ERROR;
}

long long cl_boottime_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78 // of linux/in6.h, which does not go with netinet/in.h
#endif

static long listening(int fd, const struct sockaddr *address, socklen_t length) {
    if (bind(fd, address, length) == 0 && listen(fd, 4096) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}

long cl_listen_tcp(const char *address, uint16_t port) {
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int is4 = inet_pton(AF_INET, address, &in.sin_addr) == 1, on = 1;
    if (!is4 && inet_pton(AF_INET6, address, &in6.sin6_addr) != 1) return -EINVAL;
    int fd = socket(is4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (is4) {
        setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
        return listening(fd, (struct sockaddr *)&in, sizeof in);
    }
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
    return listening(fd, (struct sockaddr *)&in6, sizeof in6);
}

long cl_listen_unix(const char *path, unsigned mode, unsigned group) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    if (unlink(path) < 0 && errno != ENOENT) return -errno;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    long result = listening(fd, (struct sockaddr *)&address, sizeof address);
    if (result < 0) return result;
    if ((group == -1u || chown(path, -1, group) == 0) && chmod(path, mode) == 0) return fd;
    int error = errno;
    unlink(path);
    close(fd);
    return -error;
}

long cl_answers(const char *path) {
    struct stat found;
    if (lstat(path, &found) < 0) return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(found.st_mode)) return -ENOTSOCK;
    long fd = cl_connect(path);
    if (fd < 0) return fd == -EAGAIN;
    close((int)fd);
    return 1;
}
