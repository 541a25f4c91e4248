#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

struct bulk {
    const struct options *options;
    volatile uint64_t *swallowed; // by the server
    uint64_t taken;               // by us
    int epoll, errors;
};

// Bytes count where they arrive: what is in buffers on the way has not been carried yet.
static uint64_t carried(const struct bulk *bulk) {
    return bulk->options->upward ? *bulk->swallowed : bulk->taken;
}

static void move(struct bulk *bulk, int fd) {
    for (int turn = 0; turn < 4; turn++) {
        ssize_t count = bulk->options->upward ? send(fd, buffer, sizeof buffer, MSG_NOSIGNAL)
                                              : recv(fd, buffer, 1 << 22, MSG_TRUNC);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) {
            epoll_ctl(bulk->epoll, EPOLL_CTL_DEL, fd, NULL);
            bulk->errors++;
            return;
        }
        if (!bulk->options->upward) bulk->taken += (uint64_t)count;
    }
}

static void move_until(struct bulk *bulk, uint64_t end) {
    struct epoll_event events[128];
    while (now_ns() < end) {
        int ready = epoll_wait(bulk->epoll, events, 128, 10);
        for (int i = 0; i < ready; i++) move(bulk, (int)events[i].data.u64);
    }
}

int run_bulk(const struct options *options) {
    int *sockets = calloc((size_t)options->count, sizeof *sockets);
    int working = open_all(options, sockets, options->count, options->upward ? SINK : SOURCE, 10);
    struct bulk bulk = {.options = options, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    bulk.swallowed = shared_counter(options->received);
    for (int i = 0; i < options->count; i++)
        if (sockets[i] >= 0)
            watch(bulk.epoll, sockets[i], options->upward ? EPOLLOUT : EPOLLIN, (uint64_t)sockets[i]);

    move_until(&bulk, now_ns() + (uint64_t)(options->warm_up * 1e9));
    struct cost before = cost_now(options);
    uint64_t begin = now_ns(), carried_before = carried(&bulk);
    move_until(&bulk, begin + (uint64_t)(options->seconds * 1e9));
    uint64_t bytes = carried(&bulk) - carried_before;
    double seconds = (double)(now_ns() - begin) / 1e9, gib = (double)bytes / (1 << 30);
    struct cost cost = cost_since(before, options);

    double per_gib = gib > 0 ? 1 / gib / 1e9 : 0;
    printf("{\"wanted\":%d,\"working\":%d,\"errors\":%d,\"gib\":%.5f,\"gbps\":%.4f,\"cpu_s_per_gib\":%.5f,"
           "\"far_cpu_s_per_gib\":%.5f,\"machine_cpu_s_per_gib\":%.5f}\n",
           options->count, working, bulk.errors, gib, (double)bytes * 8 / 1e9 / seconds,
           (double)cost.billed * per_gib, (double)cost.far * per_gib, (double)cost.machine * per_gib);
    return working == options->count ? 0 : 2;
}
