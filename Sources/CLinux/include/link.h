// The controlplane's end of the link to the dataplane, as far as SwiftNIO cannot make it: descriptors travel with
// bytes (SCM_RIGHTS, unix(7)). Returns a value >= 0, or -errno.
#pragma once
#include <stddef.h>
#include <sys/types.h>

// Connects, waiting at most for the backlog. The descriptor is blocking and close-on-exec.
long cl_connect(const char *path);
// Sends all bytes, the descriptors with the first of them.
long cl_send(int socket, const void *bytes, size_t length, const int *descriptors, int count);
// Receives some bytes, and the descriptors that came with them; where there are fewer, -1. 0 bytes: the end.
long cl_receive(int socket, void *bytes, size_t length, int *descriptors, int count);
// Listens at a path that only its owner may connect to. The descriptor is non-blocking and close-on-exec.
long cl_listen(const char *path, uid_t owner);
// Accepts, or -EAGAIN. The descriptor is blocking, for 10 s at most, and close-on-exec.
long cl_accept(int listener);
// The peer's process id (SO_PEERCRED).
long cl_peer_pid(int socket);
// CLOCK_BOOTTIME in milliseconds: goes on while the machine sleeps.
long long cl_boottime_ms(void);
