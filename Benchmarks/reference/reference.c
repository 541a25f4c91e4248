// The yardstick: a transparent TCP forwarder in 300 lines, epoll and splice and nothing else.
//
//     reference [--workers N] PORT      or with one listening socket as descriptor 3 (LISTEN_FDS)
//
// It takes what netfilter redirected to it to where it was going (SO_ORIGINAL_DST). It has no limits, no
// time-outs, no log and no configuration: whoever is slower than this pays for more than forwarding.
//
// What it does, and why:
//   - Edge-triggered epoll, one registration per socket and no change ever: close(2) removes it.
//   - Small messages are copied: two calls, and no pipe. A read that fills the buffer is the sign of a bulk
//     transfer; that direction is spliced from then on, through a pipe that is lent while bytes are in it.
//     An idle connection has two sockets and sizeof(struct pair) bytes, nothing else.
//   - What could not be sent is put into a pipe, too: no other buffers, and after the first connections
//     no allocation.
//   - A read shorter than the buffer has emptied the socket; the next edge tells when there is more.
//   - A new connection is used right after connect(2), which on a fast path is done by then. Otherwise its
//     first bytes wait in a pipe.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ORIGINAL_DESTINATION 80 // SO_ORIGINAL_DST; linux/netfilter_ipv4.h does not go with netinet/in.h

enum { COPY = 16 << 10, PIPE = 1 << 20, STEPS = 8, EVENTS = 256, ACCEPTS = 64, PAIRS = 256 };

struct pipe {
    int in, out;
    struct pipe *next;
};

// One direction of a connection.
struct way {
    struct pipe *pipe; // lent while it holds something
    uint32_t held;     // bytes in the pipe
    bool readable, writable; // its source, its target, as far as we know
    bool bulk;         // splices
    bool leaving;      // the source's FIN has come, or will be the next thing that is read
    bool ended;        // the source's FIN has been read
    bool shut;         // and passed on
};

struct pair {
    int fd[2]; // the client, the far side
    struct way way[2]; // way[i] leads away from fd[i]
    bool dead, queued;
    struct pair *next; // in one of the lists below
};

static int epoll, listener, own_port;
static struct pair *unused, *buried, *waiting;
static struct pipe *pipes;
static char copied[COPY];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static struct pair *new_pair(void) {
    if (!unused) {
        struct pair *fresh = calloc(PAIRS, sizeof *fresh);
        if (!fresh) return NULL;
        for (int i = 0; i < PAIRS; i++) {
            fresh[i].next = unused;
            unused = &fresh[i];
        }
    }
    struct pair *pair = unused;
    unused = pair->next;
    *pair = (struct pair){.fd = {-1, -1}};
    return pair;
}

static void open_pipe(struct pipe *pipe) {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0) fail("pipe2");
    fcntl(ends[1], F_SETPIPE_SZ, PIPE);
    pipe->in = ends[1];
    pipe->out = ends[0];
}

static void borrow_pipe(struct way *way) {
    if (way->pipe) return;
    if (!pipes) {
        pipes = calloc(1, sizeof *pipes);
        if (!pipes) fail("calloc");
        open_pipe(pipes);
    }
    way->pipe = pipes;
    pipes = pipes->next;
}

static void return_pipe(struct way *way) {
    struct pipe *pipe = way->pipe;
    if (!pipe) return;
    if (way->held > 0) { // nobody wants that any more
        close(pipe->in);
        close(pipe->out);
        open_pipe(pipe);
    }
    way->pipe = NULL;
    pipe->next = pipes;
    pipes = pipe;
}

static void bury(struct pair *pair) {
    if (pair->dead) return;
    pair->dead = true;
    for (int i = 0; i < 2; i++) {
        return_pipe(&pair->way[i]);
        if (pair->fd[i] >= 0) close(pair->fd[i]);
    }
    // Not reused before the batch of events is done: one of them may still point here.
    if (!pair->queued) {
        pair->next = buried;
        buried = pair;
    }
}

enum outcome { BLOCKED, MORE, BROKEN };

