// The controlplane's end of the link to the dataplane, as far as SwiftNIO cannot make it: descriptors travel with
// bytes (SCM_RIGHTS, unix(7)). Returns a value >= 0, or -errno.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Connects, waiting at most for the backlog. The descriptor is blocking and close-on-exec.
long cl_connect(const char *path);
// Sends all bytes, the descriptors with the first of them.
long cl_send(int socket, const void *bytes, size_t length, const int *descriptors, int count);
// A listener for a static forward. Two of the same user may listen on one address and port at once, so that a new
// process takes over without a gap; -EADDRINUSE is somebody else's. The address may come later.
long cl_listen_tcp(const char *address, uint16_t port);
// Replaces what is at the path by a rename; the caller has looked whose it is. `group` -1: ours.
long cl_listen_unix(const char *path, const char *temporary, unsigned mode, unsigned group);
// 1 where somebody answers at a Unix socket, 0 where nobody does or nothing is there.
long cl_answers(const char *path);
// The peer's process id (SO_PEERCRED).
long cl_peer_pid(int socket);
// CLOCK_BOOTTIME in milliseconds: goes on while the machine sleeps.
long long cl_boottime_ms(void);
