#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

// Where the child keeps its two pipe ends while everything else is closed.
enum { CHILD_REPORT = 3, CHILD_GATE = 4, CHILD_FIRST_CLOSED = 5 };

static void close_pair(const int pair[2]) {
    close(pair[0]);
    close(pair[1]);
}

static void reset_signals(int ignore_size_limit, int block_hangup) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
    // The log's size limit must stop the log, not the tunnel: write(2) then fails with EFBIG.
    if (ignore_size_limit) signal(SIGXFSZ, SIG_IGN);
    sigset_t blocked;
    sigemptyset(&blocked);
    if (block_hangup) sigaddset(&blocked, SIGHUP);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static void close_others(void) {
    if (close_range(CHILD_FIRST_CLOSED, ~0U, 0) == 0) return;
    // A sandbox may hide the call (ENOSYS, EPERM): one by one then, as far as the limit goes.
    struct rlimit limit;
    int end = 65536;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)end)
        end = (int)limit.rlim_cur;
    for (int descriptor = CHILD_FIRST_CLOSED; descriptor < end; descriptor++) close(descriptor);
}

// Moves a descriptor to where no dup2 below can hit it.
static int lift(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 10); }

static int take_user(uid_t user, gid_t group, const gid_t *groups, size_t groups_count) {
    if (setgroups(groups_count, groups) < 0) return -errno;
    if (setresgid(group, group, group) < 0) return -errno;
    if (setresuid(user, user, user) < 0) return -errno;
    return 0;
}

// Runs in a child of a program with threads, mostly: only async-signal-safe calls from here on.
static _Noreturn void become(const struct dvpn_process_launch *launch, int gate, int report) {
    int failure = 0;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int input = lift(launch->input >= 0 ? launch->input : null);
    int output = lift(launch->output >= 0 ? launch->output : null);
    int errors = lift(launch->errors >= 0 ? launch->errors : output);
    gate = lift(gate);
    report = lift(report);
    if (null < 0 || input < 0 || output < 0 || errors < 0 || gate < 0 || report < 0) _exit(127);
    dup2(input, 0);
    dup2(output, 1);
    dup2(errors, 2);
    dup3(report, CHILD_REPORT, O_CLOEXEC);
    dup3(gate, CHILD_GATE, O_CLOEXEC);
    close_others();

    setsid();
    reset_signals(launch->file_size_max != 0, launch->block_hangup);
    umask(077);
    if (chdir("/") < 0) failure = -errno;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (launch->file_size_max != 0) {
        limit.rlim_cur = limit.rlim_max = launch->file_size_max;
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

    char go;
    ssize_t count;
    do count = read(CHILD_GATE, &go, 1);
    while (count < 0 && errno == EINTR);
    if (count != 1) _exit(127);  // Whoever should have written down our name is gone.

    if (failure == 0 && launch->change_user)
        failure = take_user(launch->user, launch->group, launch->groups, launch->groups_count);
    if (failure == 0) {
        execve(launch->path, launch->arguments, launch->environment);
        failure = -errno;
    }
    count = write(CHILD_REPORT, &failure, sizeof failure);
    _exit(127);
}

void dvpn_process_become(const struct dvpn_process_launch *launch, int gate) {
    become(launch, gate, gate);
}

int dvpn_process_fork(const struct dvpn_process_launch *launch, struct dvpn_process_child *child) {
    int gate[2], report[2];
    if (pipe2(gate, O_CLOEXEC) < 0) return -errno;
    if (pipe2(report, O_CLOEXEC) < 0) {
        int failure = -errno;
        close_pair(gate);
        return failure;
    }
    // No handler of ours may run in the child before it has reset them.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        // Its own copy of the write end would keep the gate from closing when the parent dies.
        close(gate[1]);
        become(launch, gate[0], report[1]);
    }
    int failure = -errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(gate[0]);
    close(report[1]);
    if (pid < 0) {
        close(gate[1]);
        close(report[0]);
        return failure;
    }
    child->pid = pid;
    child->gate = gate[1];
    child->report = report[0];
    child->pidfd = dvpn_pidfd_open(pid);
    if (child->pidfd >= 0) return 0;
    failure = child->pidfd;
    close(gate[1]);
    close(report[0]);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    return failure;
}

