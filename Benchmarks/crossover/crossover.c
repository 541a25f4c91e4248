// From which size on a message is cheaper by splice(2) than by read(2) and write(2): CPU of one thread that
// moves messages from one TCP connection over loopback to another, both ways in turn.
//
//     crossover [ROUNDS]      one JSON line for each size: bytes, and µs of CPU a message by copy and by splice
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST (1 << 18)
#define EACH 400

static char bytes[MOST];

static void need(int right, const char *what) {
    if (right) return;
    perror(what);
    exit(1);
}

// Two ends of a connection over loopback, with room for the largest message.
static void connected(int ends[2]) {
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof any;
    int room = 4 * MOST, on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    need(bind(listener, (struct sockaddr *)&any, length) == 0 && listen(listener, 1) == 0, "listen");
    getsockname(listener, (struct sockaddr *)&any, &length);
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    need(connect(ends[0], (struct sockaddr *)&any, length) == 0, "connect");
    ends[1] = accept(listener, NULL, NULL);
    need(ends[1] >= 0, "accept");
    setsockopt(ends[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    close(listener);
}

static double cpu(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static void move_by_copy(int from, int to, size_t left) {
    static char buffer[1 << 14]; // as the dataplane's
    while (left > 0) {
        ssize_t count = read(from, buffer, sizeof buffer);
        need(count > 0 && write(to, buffer, count) == count, "copy");
        left -= count;
    }
}

static void move_by_splice(int from, int to, const int pipe[2], size_t left) {
    while (left > 0) {
        ssize_t count = splice(from, NULL, pipe[1], NULL, MOST, SPLICE_F_MOVE);
        need(count > 0, "splice");
        left -= count;
        while (count > 0) {
            ssize_t gone = splice(pipe[0], NULL, to, NULL, count, SPLICE_F_MOVE);
            need(gone > 0, "splice");
            count -= gone;
        }
    }
}

// µs of CPU that moving one message takes, its sender and receiver left out.
static double measured(int splices, size_t size) {
    int in[2], out[2], through[2];
    double spent = 0;
    connected(in);
    connected(out);
    need(pipe(through) == 0 && fcntl(through[1], F_SETPIPE_SZ, 1 << 20) > 0, "pipe");
    for (int number = 0; number < EACH; number++) {
        for (size_t sent = 0; sent < size;) {
            ssize_t count = write(in[0], bytes, size - sent);
            need(count > 0, "write");
            sent += count;
        }
        double begun = cpu();
        if (splices) move_by_splice(in[1], out[0], through, size);
        else move_by_copy(in[1], out[0], size);
        spent += cpu() - begun;
        for (size_t got = 0; got < size;) {
            ssize_t count = read(out[1], bytes, size - got);
            need(count > 0, "read");
            got += count;
        }
    }
    for (int end = 0; end < 2; end++) {
        close(in[end]);
        close(out[end]);
        close(through[end]);
    }
    return spent / EACH;
}

static int by_size(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int count, char **words) {
    int rounds = count > 1 ? atoi(words[1]) : 15;
    if (rounds < 1 || rounds > 99) return 64;
    for (size_t size = 64; size <= MOST; size *= 4) {
        double copied[99], spliced[99];
        for (int round = 0; round < rounds; round++) {
            copied[round] = measured(0, size);
            spliced[round] = measured(1, size);
        }
        qsort(copied, rounds, sizeof *copied, by_size);
        qsort(spliced, rounds, sizeof *spliced, by_size);
        printf("{\"bytes\": %zu, \"copy_us\": %.2f, \"splice_us\": %.2f}\n", size, copied[rounds / 2],
               spliced[rounds / 2]);
    }
    return 0;
}
