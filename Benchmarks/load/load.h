// The load generator and its server: what all modes share. main.c has the command line.
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The first byte of a connection tells the server how to behave, so that one port is enough and
// forwarders with a fixed far side can take part. The server answers it with one byte.
enum behaviour {
    HOLD = 'h',    // nothing more: short connections, which the client closes, and idle ones
    SINK = 's',    // swallows what comes and counts it in the shared file
    SOURCE = 'o',  // sends until the client goes away
    ECHO = 'e',    // sends back what comes
    SPLIT = 'p',   // the same, in two writes 0.2 ms apart
    MEASURE = 'm', // counts to the client's FIN (no first answer), then tells how much: eight bytes
};

struct options {
    const char *to;        // the server's address; for the server itself unused
    uint16_t port;
    const char *from;      // the first of the client's addresses, or NULL for whatever the kernel takes
    int sources;           // how many consecutive ones are used in turn
    double seconds;        // the measuring window
    double warm_up;        // before it
    int count;             // streams, connections at once, idle connections
    long limit;            // connections in all, bytes to verify; 0: none
    int size;              // of a message, in bytes
    bool upward;           // bulk: from client to server
    bool split;            // trips: the answer comes in two writes
    const char *billed;    // processes whose CPU time is measured, "PID,PID"
    const char *far;       // the same beyond the forwarder: sshd
    const char *received;  // file that the server and the generator share: bytes swallowed so far
};

// Each prints one line of JSON and returns the exit status.
int serve(const struct options *options);
int run_bulk(const struct options *options);
int run_connections(const struct options *options);
int run_trips(const struct options *options);
int run_idle(const struct options *options);
int run_verify(const struct options *options);
int run_first(const struct options *options);

// --- common.c
uint64_t now_ns(void); // CLOCK_MONOTONIC
_Noreturn void fail(const char *what);
extern char buffer[1 << 18]; // to send from and to receive into

volatile uint64_t *shared_counter(const char *path);

// Starts a non-blocking connection from the next source address; negative errno if that fails.
int start_connection(const struct options *options);
// Opens `count` connections of one behaviour, each answered; -1 in place of those that failed.
// Returns how many work.
int open_all(const struct options *options, int *sockets, int count, enum behaviour behaviour,
             double seconds);
void watch(int epoll, int socket, uint32_t events, uint64_t number);

// --- cost.c: CPU time so far, in nanoseconds
struct cost {
    uint64_t billed, far; // of the processes named in the options
    uint64_t machine;     // of everything, in steps of 10 ms
};
struct cost cost_now(const struct options *options);
struct cost cost_since(struct cost begin, const struct options *options);

// --- samples.c: times in nanoseconds, and their percentiles in microseconds
struct samples {
    uint32_t *values;
    size_t count, capacity;
};
void add_sample(struct samples *samples, uint64_t ns);
void sort_samples(struct samples *samples);
double percentile_us(const struct samples *sorted, double share);

#endif