int dvpn_process_release(struct dvpn_process_child *child) {
    int failure = 0;
    ssize_t count;
    // MSG_NOSIGNAL is for sockets only; a child that died at the gate must not end us by SIGPIPE.
    sigset_t pipe_signal, before, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    do count = write(child->gate, "", 1);
    while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EPIPE) {
        struct timespec at_once = {0, 0};
        if (sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1)
            sigtimedwait(&pipe_signal, NULL, &at_once);
        failure = -ECHILD;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(child->gate);
    if (failure == 0) {
        int told = 0;
        do count = read(child->report, &told, sizeof told);
        while (count < 0 && errno == EINTR);
        if (count == sizeof told) failure = told;
    }
    close(child->report);
    child->gate = child->report = -1;
    if (failure != 0) {
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {}
        close(child->pidfd);
        child->pidfd = -1;
    }
    return failure;
}

int dvpn_pidfd_open(pid_t pid) {
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);  // close-on-exec by itself
    return descriptor < 0 ? -errno : descriptor;
}

int dvpn_pidfd_signal(int pidfd, int number) {
    return syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0) < 0 ? -errno : 0;
}

int dvpn_pidfd_reap(int pidfd, struct dvpn_process_exit *result) {
    *result = (struct dvpn_process_exit){0};
    // Of a process that is no child waitid says nothing, running or not: ask the pidfd itself.
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    int outcome = poll(&ended, 1, 0);
    if (outcome <= 0) return outcome < 0 && errno != EINTR ? -errno : 0;
    siginfo_t info = {0};
    do outcome = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
    while (outcome < 0 && errno == EINTR);
    if (outcome < 0) return errno == ECHILD ? 1 : -errno;  // ECHILD: never ours, status unknown
    if (info.si_pid == 0) return 0;
    result->known = 1;
    if (info.si_code == CLD_EXITED) result->status = info.si_status;
    else result->signal = info.si_status;
    return 1;
}

int dvpn_watch_create(void) {
    int watch = epoll_create1(EPOLL_CLOEXEC);
    return watch < 0 ? -errno : watch;
}

int dvpn_watch_add(int watch, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = token};
    return epoll_ctl(watch, EPOLL_CTL_ADD, descriptor, &event) < 0 ? -errno : 0;
}

int dvpn_watch_remove(int watch, int descriptor) {
    return epoll_ctl(watch, EPOLL_CTL_DEL, descriptor, NULL) < 0 ? -errno : 0;
}

int dvpn_watch_wait(int watch, uint64_t *tokens, int tokens_max) {
    enum { REPORTS_MAX = 64 };
    struct epoll_event events[REPORTS_MAX];
    int count = epoll_wait(watch, events, tokens_max < REPORTS_MAX ? tokens_max : REPORTS_MAX, -1);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int index = 0; index < count; index++) tokens[index] = events[index].data.u64;
    return count;
}

int dvpn_memory_file(const char *name) {
    int descriptor = memfd_create(name, MFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int dvpn_process_may_read(const char *path, uid_t user, gid_t group, const gid_t *groups,
                          size_t groups_count) {
    pid_t pid = fork();
    if (pid < 0) return -errno;
    if (pid == 0) {
        int failure = take_user(user, group, groups, groups_count);
        if (failure != 0) _exit(-failure & 0xff);
        int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        _exit(descriptor < 0 ? errno & 0xff : 0);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return -errno;
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

int dvpn_user_lookup(const char *name, uid_t *user, gid_t *group, gid_t *groups,
                     int *groups_count) {
    struct passwd record, *found = NULL;
    char text[16384];
    int failure = getpwnam_r(name, &record, text, sizeof text, &found);
    if (found == NULL) return failure == 0 || failure == ENOENT ? 0 : -failure;
    *user = record.pw_uid;
    *group = record.pw_gid;
    int room = *groups_count;
    if (getgrouplist(name, record.pw_gid, groups, groups_count) < 0) *groups_count = room;
    return 1;
}

int dvpn_group_lookup(const char *name, gid_t *group) {
    struct group record, *found = NULL;
    char text[16384];
    int failure = getgrnam_r(name, &record, text, sizeof text, &found);
    if (found == NULL) return failure == 0 || failure == ENOENT ? 0 : -failure;
    *group = record.gr_gid;
    return 1;
}
