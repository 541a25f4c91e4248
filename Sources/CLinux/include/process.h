#pragma once
// Processes that outlive the controlplane: started detached, watched and signalled by pidfd.
//
// Swift cannot fork, and a pidfd has no wrapper that its Glibc module imports; everything here
// exists for one of these two reasons. Functions return 0 or a count on success and -errno on
// failure. Only the controlplane uses them; nothing here is for the hot path.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What to start and as whom. Every pointer must stay valid until dvpn_process_fork returns.
struct dvpn_process_launch {
    const char *_Nonnull path;                    // absolute path of the executable
    char *_Nullable const *_Nonnull arguments;    // argv, NULL at the end
    char *_Nullable const *_Nonnull environment;  // envp, NULL at the end; nothing is inherited
    int input;                                    // becomes descriptor 0; -1: /dev/null
    int output;                                   // becomes descriptors 1 and 2; -1: /dev/null
    int errors;                                   // becomes descriptor 2 instead; -1: as output
    int change_user;                              // nonzero: the next four fields apply
    uid_t user;
    gid_t group;
    const gid_t *_Nullable groups;                // the supplementary groups, replaced as a whole
    size_t groups_count;
    uint64_t file_size_max;                       // RLIMIT_FSIZE in bytes, SIGXFSZ ignored; 0: none
    int block_hangup;                             // nonzero: SIGHUP does not reach it, whatever it makes of that
};

/// A child that is forked and prepared but waits for dvpn_process_release before it executes.
struct dvpn_process_child {
    pid_t pid;
    int pidfd;    // close-on-exec
    int gate;     // one byte here lets it go on; closed without one, it ends without executing
    int report;   // its -errno arrives here when it cannot execute; EOF when it could
};

/// Forks. The child is the leader of a session of its own, has no descriptor beyond 0 to 2, the
/// signal mask empty, every signal's default action, RLIMIT_NOFILE raised to its hard limit,
/// PR_SET_NO_NEW_PRIVS, and no parent-death signal. It waits at the gate, so that the caller can
/// write down who it is before it does anything; if the caller dies first, it ends.
int dvpn_process_fork(const struct dvpn_process_launch *_Nonnull launch,
                      struct dvpn_process_child *_Nonnull child);

/// Becomes the program at once, in this process, where the same holds but for the session, which is the
/// caller's affair. `gate` is a connected socket: one byte from it lets the program begin, and its -errno
/// goes there when it cannot. Does not return.
void dvpn_process_become(const struct dvpn_process_launch *_Nonnull launch, int gate);

/// Opens the gate and waits for execve(2)'s outcome. Closes gate and report in any case; on
/// failure the child is reaped and the pidfd closed too.
int dvpn_process_release(struct dvpn_process_child *_Nonnull child);

/// How a process ended, as far as anybody knows.
struct dvpn_process_exit {
    int known;    // 0: not a child of ours, its status went to somebody else
    int signal;   // the signal that ended it, or 0
    int status;   // its exit status when signal is 0
};

/// pidfd_open(2): a descriptor of a process that need not be a child.
int dvpn_pidfd_open(pid_t pid);
/// pidfd_send_signal(2): reaches exactly that process, never a later one of the same number.
int dvpn_pidfd_signal(int pidfd, int signal);
/// Reaps the ended process behind a pidfd (waitid(2) P_PIDFD): 1 when it has ended, 0 when it runs.
int dvpn_pidfd_reap(int pidfd, struct dvpn_process_exit *_Nonnull exit);

/// An epoll instance for pidfds (epoll_create1(2)).
int dvpn_watch_create(void);
/// Watches a descriptor for one report of readability (EPOLLONESHOT); `token` comes back with it.
int dvpn_watch_add(int watch, int descriptor, uint64_t token);
/// Stops watching a descriptor.
int dvpn_watch_remove(int watch, int descriptor);
/// Waits without limit for reports and stores up to `tokens_max` tokens; returns how many.
int dvpn_watch_wait(int watch, uint64_t *_Nonnull tokens, int tokens_max);

/// An anonymous file for a helper's output (memfd_create(2)), close-on-exec.
int dvpn_memory_file(const char *_Nonnull name);

/// Whether a user could read a file, directories included: 0 or -errno. Forks, because the answer
/// depends on credentials that only a process of its own may change.
int dvpn_process_may_read(const char *_Nonnull path, uid_t user, gid_t group,
                          const gid_t *_Nullable groups, size_t groups_count);

/// Looks up a user (getpwnam_r(3), getgrouplist(3)): 1 found, 0 unknown. `groups` receives at most
/// `*groups_count` groups, of which there are `*groups_count` on return.
int dvpn_user_lookup(const char *_Nonnull name, uid_t *_Nonnull user, gid_t *_Nonnull group,
                     gid_t *_Nonnull groups, int *_Nonnull groups_count);
/// Looks up a group (getgrnam_r(3)): 1 found, 0 unknown.
int dvpn_group_lookup(const char *_Nonnull name, gid_t *_Nonnull group);
