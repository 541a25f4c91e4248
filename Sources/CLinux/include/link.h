// The controlplane's end of the link to the dataplane, as far as SwiftNIO cannot make it: descriptors travel with
// bytes (SCM_RIGHTS, unix(7)). Returns a value >= 0, or -errno.
#pragma once
#include <stddef.h>
#include <sys/types.h>
#include <stdint.h>

// Connects, waiting at most for the backlog. The descriptor is blocking and close-on-exec.
long cl_connect(const char *path);
// Sends all bytes, the descriptors with the first of them.
long cl_send(int socket, const void *bytes, size_t length, const int *descriptors, int count);
// The shelf: a SOCK_SEQPACKET pair by which a dataplane leaves connections for the next one. What is written to ends[0]
// is read from ends[1]; `bytes` is how much memory the kernel may use for it.
long cl_shelf(int ends[2], int bytes);
// Whether something can be read from a descriptor now: 1 or 0.
long cl_is_readable(int fd);
// Closes what lies on the shelf, without a look at it; returns how many descriptors that were.
long cl_clear_shelf(int end);
// Receives some bytes, and the descriptors that came with them; where there are fewer, -1. 0 bytes: the end.
long cl_receive(int socket, void *bytes, size_t length, int *descriptors, int count);
// Listens at a path that only its owner may connect to. The descriptor is non-blocking and close-on-exec.
long cl_listen(const char *path, uid_t owner);
// Accepts, or -EAGAIN. The descriptor is blocking, for 10 s at most, and close-on-exec.
long cl_accept(int listener);
// A listener for a static forward. Two of the same user may listen on one address and port at once, so that a new
// process takes over without a gap; -EADDRINUSE is somebody else's. The address may come later.
long cl_listen_tcp(const char *address, uint16_t port);
// Listens at a path, whatever is there before. `group` -1: ours.
long cl_listen_unix(const char *path, unsigned mode, unsigned group);
// 1 where somebody answers at a Unix socket, 0 where nobody does or nothing is there.
long cl_answers(const char *path);
// The peer's process id (SO_PEERCRED).
long cl_peer_pid(int socket);
// CLOCK_BOOTTIME in milliseconds: goes on while the machine sleeps.
long long cl_boottime_ms(void);
// Whether something keeps the clock right (adjtimex(2)): 1, 0, or -errno where that is not told.
int cl_is_clock_kept(void);
