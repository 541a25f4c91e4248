// One thread, level triggered. It is never what is measured, only what the forwarders lead to.
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct peer {
    int fd;
    char behaviour;     // 0 until the first byte came
    uint64_t measured;  // MEASURE: bytes so far
    size_t held, begin; // ECHO: bytes that the client does not take yet, and where they begin
    char *echo;
};
enum { ECHO_SIZE = 1 << 16 };

static int epoll;
static volatile uint64_t *received;

static void drop(struct peer *peer) {
    close(peer->fd);
    free(peer->echo);
    free(peer);
}

static void wait_for(struct peer *peer, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = peer};
    epoll_ctl(epoll, EPOLL_CTL_MOD, peer->fd, &event);
}

// What the step functions return: whether the connection goes on.
static bool still_open(ssize_t result) { return result > 0 || (result < 0 && errno == EAGAIN); }

static bool swallow(struct peer *peer) {
    for (int turn = 0; turn < 4; turn++) {
        ssize_t count = recv(peer->fd, buffer, 1 << 22, MSG_TRUNC); // discarded without a copy
        if (count <= 0) return still_open(count);
        *received += (uint64_t)count;
    }
    return true;
}

static bool pour(struct peer *peer) {
    for (int turn = 0; turn < 8; turn++) {
        ssize_t count = send(peer->fd, buffer, sizeof buffer, MSG_NOSIGNAL);
        if (count <= 0) return still_open(count);
    }
    return true;
}

static bool flush_echo(struct peer *peer) {
    ssize_t count = send(peer->fd, peer->echo + peer->begin, peer->held, MSG_NOSIGNAL);
    if (count <= 0) return still_open(count);
    peer->begin += (size_t)count;
    peer->held -= (size_t)count;
    return true;
}

static bool echo(struct peer *peer) {
    bool waited = peer->held > 0;
    if (waited && !flush_echo(peer)) return false;
    if (peer->held == 0) {
        if (!peer->echo && !(peer->echo = malloc(ECHO_SIZE))) fail("malloc");
        ssize_t count = recv(peer->fd, peer->echo, ECHO_SIZE, 0);
        if (count <= 0) return still_open(count);
        peer->begin = 0;
        peer->held = (size_t)count;
        if (peer->behaviour == SPLIT && count > 1) {
            if (send(peer->fd, peer->echo, 1, MSG_NOSIGNAL) != 1) return false;
            // A head, and soon after it a body: at once, a reader in between would see them as one.
            nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
            peer->begin = 1;
            peer->held--;
        }
        if (!flush_echo(peer)) return false;
    }
    if (waited != (peer->held > 0)) wait_for(peer, peer->held > 0 ? EPOLLOUT : EPOLLIN);
    return true;
}

static bool measure(struct peer *peer) {
    ssize_t count = recv(peer->fd, buffer, 1 << 22, MSG_TRUNC);
    if (count > 0) peer->measured += (uint64_t)count;
    if (count == 0) send(peer->fd, &peer->measured, sizeof peer->measured, MSG_NOSIGNAL);
    return still_open(count);
}

static bool hold(struct peer *peer) {
    char more;
    return still_open(recv(peer->fd, &more, 1, 0));
}

static bool begin(struct peer *peer) {
    ssize_t count = recv(peer->fd, &peer->behaviour, 1, 0);
    if (count <= 0) return still_open(count);
    if (peer->behaviour == MEASURE) return true;
    if (peer->behaviour == SOURCE) wait_for(peer, EPOLLOUT);
    return send(peer->fd, "k", 1, MSG_NOSIGNAL) == 1;
}

static bool step(struct peer *peer, uint32_t events) {
    switch (peer->behaviour) {
    case 0: return begin(peer);
    case SINK: return swallow(peer);
    case SOURCE: return !(events & (EPOLLERR | EPOLLHUP)) && pour(peer);
    case ECHO:
    case SPLIT: return echo(peer);
    case MEASURE: return measure(peer);
    case HOLD: return hold(peer);
    default: return false;
    }
}

static void accept_some(int listener) {
    for (int turn = 0; turn < 64; turn++) {
        int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct peer *peer = calloc(1, sizeof *peer);
        if (!peer) fail("calloc");
        peer->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

int serve(const struct options *options) {
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&any, sizeof any) < 0 || listen(listener, 16384) < 0) fail("listen");
    received = shared_counter(options->received);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            struct peer *peer = events[i].data.ptr;
            if (!peer) accept_some(listener);
            else if (!step(peer, events[i].events)) drop(peer);
        }
    }
}
