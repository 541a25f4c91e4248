// See include/dataplane.h.
#define _GNU_SOURCE
#include "dataplane.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ORIGINAL_DESTINATION 80 // SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST, linux/netfilter_ipv{4,6}
#define RESULT(call)                                                                                \
    long r = (call);                                                                                \
    return r < 0 ? -errno : r

_Static_assert(DP_EAGAIN == -EAGAIN && DP_EINPROGRESS == -EINPROGRESS && DP_EHOSTUNREACH == -EHOSTUNREACH &&
               DP_EMFILE == -EMFILE && DP_ENFILE == -ENFILE && DP_EPIPE == -EPIPE && DP_EINTR == -EINTR &&
               DP_ECONNRESET == -ECONNRESET && DP_ECONNREFUSED == -ECONNREFUSED &&
               DP_ETIMEDOUT == -ETIMEDOUT && DP_ENETUNREACH == -ENETUNREACH && DP_ENOENT == -ENOENT &&
               DP_ECONNABORTED == -ECONNABORTED && DP_ENODEV == -ENODEV, "errno values of this platform");

// MARK: epoll

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

// MARK: bytes

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

// MARK: addresses

static uint64_t load64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, 8);
    return __builtin_bswap64(value);
}
static void store64(uint8_t *bytes, uint64_t value) {
    value = __builtin_bswap64(value);
    memcpy(bytes, &value, 8);
}
static void decode(const struct sockaddr_storage *from, struct dp_endpoint *to) {
    *to = (struct dp_endpoint){0};
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)from;
        to->family = 4;
        to->port = ntohs(in->sin_port);
        to->high = (uint64_t)ntohl(in->sin_addr.s_addr) << 32;
    } else if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)from;
        to->family = 6;
        to->port = ntohs(in->sin6_port);
        to->high = load64(in->sin6_addr.s6_addr);
        to->low = load64(in->sin6_addr.s6_addr + 8);
    }
}
static socklen_t encode(const struct dp_endpoint *from, struct sockaddr_storage *to) {
    memset(to, 0, sizeof *to);
    if (from->family == 4) {
        struct sockaddr_in *in = (struct sockaddr_in *)to;
        in->sin_family = AF_INET;
        in->sin_port = htons(from->port);
        in->sin_addr.s_addr = htonl((uint32_t)(from->high >> 32));
        return sizeof *in;
    }
    struct sockaddr_in6 *in = (struct sockaddr_in6 *)to;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(from->port);
    store64(in->sin6_addr.s6_addr, from->high);
    store64(in->sin6_addr.s6_addr + 8, from->low);
    return sizeof *in;
}

// MARK: connections

