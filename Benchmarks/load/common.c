#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

char buffer[1 << 18];

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void fail(const char *what) {
    perror(what);
    exit(1);
}

volatile uint64_t *shared_counter(const char *path) {
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, 4096) < 0) fail(path);
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (page == MAP_FAILED) fail(path);
    close(file);
    return page;
}

static struct sockaddr_in address(const char *text, uint16_t port) {
    struct sockaddr_in made = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, text, &made.sin_addr) != 1) fail(text);
    return made;
}

int start_connection(const struct options *options) {
    static int turn;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (options->from) {
        struct sockaddr_in source = address(options->from, 0);
        source.sin_addr.s_addr = htonl(ntohl(source.sin_addr.s_addr) + turn++ % options->sources);
        // The port is chosen by connect(2), per destination: there are 64 times as many then.
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        if (bind(fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind");
    }
    struct sockaddr_in target = address(options->to, options->port);
    if (connect(fd, (struct sockaddr *)&target, sizeof target) < 0 && errno != EINPROGRESS) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

void watch(int epoll, int socket, uint32_t events, uint64_t number) {
    struct epoll_event event = {.events = events, .data.u64 = number};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) < 0) fail("epoll_ctl");
}

int open_all(const struct options *options, int *sockets, int count, enum behaviour behaviour,
             double seconds) {
    enum { AT_ONCE = 128 };
    struct epoll_event events[AT_ONCE];
    int epoll = epoll_create1(EPOLL_CLOEXEC), begun = 0, working = 0, failed = 0;
    uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
    while (working + failed < count && now_ns() < end) {
        while (begun < count && begun - working - failed < AT_ONCE) {
            sockets[begun] = start_connection(options);
            if (sockets[begun] < 0) failed++;
            else watch(epoll, sockets[begun], EPOLLIN | EPOLLOUT | EPOLLET, (uint64_t)begun);
            begun++;
        }
        int ready = epoll_wait(epoll, events, AT_ONCE, 100);
        for (int i = 0; i < ready; i++) {
            int *fd = &sockets[events[i].data.u64];
            char first = (char)behaviour;
            // Reported twice: connected, which the request answers, and the answer.
            if (!(events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))) {
                if (send(*fd, &first, 1, MSG_NOSIGNAL) == 1) continue;
            } else if (recv(*fd, &first, 1, 0) == 1) {
                epoll_ctl(epoll, EPOLL_CTL_DEL, *fd, NULL);
                working++;
                continue;
            }
            close(*fd);
            *fd = -1;
            failed++;
        }
    }
    while (begun < count) sockets[begun++] = -1;
    close(epoll);
    return working;
}
