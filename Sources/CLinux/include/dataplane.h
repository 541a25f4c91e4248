// What the dataplane asks of Linux.
//
// Why in C: Glibc's Swift module has neither splice(2), epoll(7) nor the original-destination options, and
// Swift's @_noAllocation accepts a call only when its declaration carries the same promise. The promise is
// made here (DP_REALTIME), where each function is short enough to be checked by eye: none of them allocates,
// takes a lock or waits.
//
// Every function returns a value >= 0, or -errno: `errno` itself cannot be read from annotated Swift.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DP_REALTIME __attribute__((swift_attr("@_noAllocation"))) __attribute__((swift_attr("@_noLocks")))

// The errno values that the dataplane tells apart, as the negative numbers that it meets them as.
enum dp_error {
    DP_EINTR = -4,
    DP_EAGAIN = -11,
    DP_ENOENT = -2,
    DP_ENODEV = -19,
    DP_ENFILE = -23,
    DP_EMFILE = -24,
    DP_EPIPE = -32,
    DP_ENETUNREACH = -101,
    DP_ECONNABORTED = -103,
    DP_ECONNRESET = -104,
    DP_ETIMEDOUT = -110,
    DP_ECONNREFUSED = -111,
    DP_EHOSTUNREACH = -113,
    DP_EINPROGRESS = -115,
};

// An address and port in host order; an IPv4 address is in the top 32 bits of `high`. family: 4, 6, or 0 for none.
struct dp_endpoint {
    uint64_t high, low;
    uint16_t port;
    uint8_t family;
};

// epoll(7): edge-triggered interest in everything a stream can tell, or only in readability, level-triggered.
enum dp_event { DP_READ = 1, DP_WRITE = 2, DP_PEER_CLOSED = 4, DP_HANGUP = 8, DP_FAILED = 16, DP_URGENT = 32 };
struct dp_ready {
    uint64_t token;
    uint32_t events; // of enum dp_event
};

DP_REALTIME int dp_epoll_create(void);
DP_REALTIME long dp_epoll_add_stream(int epoll, int fd, uint64_t token);
DP_REALTIME long dp_epoll_move_stream(int epoll, int fd, uint64_t token);
DP_REALTIME long dp_epoll_add_reader(int epoll, int fd, uint64_t token);
// Readability once more, told to one of the epolls that wait for it (EPOLLEXCLUSIVE).
DP_REALTIME long dp_epoll_add_shared(int epoll, int fd, uint64_t token);
DP_REALTIME long dp_epoll_remove(int epoll, int fd);
// Waits at most `timeout_ms` (-1: for ever). `max` <= 128. A signal counts as a wake-up without events.
DP_REALTIME long dp_epoll_wait(int epoll, struct dp_ready *ready, int max, int timeout_ms);
// The same without sleeping: asks again and again for so long, and lets others run in between.
DP_REALTIME long dp_epoll_poll(int epoll, struct dp_ready *ready, int max, uint32_t microseconds);

DP_REALTIME uint64_t dp_now_us(void); // CLOCK_MONOTONIC
DP_REALTIME long dp_read(int fd, void *bytes, size_t count);
DP_REALTIME long dp_write(int fd, const void *bytes, size_t count);
// Moves at most `count` bytes, without waiting; one of the two is a pipe. 0: the source has ended.
DP_REALTIME long dp_splice(int source, int target, size_t count);
DP_REALTIME long dp_pipe(int ends[2], int capacity); // returns the capacity that the kernel granted
DP_REALTIME long dp_close(int fd);
DP_REALTIME long dp_shutdown_write(int fd);
// Ends a TCP connection with RST: SO_LINGER {1, 0} and close(2). A Unix socket is closed.
DP_REALTIME long dp_reset(int fd);
// Reads without consuming; then dp_discard drops what could be passed on.
DP_REALTIME long dp_peek(int fd, void *bytes, size_t count);
DP_REALTIME long dp_discard(int fd, size_t count);
DP_REALTIME long dp_send(int fd, const void *bytes, size_t count);
// Sends a whole IPv6 packet to the target in its header, by a raw socket of IPPROTO_RAW.
DP_REALTIME long dp_send_raw6(int fd, const void *packet, size_t count);

