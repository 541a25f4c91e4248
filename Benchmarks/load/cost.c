#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// The processes' own clocks (clock_getcpuclockid(3)): nanoseconds, threads that have ended included.
// Interrupts that came meanwhile are in it, which is right: packets that a forwarder sends over a
// veth are taken through the receiving stack in its own system call.
static uint64_t processes_ns(const char *pids) {
    uint64_t sum = 0;
    char *list = strdup(pids ? pids : ""), *rest = NULL;
    for (char *pid = strtok_r(list, ",", &rest); pid; pid = strtok_r(NULL, ",", &rest)) {
        clockid_t clock;
        struct timespec used;
        if (clock_getcpuclockid(atoi(pid), &clock) == 0 && clock_gettime(clock, &used) == 0)
            sum += (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
    }
    free(list);
    return sum;
}

// All that is neither idle nor stolen, of all processors.
static uint64_t machine_ns(void) {
    unsigned long long user, nice, system, idle, io, irq, soft;
    FILE *file = fopen("/proc/stat", "re");
    if (!file || fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle, &io,
                        &irq, &soft) != 7)
        fail("/proc/stat");
    fclose(file);
    return (user + nice + system + irq + soft) * (1000000000 / (uint64_t)sysconf(_SC_CLK_TCK));
}

struct cost cost_now(const struct options *options) {
    return (struct cost){processes_ns(options->billed), processes_ns(options->far), machine_ns()};
}

// 0 for a process that ended meanwhile.
static uint64_t grown(uint64_t before, uint64_t after) { return after > before ? after - before : 0; }

struct cost cost_since(struct cost begin, const struct options *options) {
    struct cost end = cost_now(options);
    return (struct cost){grown(begin.billed, end.billed), grown(begin.far, end.far),
                         grown(begin.machine, end.machine)};
}
