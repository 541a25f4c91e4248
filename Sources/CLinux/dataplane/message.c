// Messages with descriptors: the link and the shelf. See ../include/dataplane.h.
#include "internal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

long dp_receive(int fd, void *bytes, size_t size, int *fds, int max, int *count) {
    union { char room[CMSG_SPACE(64 * sizeof(int))]; struct cmsghdr align; } ancillary;
    struct iovec part = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1,
                             .msg_control = ancillary.room, .msg_controllen = sizeof ancillary.room};
    *count = 0;
    long length = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0) return -errno;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        size_t received = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < received; i++) {
            int one;
            memcpy(&one, CMSG_DATA(c) + i * sizeof one, sizeof one);
            if (*count < max) fds[(*count)++] = one;
            else close(one);
        }
    }
    return length;
}
long dp_accept_control(int listener, uint32_t *uid) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return -errno;
    struct ucred who;
    socklen_t length = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    *uid = who.uid;
    return fd;
}
long dp_send_with(int fd, struct msghdr *message, const int *fds, int count, int flags) {
    union { char room[CMSG_SPACE(64 * sizeof(int))]; struct cmsghdr align; } ancillary = {0};
    if (count < 0 || count > 64) return -EINVAL;
    if (count > 0) {
        message->msg_control = ancillary.room;
        message->msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(header), fds, count * sizeof(int));
    }
    RESULT(sendmsg(fd, message, flags | MSG_NOSIGNAL));
}
long dp_leave(int shelf, const void *bytes, size_t length, const int *fds, int count) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    return dp_send_with(shelf, &message, fds, count, MSG_DONTWAIT);
}
void dp_resets(int fd, bool resets) {
    struct linger now = {.l_onoff = resets, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}
void dp_never_blocks(int fd) { fcntl(fd, F_SETFL, O_NONBLOCK); }
uint64_t dp_inode(int fd) {
    struct stat found;
    return fstat(fd, &found) == 0 ? found.st_ino : 0;
}
long dp_duplicate(int fd) { RESULT(fcntl(fd, F_DUPFD_CLOEXEC, 0)); }