DP_REALTIME long dp_accept(int listener, struct dp_endpoint *peer);
// SO_ORIGINAL_DST / IP6T_SO_ORIGINAL_DST: where the connection was going before netfilter redirected it.
DP_REALTIME long dp_original_destination(int fd, uint8_t family, struct dp_endpoint *target);
DP_REALTIME long dp_local_endpoint(int fd, struct dp_endpoint *local);
// The DSCP of the SYN by which an accepted connection came: its listener was told to save it (TCP_SAVE_SYN, tcp(7)).
DP_REALTIME long dp_saved_codepoint(int fd);
// A non-blocking TCP connect; `device` may be empty. Returns the
// descriptor; *progress is 0 or DP_EINPROGRESS.
DP_REALTIME long dp_connect_tcp(const struct dp_endpoint *target, const char *device, long *progress);
// The same to a Unix socket; DP_EAGAIN where its backlog is full.
DP_REALTIME long dp_connect_unix(const char *path);
// 1 where somebody listens on this local address and port with SO_REUSEADDR, as ssh does; 0 where nobody does.
DP_REALTIME long dp_listens(const struct dp_endpoint *local);
// A peer that vanished is noticed after 60 s of silence and 4 probes 15 s apart, or after two minutes of
// unacknowledged data.
DP_REALTIME void dp_keep_alive(int fd);
DP_REALTIME long dp_no_delay(int fd); // TCP_NODELAY
DP_REALTIME long dp_socket_error(int fd); // SO_ERROR, as 0 or -errno
// 1 where neither direction is open any more: a Unix socket whose other end was closed, not just shut down.
DP_REALTIME int dp_is_closed(int fd);

// The link to the controlplane, and the shelf. Descriptors that come with the bytes are put into fds[0..<*count], at most
// 64 of them; the others are closed.
DP_REALTIME long dp_receive(int fd, void *bytes, size_t size, int *fds, int max, int *count);
DP_REALTIME long dp_accept_control(int listener, uint32_t *uid);

// The shelf, a SOCK_SEQPACKET pair: one message, with at most 64 descriptors. DP_EAGAIN where there is no room.
DP_REALTIME long dp_leave(int shelf, const void *bytes, size_t length, const int *fds, int count);
// Whether a TCP connection ends with RST wherever its last descriptor is closed.
DP_REALTIME void dp_resets(int fd, bool resets);
// Whatever its file's flags were.
DP_REALTIME void dp_never_blocks(int fd);
DP_REALTIME long dp_duplicate(int fd);
// By which a socket is known from others; 0 where there is none.
DP_REALTIME uint64_t dp_inode(int fd);
// sd_notify(3) with a descriptor, which systemd keeps (FDSTORE=1); nothing where nobody listens.
DP_REALTIME long dp_store(const char *state, int fd);
// Has systemd keep nothing under this name, which ends at a colon or its NUL.
long dp_forget_stored(const char *name);

// --- at start-up and in tests only ---------------------------------------------------------------
long dp_listen_tcp(uint8_t family, uint16_t port);
long dp_listen_unix(const char *path); // mode 0600; a stale socket is replaced, a live one is -EADDRINUSE
long dp_prepare_listener(int fd);      // what accepted sockets inherit: no delay, urgent data in line
long dp_save_syn(int listener);
long dp_listener_port(int fd);
long dp_set_nonblocking(int fd);
long dp_descriptor_limit(void); // raises RLIMIT_NOFILE to its hard limit and returns it
void dp_widen_descriptors(long count); // makes room for so many at once; before there are threads
long dp_become(const char *user, uint32_t *uid);
long dp_signals(void); // ignores SIGPIPE; SIGTERM and SIGINT ask for the end, see dp_end_asked
DP_REALTIME bool dp_end_asked(void);
int dp_end_bell(void); // readable from then on: for who is about to sleep just then; -1 before dp_signals
DP_REALTIME void dp_yield(void);
long dp_processors(void); // those that this process may use, 1 where nobody can say
// A thread without signals that ends with the process.
long dp_start_thread(void *(*run)(void *), void *argument);
DP_REALTIME void dp_forget(void *memory, size_t bytes); // of dp_map: zeroed again, and the pages given back
void *dp_map(size_t bytes); // zeroed, mapped lazily, never given back; NULL: no memory
char **dp_arguments(void);  // argv; Embedded Swift has no CommandLine
uint64_t dp_random(void);
DP_REALTIME uint32_t dp_own_pid(void);
uint32_t dp_own_uid(void);
const char *dp_environment(const char *name);
DP_REALTIME long dp_notify(const char *state); // sd_notify(3); 0 where nobody listens
// One line on standard error in one write(2); `value` is left out where it is LONG_MIN.
DP_REALTIME void dp_log(const void *level, size_t level_length, const void *words, size_t length, long value);
_Noreturn void dp_exit(int status);
void dp_print(const void *words, size_t length);