static enum outcome drain_pipe(struct way *way, int target) {
    while (way->held > 0) {
        ssize_t count = splice(way->pipe->out, NULL, target, NULL, way->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (count < 0 && errno == EAGAIN) way->writable = false;
        if (count <= 0) return way->writable ? BROKEN : BLOCKED;
        way->held -= (uint32_t)count;
    }
    return MORE;
}

static enum outcome copy(struct way *way, int source, int target) {
    ssize_t count = recv(source, copied, COPY, 0), sent;
    if (count < 0 && errno != EAGAIN) return BROKEN;
    if (count < COPY) {
        way->readable = false;
        way->ended = count == 0 || (count > 0 && way->leaving);
    }
    if (count <= 0) return MORE;
    way->bulk = count == COPY;
    sent = send(target, copied, (size_t)count, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return BROKEN;
    if (sent < 0) sent = 0;
    if (sent == count) return MORE;
    way->writable = false;
    way->held = (uint32_t)(count - sent);
    borrow_pipe(way);
    return write(way->pipe->in, copied + sent, way->held) == way->held ? BLOCKED : BROKEN;
}

static enum outcome fill_pipe(struct way *way, int source) {
    borrow_pipe(way);
    ssize_t count = splice(source, NULL, way->pipe->in, NULL, PIPE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (count < 0 && errno == EAGAIN) way->readable = false;
    else if (count < 0) return BROKEN;
    else if (count == 0) way->ended = true;
    else way->held = (uint32_t)count;
    return MORE;
}

// MORE: its steps are used up and others come first.
static enum outcome carry(struct pair *pair, int side) {
    struct way *way = &pair->way[side];
    int source = pair->fd[side], target = pair->fd[!side];
    for (int step = 0; way->writable && !way->shut; step++) {
        enum outcome drained = drain_pipe(way, target);
        if (drained != MORE) return drained;
        if (way->ended) {
            way->shut = true;
            if (!pair->way[!side].shut) shutdown(target, SHUT_WR); // both: they are closed anyway
            break;
        }
        if (!way->readable) break;
        if (step == STEPS) return MORE;
        enum outcome moved = way->bulk ? fill_pipe(way, source) : copy(way, source, target);
        if (moved != MORE) return moved;
    }
    if (way->held == 0) return_pipe(way);
    return BLOCKED;
}

static void run(struct pair *pair) {
    if (pair->dead) return;
    enum outcome up = carry(pair, 0), down = up == BROKEN ? BROKEN : carry(pair, 1);
    if (up == BROKEN || down == BROKEN || (pair->way[0].shut && pair->way[1].shut)) {
        bury(pair);
    } else if ((up == MORE || down == MORE) && !pair->queued) {
        pair->queued = true;
        pair->next = waiting;
        waiting = pair;
    }
}

static void watch(int fd, struct pair *pair, int side) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.u64 = (uintptr_t)pair | (unsigned)side};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void begin(int client) {
    struct sockaddr_in target;
    socklen_t length = sizeof target;
    // Port: somebody connected to us and not through us, which would lead back here for ever.
    bool redirected = getsockopt(client, SOL_IP, ORIGINAL_DESTINATION, &target, &length) == 0 &&
                      ntohs(target.sin_port) != own_port;
    struct pair *pair = redirected ? new_pair() : NULL;
    if (!pair) {
        close(client);
        return;
    }
    pair->fd[0] = client;
    pair->fd[1] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (pair->fd[1] < 0 || (connect(pair->fd[1], (struct sockaddr *)&target, sizeof target) < 0 &&
                            errno != EINPROGRESS)) {
        bury(pair);
        return;
    }
    pair->way[0].readable = pair->way[0].writable = pair->way[1].writable = true;
    run(pair);
    if (pair->dead) return;
    watch(pair->fd[1], pair, 1);
    watch(client, pair, 0);
}

static void handle(struct epoll_event event) {
    struct pair *pair = (struct pair *)(uintptr_t)(event.data.u64 & ~1ull);
    int side = event.data.u64 & 1;
    if (pair->dead) return;
    if (event.events & EPOLLERR) {
        bury(pair);
        return;
    }
    if (event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) pair->way[side].readable = true;
    if (event.events & EPOLLRDHUP) pair->way[side].leaving = true;
    if (event.events & EPOLLOUT) pair->way[!side].writable = true;
    run(pair);
}

static void run_waiting(void) {
    struct pair *list = waiting;
    waiting = NULL;
    for (struct pair *pair = list, *next; pair; pair = next) {
        next = pair->next;
        pair->queued = false;
        if (pair->dead) {
            pair->next = buried;
            buried = pair;
        } else {
            run(pair);
        }
    }
}

// Descriptor 3 if it was handed over (sd_listen_fds(3)), else a socket of our own.
static void open_listener(int port) {
    int one = 1;
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t length = sizeof own;
    bool handed_over = getenv("LISTEN_FDS");
    listener = handed_over ? 3 : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (!handed_over && bind(listener, (struct sockaddr *)&own, length) < 0) fail("bind");
    if (listen(listener, 16384) < 0) fail("listen");
    getsockname(listener, (struct sockaddr *)&own, &length);
    own_port = ntohs(own.sin_port);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); // what it accepts inherits that
}

int main(int argc, char **argv) {
    int workers = argc > 2 && !strcmp(argv[1], "--workers") ? atoi(argv[2]) : 1;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    signal(SIGPIPE, SIG_IGN); // splice(2) to a socket that was reset
    open_listener(atoi(argv[argc - 1]));
    for (int worker = 1; worker < workers; worker++)
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            break;
        }
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | (workers > 1 ? EPOLLEXCLUSIVE : 0)}, events[EVENTS];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, waiting ? 0 : -1);
        bool called = false;
        for (int i = 0; i < ready; i++) {
            if (events[i].data.u64 == 0) called = true;
            else handle(events[i]);
        }
        run_waiting();
        for (int i = 0; called && i < ACCEPTS; i++) {
            int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (client < 0) break;
            begin(client);
        }
        while (buried) {
            struct pair *pair = buried;
            buried = pair->next;
            pair->next = unused;
            unused = pair;
        }
    }
}
