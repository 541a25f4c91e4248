// Holds listening sockets as systemd does and starts a program with them when it is told to, so that the
// time from exec to the first byte can be measured, as often as wanted.
//
//     activate NAME=0.0.0.0:PORT NAME=/PATH... -- PROGRAM ARGUMENT...
//
// Each line on standard input is an order: "start", which answers with {"exec_ns": ...} on
// CLOCK_MONOTONIC, or "kill". The program ends with us.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FIRST = 3 }; // SD_LISTEN_FDS_START, sd_listen_fds(3)

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int listening(const char *address) {
    int one = 1, fd = -1, result = -1;
    if (address[0] == '/') {
        struct sockaddr_un path = {.sun_family = AF_UNIX};
        snprintf(path.sun_path, sizeof path.sun_path, "%s", address);
        unlink(address);
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        result = bind(fd, (struct sockaddr *)&path, sizeof path);
    } else {
        const char *colon = strchr(address, ':');
        struct sockaddr_in any = {.sin_family = AF_INET};
        any.sin_port = htons((uint16_t)(colon ? atoi(colon + 1) : 0));
        fd = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        result = bind(fd, (struct sockaddr *)&any, sizeof any);
    }
    if (result < 0 || listen(fd, 16384) < 0) fail(address);
    return fd;
}

static pid_t start(char **program, int sockets) {
    pid_t child = fork();
    if (child != 0) return child;
    char number[16];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(number, sizeof number, "%d", getpid());
    setenv("LISTEN_PID", number, 1);
    snprintf(number, sizeof number, "%d", sockets);
    setenv("LISTEN_FDS", number, 1);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("{\"exec_ns\":%lld}\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    fflush(stdout);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execvp(program[0], program);
    fail(program[0]);
    return -1;
}

int main(int argc, char **argv) {
    int sockets = 0, index = 1;
    char names[256] = "";
    for (; index < argc && strcmp(argv[index], "--"); index++, sockets++) {
        char *address = strchr(argv[index], '=');
        if (!address) return 64;
        *address++ = 0;
        // They are inherited by number: nothing else may have come between.
        if (listening(address) != FIRST + sockets) fail("a descriptor is open that should not be");
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", sockets ? ":" : "", argv[index]);
    }
    if (index + 1 >= argc) return 64;
    setenv("LISTEN_FDNAMES", names, 1);
    signal(SIGPIPE, SIG_IGN); // as systemd leaves it (IgnoreSIGPIPE=yes)
    pid_t child = 0;
    for (char line[64]; fgets(line, sizeof line, stdin);) {
        if (child > 0) {
            kill(child, SIGKILL);
            waitpid(child, NULL, 0);
            child = 0;
        }
        if (!strcmp(line, "start\n")) child = start(argv + index + 1, sockets);
    }
    return 0;
}
