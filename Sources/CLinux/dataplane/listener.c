// Listeners, made at the start. See ../include/dataplane.h.
#include "internal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

long dp_prepare_listener(int fd) {
    int on = 1;
    dp_no_delay(fd);
    setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
    return dp_set_nonblocking(fd);
}
long dp_set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
    return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}
long dp_listen_tcp(uint8_t family, uint16_t port) {
    struct dp_endpoint any = {.family = family, .port = port};
    struct sockaddr_storage address;
    socklen_t length = dp_encode(&any, &address);
    int on = 1, fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (family == 6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, 4096) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}
long dp_listen_unix(const char *path) {
    struct sockaddr_un address;
    long live = dp_connect_unix(path);
    if (live >= 0) {
        close((int)live);
        return -EADDRINUSE;
    }
    if (live == -ENAMETOOLONG) return live;
    struct stat found;
    if (lstat(path, &found) == 0 && S_ISSOCK(found.st_mode)) unlink(path);
    dp_unix_address(path, &address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    mode_t before = umask(0177);
    int bound = bind(fd, (struct sockaddr *)&address, sizeof address), error = errno;
    umask(before);
    if (bound == 0 && listen(fd, 8) == 0) return fd;
    if (bound == 0) error = errno;
    close(fd);
    return -error;
}
long dp_listener_port(int fd) {
    struct dp_endpoint local;
    long wrong = dp_local_endpoint(fd, &local);
    return wrong < 0 ? wrong : local.port;
}
