// What the parts of ../include/dataplane.h share.
#pragma once
#define _GNU_SOURCE
#include "../include/dataplane.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#define RESULT(call)                                                                                \
    long r = (call);                                                                                \
    return r < 0 ? -errno : r

void dp_decode(const struct sockaddr_storage *from, struct dp_endpoint *to);
socklen_t dp_encode(const struct dp_endpoint *from, struct sockaddr_storage *to);
// -ENAMETOOLONG for an empty path, too.
long dp_unix_address(const char *path, struct sockaddr_un *address);
// sendmsg(2) with at most 64 descriptors.
long dp_send_with(int fd, struct msghdr *message, const int *fds, int count, int flags);
