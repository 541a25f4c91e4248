// The modes that measure no rate: idle connections, what arrives, and when the first byte does.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int run_idle(const struct options *options) {
    int *sockets = calloc((size_t)options->count, sizeof *sockets);
    int working = open_all(options, sockets, options->count, HOLD, options->seconds);
    printf("{\"wanted\":%d,\"working\":%d}\n", options->count, working);
    fflush(stdout);
    for (char byte; read(STDIN_FILENO, &byte, 1) > 0;) {}
    return 0;
}

static void make_blocking(int fd) {
    struct timeval patience = {.tv_sec = 10};
    fcntl(fd, F_SETFL, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

// No two places in a stream look alike for 4 GiB, so that lost and doubled bytes are seen.
static char pattern(uint32_t place) { return (char)((place * 2654435761u >> 13) ^ place); }

// Sends ahead while the echo comes back; "ok" if it is the same.
static const char *compare(int fd, long bytes) {
    long sent = 0, came = 0;
    static char out[1 << 16], in[1 << 16];
    uint64_t end = now_ns() + 30000000000;
    while (came < bytes) {
        struct pollfd ready = {.fd = fd, .events = (short)(POLLIN | (sent < bytes ? POLLOUT : 0))};
        if (now_ns() > end || poll(&ready, 1, 5000) <= 0) return "stalled";
        if (ready.revents & POLLOUT) {
            long count = bytes - sent < (long)sizeof out ? bytes - sent : (long)sizeof out;
            if (sent % 7 == 0 && count > 333) count = 333; // small ones between large ones
            for (long i = 0; i < count; i++) out[i] = pattern((uint32_t)(sent + i));
            long done = send(fd, out, (size_t)count, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (done > 0) sent += done;
        }
        if (!(ready.revents & (POLLIN | POLLHUP | POLLERR))) continue;
        long count = recv(fd, in, sizeof in, MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno != EAGAIN)) return "cut";
        for (long i = 0; i < count; i++)
            if (in[i] != pattern((uint32_t)(came + i))) return "corrupt";
        if (count > 0) came += count;
    }
    return "ok";
}

// Sends, then FIN; the server answers after it.
static const char *half_close(const struct options *options) {
    int fd;
    for (fd = -EAGAIN; fd < 0;) fd = start_connection(options);
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    poll(&ready, 1, 10000);
    make_blocking(fd);
    uint64_t wanted = 1000000, counted = 0;
    char first = MEASURE;
    if (send(fd, &first, 1, MSG_NOSIGNAL) != 1) return "refused";
    for (uint64_t sent = 0; sent < wanted;) {
        size_t left = wanted - sent < sizeof buffer ? (size_t)(wanted - sent) : sizeof buffer;
        ssize_t count = send(fd, buffer, left, MSG_NOSIGNAL);
        if (count <= 0) return "cut";
        sent += (uint64_t)count;
    }
    shutdown(fd, SHUT_WR);
    bool answered = recv(fd, &counted, sizeof counted, MSG_WAITALL) == sizeof counted;
    return !answered ? "no answer" : counted != wanted ? "bytes lost" : recv(fd, &first, 1, 0) ? "no end" : "ok";
}

int run_verify(const struct options *options) {
    int fd;
    const char *data = open_all(options, &fd, 1, ECHO, 5) == 1 ? compare(fd, options->limit) : "refused";
    const char *half = half_close(options);
    printf("{\"data\":\"%s\",\"half_close\":\"%s\"}\n", data, half);
    return 0;
}

// Says when it has begun to connect, then when the first byte came, on CLOCK_MONOTONIC.
int run_first(const struct options *options) {
    uint64_t end = now_ns() + (uint64_t)(options->seconds * 1e9);
    for (int tries = 1; now_ns() < end; tries++) {
        int fd = start_connection(options);
        if (tries == 1) {
            printf("{\"connecting\":true}\n");
            fflush(stdout);
        }
        if (fd < 0) continue;
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        char byte = HOLD;
        poll(&ready, 1, (int)(options->seconds * 1000));
        make_blocking(fd);
        if (send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && recv(fd, &byte, 1, 0) == 1) {
            printf("{\"answered_ns\":%llu,\"tries\":%d}\n", (unsigned long long)now_ns(), tries);
            return 0;
        }
        close(fd);
    }
    return 2;
}