long dp_accept(int listener, struct dp_endpoint *peer) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int fd = accept4(listener, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return -errno;
    decode(&address, peer);
    return fd;
}
long dp_original_destination(int fd, uint8_t family, struct dp_endpoint *target) {
    struct sockaddr_storage address = {0};
    socklen_t length = family == 4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    int level = family == 4 ? SOL_IP : SOL_IPV6;
    if (getsockopt(fd, level, ORIGINAL_DESTINATION, &address, &length) < 0) return -errno;
    decode(&address, target);
    return 0;
}
long dp_local_endpoint(int fd, struct dp_endpoint *local) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) return -errno;
    decode(&address, local);
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
long dp_connect_tcp(const struct dp_endpoint *target, const char *device, long *progress) {
    struct sockaddr_storage address;
    socklen_t length = encode(target, &address);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (device[0] != 0 && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strnlen(device, IFNAMSIZ)) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    *progress = connect(fd, (struct sockaddr *)&address, length) < 0 ? -errno : 0;
    if (*progress == 0 || *progress == -EINPROGRESS) return fd;
    close(fd);
    return *progress;
}
static long unix_address(const char *path, struct sockaddr_un *address) {
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address->sun_path) return -ENAMETOOLONG;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, length);
    return 0;
}
long dp_connect_unix(const char *path) {
    struct sockaddr_un address;
    long wrong = unix_address(path, &address);
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
    socklen_t length = encode(local, &address);
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

// MARK: the link

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

// MARK: the shelf

static long send_with(int fd, struct msghdr *message, const int *fds, int count, int flags) {
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
    return send_with(shelf, &message, fds, count, MSG_DONTWAIT);
}
void dp_resets(int fd, bool resets) {
    struct linger now = {.l_onoff = resets, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}
void dp_never_blocks(int fd) { fcntl(fd, F_SETFL, O_NONBLOCK); }
long dp_duplicate(int fd) { RESULT(fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

// MARK: start-up

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
    socklen_t length = encode(&any, &address);
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
    unix_address(path, &address);
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
long dp_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    return limit.rlim_cur > (1 << 30) ? 1 << 30 : (long)limit.rlim_cur;
}
long dp_become(const char *user, uint32_t *uid) {
    errno = 0;
    struct passwd *entry = getpwnam(user);
    if (!entry) return errno ? -errno : -ENOENT;
    if (initgroups(user, entry->pw_gid) < 0 || setgid(entry->pw_gid) < 0 || setuid(entry->pw_uid) < 0) return -errno;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
    *uid = entry->pw_uid;
    return 0;
}
static volatile sig_atomic_t end_asked;
static void ask_end(int signal) { (void)signal; end_asked = 1; }
long dp_signals(void) {
    struct sigaction ignore = {.sa_handler = SIG_IGN}, end = {.sa_handler = ask_end};
    sigaction(SIGPIPE, &ignore, NULL); // splice(2) to a reset socket raises it
    sigaction(SIGHUP, &ignore, NULL);
    sigaction(SIGTERM, &end, NULL);
    RESULT(sigaction(SIGINT, &end, NULL));
}
long dp_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) < 0 ? 1 : CPU_COUNT(&set);
}
long dp_start_thread(void *(*run)(void *), void *argument) {
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); // the first thread takes them
    int error = pthread_create(&thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}
bool dp_end_asked(void) { return end_asked != 0; }
void *dp_map(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}
void dp_forget(void *memory, size_t bytes) { (void)madvise(memory, bytes, MADV_DONTNEED); }
// glibc calls constructors with what main() gets.
static char **arguments;
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    (void)count;
    arguments = values;
}
char **dp_arguments(void) { return arguments; }
uint64_t dp_random(void) {
    uint64_t value = 0;
    if (getrandom(&value, sizeof value, 0) != sizeof value) value = dp_now_us() * 0x9e3779b97f4a7c15u;
    return value;
}
uint32_t dp_own_pid(void) { return (uint32_t)getpid(); }
uint32_t dp_own_uid(void) { return getuid(); }
const char *dp_environment(const char *name) { return getenv(name); }
long dp_store(const char *state, int kept) {
    struct sockaddr_un address;
    const char *path = getenv("NOTIFY_SOCKET");
    if (!path || (path[0] != '/' && path[0] != '@') || unix_address(path, &address) < 0) return 0;
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(path);
    if (path[0] == '@') address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct iovec part = {.iov_base = (void *)state, .iov_len = strlen(state)};
    struct msghdr message = {.msg_name = &address, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1};
    long sent = send_with(fd, &message, &kept, kept >= 0, 0);
    close(fd);
    return sent;
}
long dp_notify(const char *state) { return dp_store(state, -1); }
void dp_log(const void *level, size_t level_length, const void *words, size_t length, long value) {
    char line[256];
    size_t used = 0;
    if (level_length > 8 || length > 200) return;
    memcpy(line, level, level_length);
    memcpy(line + level_length, words, length);
    used = level_length + length;
    if (value != LONG_MIN) {
        char digits[24];
        int count = 0;
        unsigned long rest = value < 0 ? 0ul - (unsigned long)value : (unsigned long)value;
        do digits[count++] = (char)('0' + rest % 10); while ((rest /= 10) > 0);
        line[used++] = ' ';
        if (value < 0) line[used++] = '-';
        while (count > 0) line[used++] = digits[--count];
    }
    line[used++] = '\n';
    if (write(STDERR_FILENO, line, used) < 0) return; // nobody is left to tell
}
void dp_exit(int status) { exit(status); }
void dp_print(const void *words, size_t length) {
    if (write(STDOUT_FILENO, words, length) < 0) return;
}
