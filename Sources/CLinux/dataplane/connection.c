// Connections of clients and far sides. See ../include/dataplane.h.
#include "internal.h"

#include <limits.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define ORIGINAL_DESTINATION 80 // SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST, linux/netfilter_ipv{4,6}

long dp_accept(int listener, struct dp_endpoint *peer) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int fd = accept4(listener, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return -errno;
    dp_decode(&address, peer);
    return fd;
}
long dp_original_destination(int fd, uint8_t family, struct dp_endpoint *target) {
    struct sockaddr_storage address = {0};
    socklen_t length = family == 4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    int level = family == 4 ? SOL_IP : SOL_IPV6;
    if (getsockopt(fd, level, ORIGINAL_DESTINATION, &address, &length) < 0) return -errno;
    dp_decode(&address, target);
    return 0;
}
long dp_local_endpoint(int fd, struct dp_endpoint *local) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) return -errno;
    dp_decode(&address, local);
    return 0;
}

long dp_save_syn(int listener) {
    int on = 1;
    RESULT(setsockopt(listener, IPPROTO_TCP, TCP_SAVE_SYN, &on, sizeof on));
}
long dp_saved_codepoint(int fd) {
    uint8_t syn[256]; // the headers of IP and TCP
    socklen_t length = sizeof syn;
    if (getsockopt(fd, IPPROTO_TCP, TCP_SAVED_SYN, syn, &length) < 0) return -errno;
    if (length < 20) return -ENOENT;
    return syn[0] >> 4 == 4 ? syn[1] >> 2 : (syn[0] & 15) << 2 | syn[1] >> 6;
}

// TCP_USER_TIMEOUT overrides the probe count (tcp(7)), hence the same two minutes.
void dp_keep_alive(int fd) {
    int on = 1, idle = 60, interval = 15, probes = 4;
    unsigned timeout_ms = 120000;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
}
long dp_no_delay(int fd) {
    int on = 1;
    RESULT(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}
// A socket that is bound to a device may get the port of one that is not, with all else alike: connect(2) compares
// the devices, too (inet_bound_dev_eq of the kernel). So a far side could have the very addresses and ports of a
// local client's own connection to it, and conntrack would take the two for one. A port that bind(2) has chosen is
// one that connect(2) gives to nobody (net/ipv4/inet_hashtables.c, fastreuse).
static int bind_device(int fd, const char *device, sa_family_t family) {
    struct sockaddr_storage any = {.ss_family = family};
    socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strnlen(device, IFNAMSIZ)) < 0) return -errno;
    if (bind(fd, (struct sockaddr *)&any, length) == 0) return 0;
    return errno == EADDRINUSE ? -EADDRNOTAVAIL : -errno; // as connect(2) says that no port is left
}
long dp_connect_tcp(const struct dp_endpoint *target, const char *device, long *progress) {
    struct sockaddr_storage address;
    socklen_t length = dp_encode(target, &address);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    int error = device[0] != 0 ? bind_device(fd, device, address.ss_family) : 0;
    if (error < 0) {
        close(fd);
        return error;
    }
    *progress = connect(fd, (struct sockaddr *)&address, length) < 0 ? -errno : 0;
    if (*progress == 0 || *progress == -EINPROGRESS) return fd;
    close(fd);
    return *progress;
}
long dp_connect_unix(const char *path) {
    struct sockaddr_un address;
    long wrong = dp_unix_address(path, &address);
    if (wrong < 0) return wrong;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}
// Two sockets with SO_REUSEADDR may have one address unless one of them listens: bind(2) says so at once, where a
// connect(2) would have to wait for its answer.
long dp_listens(const struct dp_endpoint *local) {
    struct sockaddr_storage address;
    socklen_t length = dp_encode(local, &address);
    int on = 1, fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int error = bind(fd, (struct sockaddr *)&address, length) < 0 ? errno : 0;
    close(fd);
    return error == EADDRINUSE ? 1 : -error;
}
long dp_socket_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
    return -error;
}
int dp_is_closed(int fd) {
    struct pollfd descriptor = {.fd = fd};
    return poll(&descriptor, 1, 0) > 0 && descriptor.revents & POLLHUP ? 1 : 0;
}
