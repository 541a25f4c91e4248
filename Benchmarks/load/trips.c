// Round trips on open connections: a message, its echo, and at once the next one.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

struct traveller {
    int fd;
    int missing; // bytes of the echo
    uint64_t sent;
};
struct trips {
    const struct options *options;
    struct traveller *travellers;
    int epoll;
    long errors;
    struct samples times;
};

static void depart(struct trips *trips, struct traveller *traveller) {
    traveller->missing = trips->options->size;
    traveller->sent = now_ns();
    if (send(traveller->fd, buffer, (size_t)traveller->missing, MSG_NOSIGNAL) != traveller->missing)
        trips->errors++;
}

static void arrive(struct trips *trips, struct traveller *traveller) {
    ssize_t count = recv(traveller->fd, buffer, (size_t)traveller->missing, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
        trips->errors++;
        epoll_ctl(trips->epoll, EPOLL_CTL_DEL, traveller->fd, NULL);
        return;
    }
    traveller->missing -= (int)count;
    if (traveller->missing > 0) return;
    add_sample(&trips->times, now_ns() - traveller->sent);
    depart(trips, traveller);
}

static void travel_until(struct trips *trips, uint64_t end) {
    struct epoll_event events[128];
    while (now_ns() < end) {
        int ready = epoll_wait(trips->epoll, events, 128, 10);
        for (int i = 0; i < ready; i++) arrive(trips, &trips->travellers[events[i].data.u64]);
    }
}

int run_trips(const struct options *options) {
    struct trips trips = {.options = options, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    int *sockets = calloc((size_t)options->count, sizeof *sockets);
    int working = open_all(options, sockets, options->count, options->split ? SPLIT : ECHO, 10);
    trips.travellers = calloc((size_t)options->count, sizeof *trips.travellers);
    for (int i = 0; i < options->count; i++) {
        if (sockets[i] < 0) continue;
        trips.travellers[i].fd = sockets[i];
        watch(trips.epoll, sockets[i], EPOLLIN, (uint64_t)i);
        depart(&trips, &trips.travellers[i]);
    }

    travel_until(&trips, now_ns() + (uint64_t)(options->warm_up * 1e9));
    trips.times.count = 0;
    struct cost before = cost_now(options);
    uint64_t begun = now_ns();
    travel_until(&trips, begun + (uint64_t)(options->seconds * 1e9));
    double seconds = (double)(now_ns() - begun) / 1e9, count = (double)trips.times.count;
    struct cost cost = cost_since(before, options);

    sort_samples(&trips.times);
    double each = count > 0 ? 1e-3 / count : 0;
    printf("{\"working\":%d,\"errors\":%ld,\"rate\":%.2f,\"p50_us\":%.3f,\"p99_us\":%.3f,\"p999_us\":%.3f,"
           "\"cpu_us\":%.3f,\"far_cpu_us\":%.3f,\"machine_cpu_us\":%.3f}\n",
           working, trips.errors, count / seconds, percentile_us(&trips.times, .5),
           percentile_us(&trips.times, .99), percentile_us(&trips.times, .999), (double)cost.billed * each,
           (double)cost.far * each, (double)cost.machine * each);
    return working == options->count && count > 0 ? 0 : 2;
}
