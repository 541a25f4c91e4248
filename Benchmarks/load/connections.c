// Short connections: connect, one byte, one byte back, close, and at once the next one.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct attempt {
    int fd; // -1: none
    bool connected;
    uint64_t begun;
};
struct crowd {
    const struct options *options;
    struct attempt *attempts;
    int epoll, open;
    long begun, served, failed;
    struct samples connects, answers;
};
static const uint64_t patience_ns = 3000000000;

static void begin(struct crowd *crowd, int index) {
    struct attempt *attempt = &crowd->attempts[index];
    attempt->fd = -1;
    if (crowd->options->limit && crowd->begun >= crowd->options->limit) return;
    crowd->begun++;
    *attempt = (struct attempt){.begun = now_ns()};
    attempt->fd = start_connection(crowd->options);
    if (attempt->fd < 0) {
        crowd->failed++;
        attempt->fd = -1;
        return;
    }
    crowd->open++;
    watch(crowd->epoll, attempt->fd, EPOLLIN | EPOLLOUT | EPOLLET, (uint64_t)index);
}

static void end(struct crowd *crowd, int index) {
    close(crowd->attempts[index].fd);
    crowd->open--;
    begin(crowd, index);
}

static void step(struct crowd *crowd, int index, uint32_t events) {
    struct attempt *attempt = &crowd->attempts[index];
    char byte = HOLD;
    if (!attempt->connected && !(events & (EPOLLERR | EPOLLHUP)) &&
        send(attempt->fd, &byte, 1, MSG_NOSIGNAL) == 1) {
        attempt->connected = true;
        add_sample(&crowd->connects, now_ns() - attempt->begun);
        return;
    }
    ssize_t count = attempt->connected ? recv(attempt->fd, &byte, 1, 0) : 0;
    if (count < 0 && errno == EAGAIN) return;
    if (count == 1) {
        crowd->served++;
        add_sample(&crowd->answers, now_ns() - attempt->begun);
    } else {
        crowd->failed++;
    }
    end(crowd, index);
}

static void give_up_old_ones(struct crowd *crowd) {
    uint64_t now = now_ns();
    for (int i = 0; i < crowd->options->count; i++) {
        struct attempt *attempt = &crowd->attempts[i];
        // One that failed to begin at all is tried again here, not in a tight loop.
        if (attempt->fd < 0) {
            begin(crowd, i);
        } else if (now - attempt->begun > patience_ns) {
            crowd->failed++;
            end(crowd, i);
        }
    }
}

static void run_until(struct crowd *crowd, uint64_t until) {
    struct epoll_event events[512];
    uint64_t looked = now_ns();
    for (uint64_t now = looked; now < until; now = now_ns()) {
        if (crowd->options->limit && crowd->begun >= crowd->options->limit && crowd->open == 0) return;
        int ready = epoll_wait(crowd->epoll, events, 512, 20);
        for (int i = 0; i < ready; i++) step(crowd, (int)events[i].data.u64, events[i].events);
        if (now - looked > 200000000) {
            looked = now;
            give_up_old_ones(crowd);
        }
    }
}

int run_connections(const struct options *options) {
    struct crowd crowd = {.options = options, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    crowd.attempts = calloc((size_t)options->count, sizeof *crowd.attempts);
    for (int i = 0; i < options->count; i++) begin(&crowd, i);

    run_until(&crowd, now_ns() + (uint64_t)(options->warm_up * 1e9));
    crowd.served = crowd.failed = 0;
    crowd.connects.count = crowd.answers.count = 0;
    struct cost before = cost_now(options);
    uint64_t begun = now_ns();
    run_until(&crowd, begun + (uint64_t)(options->seconds * 1e9));
    double seconds = (double)(now_ns() - begun) / 1e9;
    struct cost cost = cost_since(before, options);

    sort_samples(&crowd.connects);
    sort_samples(&crowd.answers);
    double each = crowd.served ? 1e-3 / (double)crowd.served : 0;
    printf("{\"served\":%ld,\"failed\":%ld,\"rate\":%.2f,\"connect_p50_us\":%.2f,\"connect_p99_us\":%.2f,"
           "\"p50_us\":%.2f,\"p99_us\":%.2f,\"cpu_us\":%.3f,\"far_cpu_us\":%.3f,\"machine_cpu_us\":%.3f}\n",
           crowd.served, crowd.failed, (double)crowd.served / seconds, percentile_us(&crowd.connects, .5),
           percentile_us(&crowd.connects, .99), percentile_us(&crowd.answers, .5),
           percentile_us(&crowd.answers, .99), (double)cost.billed * each, (double)cost.far * each,
           (double)cost.machine * each);
    return crowd.served ? 0 : 2;
}
