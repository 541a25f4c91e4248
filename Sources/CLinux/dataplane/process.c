// The process: rights, signals, threads, memory, and whom it tells. See ../include/dataplane.h.
#include "internal.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

long dp_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    return limit.rlim_cur > (1 << 30) ? 1 << 30 : (long)limit.rlim_cur;
}
// The kernel doubles the table of a process with threads only after an RCU grace period each time
// (expand_fdtable() of fs/file.c), which is 10 to 20 ms of nobody being served.
void dp_widen_descriptors(long count) {
    int last = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, (int)count - 1);
    if (last >= 0) close(last);
}
long dp_become(const char *user, uint32_t *uid) {
    errno = 0;
    struct passwd *entry = getpwnam(user);
    if (!entry) return errno ? -errno : -ENOENT;
    if (initgroups(user, entry->pw_gid) < 0 || setgid(entry->pw_gid) < 0 || setuid(entry->pw_uid) < 0) return -errno;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
    *uid = entry->pw_uid;
    return 0;
}
static volatile sig_atomic_t end_asked;
static int end_bell = -1;
static void ask_end(int signal) {
    (void)signal;
    int error = errno;
    end_asked = 1;
    (void)!write(end_bell, &(uint64_t){1}, sizeof(uint64_t));
    errno = error;
}
long dp_signals(void) {
    struct sigaction ignore = {.sa_handler = SIG_IGN}, end = {.sa_handler = ask_end};
    if (end_bell < 0) end_bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    sigaction(SIGPIPE, &ignore, NULL); // splice(2) to a reset socket raises it
    // Of other daemons they ask for something; they must not end this one.
    for (int i = 0; i < 3; i++) sigaction((int[]){SIGHUP, SIGUSR1, SIGUSR2}[i], &ignore, NULL);
    sigaction(SIGTERM, &end, NULL);
    RESULT(sigaction(SIGINT, &end, NULL));
}
long dp_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) < 0 ? 1 : CPU_COUNT(&set);
}
long dp_start_thread(void *(*run)(void *), void *argument) {
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); // the first thread takes them
    int error = pthread_create(&thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}
void dp_yield(void) { sched_yield(); }
bool dp_end_asked(void) { return end_asked != 0; }
int dp_end_bell(void) { return end_bell; }
void *dp_map(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}
void dp_forget(void *memory, size_t bytes) { (void)madvise(memory, bytes, MADV_DONTNEED); }
// glibc calls constructors with what main() gets.
static char **arguments;
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    (void)count;
    arguments = values;
}
char **dp_arguments(void) { return arguments; }
uint64_t dp_random(void) {
    uint64_t value = 0;
    if (getrandom(&value, sizeof value, 0) != sizeof value) value = dp_now_us() * 0x9e3779b97f4a7c15u;
    return value;
}
uint32_t dp_own_pid(void) { return (uint32_t)getpid(); }
uint32_t dp_own_uid(void) { return getuid(); }
const char *dp_environment(const char *name) { return getenv(name); }
long dp_store(const char *state, int kept) {
    struct sockaddr_un address;
    const char *path = getenv("NOTIFY_SOCKET");
    if (!path || (path[0] != '/' && path[0] != '@') || dp_unix_address(path, &address) < 0) return 0;
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(path);
    if (path[0] == '@') address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct iovec part = {.iov_base = (void *)state, .iov_len = strlen(state)};
    struct msghdr message = {.msg_name = &address, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1};
    long sent = dp_send_with(fd, &message, &kept, kept >= 0, 0);
    close(fd);
    return sent;
}
long dp_forget_stored(const char *name) {
    char state[300];
    int length = snprintf(state, sizeof state, "FDSTOREREMOVE=1\nFDNAME=%.*s", (int)strcspn(name, ":"), name);
    return length < 0 || (size_t)length >= sizeof state ? -ENAMETOOLONG : dp_notify(state);
}
long dp_notify(const char *state) { return dp_store(state, -1); }
// Whether standard error is the journal's, which alone reads levels (systemd.exec(5), $JOURNAL_STREAM).
static int is_journal(void) {
    unsigned long device, inode;
    struct stat file;
    const char *stream = getenv("JOURNAL_STREAM");
    return stream && sscanf(stream, "%lu:%lu", &device, &inode) == 2 && fstat(STDERR_FILENO, &file) == 0 &&
           file.st_dev == device && file.st_ino == inode;
}
void dp_log(const void *level, size_t level_length, const void *words, size_t length, long value) {
    char line[256];
    size_t used = 0;
    if (level_length > 8 || length > 200) return;
    static int reads_levels = -1;
    if (reads_levels < 0) reads_levels = is_journal();
    if (!reads_levels) level_length = 0;
    memcpy(line, level, level_length);
    memcpy(line + level_length, words, length);
    used = level_length + length;
    if (value != LONG_MIN) {
        char digits[24];
        int count = 0;
        unsigned long rest = value < 0 ? 0ul - (unsigned long)value : (unsigned long)value;
        do digits[count++] = (char)('0' + rest % 10); while ((rest /= 10) > 0);
        line[used++] = ' ';
        if (value < 0) line[used++] = '-';
        while (count > 0) line[used++] = digits[--count];
    }
    line[used++] = '\n';
    if (write(STDERR_FILENO, line, used) < 0) return; // nobody is left to tell
}
void dp_exit(int status) { exit(status); }
void dp_print(const void *words, size_t length) {
    if (write(STDOUT_FILENO, words, length) < 0) return;
}
