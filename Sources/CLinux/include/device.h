#pragma once
// The doorbell: a persistent, multi-queue TUN device, see Documentation/networking/tuntap.rst.
//
// Why in C: TUNSETIFF and its structure ifreq are not in Swift's Glibc module, and ioctl(2) is
// variadic. Only the controlplane uses this. Functions return a descriptor or 0, or -errno.

#include <stdint.h>
#include <sys/types.h>

/// Creates the device, made to outlive every process; it stays down and without an address.
///
/// `owner` is the only user beside root who may open queues: a device without an owner would be
/// open to everybody. -EEXIST: a device of this name is there already.
int dvpn_device_create(const char *_Nonnull name, uid_t owner);

/// Opens one more queue of a device made by dvpn_device_create: non-blocking and close-on-exec.
///
/// The kernel spreads packets over every open queue from this moment on: one that nobody reads
/// swallows its share. -EPERM or -EINVAL: the device is not a multi-queue TUN without headers.
int dvpn_device_open_queue(const char *_Nonnull name);

/// Whether a TUN device could be made, and with several queues: 1, or 0 with one only, or -errno.
/// Makes none.
int dvpn_device_look(void);

/// Opens a raw IPv6 socket that sends packets with their own headers (IPPROTO_RAW, raw(7)) and
/// marks each with `mark` (SO_MARK): non-blocking and close-on-exec. -EAFNOSUPPORT: no IPv6.
int dvpn_raw6_open(uint32_t mark);

/// Subscribes to what other programs do to interfaces, addresses, routes, rules, interface settings
/// and nftables (rtnetlink(7), nfnetlink): two non-blocking, close-on-exec sockets. Returns 0.
int dvpn_changes_open(int sockets[_Nonnull 2]);

/// Takes everything that waits in one of the sockets, without looking at it: how many messages, or
/// -errno. Messages that were lost because there were too many (ENOBUFS) count as one.
int dvpn_changes_take(int socket);
