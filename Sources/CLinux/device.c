#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// Packets without a header before them (IFF_NO_PI), several descriptors (IFF_MULTI_QUEUE). Queues
// must be opened with the flags that the device was made with, or the kernel says -EINVAL.
enum { DEVICE_FLAGS = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE };

static int open_tun(const char *name, short flags)
{
    struct ifreq request = {0};
    if (strlen(name) >= sizeof request.ifr_name) return -EINVAL;
    strcpy(request.ifr_name, name);
    request.ifr_flags = flags;

    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return -errno;
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int dvpn_device_create(const char *name, uid_t owner)
{
    // TUNSETIFF takes an existing device as its own; the question must be asked first. Two
    // controlplanes in one namespace are kept apart elsewhere, so nothing races with us.
    if (if_nametoindex(name) != 0) return -EEXIST;

    int fd = open_tun(name, DEVICE_FLAGS);
    if (fd < 0) return fd;
    // The owner first: a device that is persistent and nobody's would be anybody's.
    int error = 0;
    if (ioctl(fd, TUNSETOWNER, (unsigned long)owner) < 0 || ioctl(fd, TUNSETPERSIST, 1UL) < 0)
        error = errno;
    close(fd);
    return -error;
}

int dvpn_device_open_queue(const char *name)
{
    // Otherwise TUNSETIFF would make a new one, which nothing has configured or confined.
    if (if_nametoindex(name) == 0) return -ENODEV;
    return open_tun(name, DEVICE_FLAGS);
}

int dvpn_device_look(void)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return -errno;
    unsigned features = 0;
    int result = ioctl(fd, TUNGETFEATURES, &features) < 0 ? -errno : 0;
    close(fd);
    return result < 0 ? result : (features & IFF_MULTI_QUEUE) != 0;
}

int dvpn_raw6_open(uint32_t mark)
{
    int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}

static int join(int fd, const int *groups, size_t count)
{
    // Bound first: a socket without an address of its own gets none of the kernel's messages.
    struct sockaddr_nl address = { .nl_family = AF_NETLINK };
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) return -errno;
    // By option, not by the address's bit mask: that ends at group 32.
    for (size_t index = 0; index < count; index += 1) {
        if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[index], sizeof(int)) < 0)
            return -errno;
    }
    return 0;
}

static int subscribe(int protocol, const int *groups, size_t count)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    if (fd < 0) return -errno;
    int result = join(fd, groups, count);
    if (result == 0) return fd;
    close(fd);
    return result;
}

int dvpn_changes_open(int sockets[2])
{
    static const int route_groups[] = {
        RTNLGRP_LINK,        RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,  RTNLGRP_IPV4_ROUTE,
        RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV4_RULE,   RTNLGRP_IPV6_RULE,    RTNLGRP_IPV4_NETCONF,
        RTNLGRP_IPV6_NETCONF,
    };
    static const int netfilter_groups[] = { NFNLGRP_NFTABLES };

    int routes = subscribe(
        NETLINK_ROUTE, route_groups, sizeof route_groups / sizeof *route_groups);
    if (routes < 0) return routes;
    int netfilter = subscribe(NETLINK_NETFILTER, netfilter_groups, 1);
    if (netfilter < 0) {
        close(routes);
        return netfilter;
    }
    sockets[0] = routes;
    sockets[1] = netfilter;
    return 0;
}

int dvpn_changes_take(int socket)
{
    char message[8192]; // What does not fit is cut off, which is no loss: nothing is read.
    int count = 0;
    // A bound, so that somebody who changes routes without a pause cannot keep us here.
    while (count < 65536) {
        ssize_t size = recv(socket, message, sizeof message, MSG_DONTWAIT);
        if (size < 0 && errno == EAGAIN) return count;
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno != ENOBUFS) return -errno;
        count += 1;
    }
    return count;
}
