// What somebody tries who has taken over the dataplane: one line a try, "NAME: RESULT", and how many
// packets he has put into dvpn0. It stands in place of the dataplane in a unit that is otherwise the same.
// "store NAME...": he leaves sockets under these names with systemd, for the next dataplane, and stays.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void tell(const char *name, const char *what, long result) {
    // write(2): stdio asks more of the kernel than the dataplane may.
    char line[256];
    int length = snprintf(line, sizeof line, "%s %s: %s\n", name, what,
                          result < 0 ? strerrorname_np(errno) : "done");
    if (write(STDOUT_FILENO, line, (size_t)length) < 0) _exit(1);
}

static int connect_unix(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int link = socket(AF_UNIX, SOCK_STREAM, 0);
    return connect(link, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : link;
}

// A queue of dvpn0, as the dataplane has: lend.py hands it out as the controlplane does.
static int borrow_queue(void) {
    char byte;
    struct iovec part = {&byte, 1};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } room = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room.bytes,
                             .msg_controllen = sizeof room.bytes};
    int queue = -1;
    if (recvmsg(connect_unix("/run/dvpn/lend.sock"), &message, 0) == 1)
        memcpy(&queue, CMSG_DATA(&room.header), sizeof queue);
    return queue;
}

static uint32_t add(uint32_t sum, const uint8_t *data, size_t length) {
    for (size_t index = 0; index < length; index++) sum += (uint32_t)data[index] << (index % 2 ? 0 : 8);
    return sum;
}

static void put_checksum(uint8_t *place, uint32_t sum) {
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    place[0] = (uint8_t)(~sum >> 8);
    place[1] = (uint8_t)~sum;
}

// A TCP SYN or a UDP datagram from port 40000, with a mark of the doorbell's in its DSCP field.
static bool forge(int queue, const char *source, const char *target, uint8_t protocol, uint16_t port,
                  uint8_t dscp) {
    bool six = strchr(source, ':');
    size_t head = six ? 40 : 20, width = six ? 16 : 4, size = protocol == IPPROTO_TCP ? 20 : 12;
    uint8_t packet[60] = {0}, *body = packet + head, *addresses = packet + (six ? 8 : 12);
    inet_pton(six ? AF_INET6 : AF_INET, source, addresses);
    inet_pton(six ? AF_INET6 : AF_INET, target, addresses + width);
    body[0] = 40000 >> 8;
    body[1] = 40000 & 0xff;
    body[2] = (uint8_t)(port >> 8);
    body[3] = (uint8_t)port;
    if (protocol == IPPROTO_TCP) {
        body[12] = 5 << 4;
        body[13] = 2;
        body[14] = 0xff;
    } else {
        body[5] = (uint8_t)size;
    }
    put_checksum(body + (protocol == IPPROTO_TCP ? 16 : 6),
                 add(add(protocol + (uint32_t)size, addresses, 2 * width), body, size));
    if (six) {
        packet[0] = (uint8_t)(0x60 | dscp >> 2);
        packet[1] = (uint8_t)(dscp << 6);
        packet[5] = (uint8_t)size;
        packet[6] = protocol;
        packet[7] = 64;
    } else {
        packet[0] = 0x45;
        packet[1] = (uint8_t)(dscp << 2);
        packet[3] = (uint8_t)(head + size);
        packet[8] = 64;
        packet[9] = protocol;
        put_checksum(packet + 10, add(0, packet, head));
    }
    return write(queue, packet, head + size) == (ssize_t)(head + size);
}

// To services of the gateway's own and to the LAN, from whomever they may trust.
static int forge_all(int queue) {
    static const char *const victims[][2] = {
        {"192.168.77.10", "192.168.77.1"}, {"192.168.77.10", "203.0.113.2"}, {"127.0.0.1", "127.0.0.1"},
        {"10.1.2.10", "127.0.0.1"}, {"10.1.2.10", "192.168.77.10"}, {"192.168.77.11", "192.168.77.10"},
        {"192.0.0.8", "192.168.77.1"}, {"::1", "::1"}, {"fd00:77::10", "fd00:77::1"},
        {"fd00:1:2::10", "fd00:77::10"}, {"fd00:77::11", "fd00:77::10"}};
    static const uint16_t ports[] = {22, 53, 3876, 40001};
    static const uint8_t marks[] = {0, 62, 63};
    int sent = 0;
    for (size_t victim = 0; victim < sizeof victims / sizeof *victims; victim++)
        for (size_t port = 0; port < sizeof ports / sizeof *ports; port++)
            for (size_t mark = 0; mark < sizeof marks; mark++)
                for (int udp = 0; udp < 2; udp++)
                    sent += forge(queue, victims[victim][0], victims[victim][1],
                                  udp ? IPPROTO_UDP : IPPROTO_TCP, ports[port], marks[mark]);
    return sent;
}

// sd_notify(3), with a descriptor where `kept` is one, and in another process's name where `as` is one.
static long notify(const char *state, int kept, pid_t as) {
    const char *path = getenv("NOTIFY_SOCKET");
    if (path == NULL || path[0] != '/') _exit(1);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    struct iovec part = {(void *)state, strlen(state)};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
    } room = {0};
    struct msghdr message = {.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &part,
                             .msg_iovlen = 1, .msg_control = room.bytes};
    room.header.cmsg_level = SOL_SOCKET;
    if (as > 0) {
        struct ucred who = {.pid = as, .uid = getuid(), .gid = getgid()};
        room.header.cmsg_type = SCM_CREDENTIALS;
        room.header.cmsg_len = CMSG_LEN(sizeof who);
        memcpy(CMSG_DATA(&room.header), &who, sizeof who);
    } else {
        room.header.cmsg_type = SCM_RIGHTS;
        room.header.cmsg_len = CMSG_LEN(sizeof kept);
        memcpy(CMSG_DATA(&room.header), &kept, sizeof kept);
    }
    message.msg_controllen = as > 0 || kept >= 0 ? room.header.cmsg_len : 0;
    int speaker = socket(AF_UNIX, SOCK_DGRAM, 0);
    long sent = sendmsg(speaker, &message, 0);
    close(speaker);
    return sent;
}

// Everything that systemd keeps for the dataplane goes, and more than there is room for comes: listeners,
// or pairs of sockets on which nothing ever comes.
static void store(int count, char **names) {
    static const char *const gone[] = {"shelf-in", "shelf-out", "control", "redirect4", "redirect6"};
    char state[128];
    for (size_t index = 0; index < sizeof gone / sizeof *gone; index++) {
        snprintf(state, sizeof state, "FDSTOREREMOVE=1\nFDNAME=%s", gone[index]);
        notify(state, -1, 0);
    }
    for (int round = 0; round < 5; round++) {
        for (int index = 0; index < count; index++) {
            int ends[2];
            if (strncmp(names[index], "shelf", 5) == 0) socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
            else listen(ends[0] = socket(AF_INET, SOCK_STREAM, 0), 1);
            snprintf(state, sizeof state, "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", names[index]);
            notify(state, ends[0], 0);
        }
    }
}

int main(int count, char **words) {
    if (geteuid() == 0) return 64; // in earnest it would be done, and to the wrong machine
    if (count > 1 && strcmp(words[1], "store") == 0) {
        store(count - 2, words + 2);
        notify("MAINPID=1", -1, 0);
        notify("READY=1\nSTATUS=stored", -1, 0);
        for (;;) poll(NULL, 0, -1);
    }
    tell("read", "/etc/dvpn/ssh/id_ed25519", open("/etc/dvpn/ssh/id_ed25519", O_RDONLY));
    tell("read", "/etc/dvpn/dvpn.toml", open("/etc/dvpn/dvpn.toml", O_RDONLY));
    tell("read", "/etc/shadow", open("/etc/shadow", O_RDONLY));
    tell("read", "/run/dvpn/host.json", open("/run/dvpn/host.json", O_RDONLY));
    tell("read", "/var/lib/dvpn", open("/var/lib/dvpn", O_RDONLY));
    tell("read", "/proc/1/environ", open("/proc/1/environ", O_RDONLY));
    const char *places[] = {"/x", "/etc/x", "/run/x", "/run/dvpn/x", "/usr/x", "/var/tmp/x", "/dev/shm/x",
                            "/proc/sys/net/ipv4/ip_forward"};
    for (size_t index = 0; index < sizeof places / sizeof *places; index++)
        tell("write", places[index], open(places[index], O_WRONLY | O_CREAT, 0600));
    tell("connect", "api", connect_unix("/run/dvpn/api.sock"));
    tell("connect", "control", connect_unix("/run/dvpn/control.sock"));
    tell("connect", "bus", connect_unix("/run/dbus/system_bus_socket"));
    tell("connect", "systemd", connect_unix("/run/systemd/private"));
    tell("socket", "raw", socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
    tell("socket", "packet", socket(AF_PACKET, SOCK_RAW, 0));
    tell("socket", "netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    tell("device", "/dev/net/tun", open("/dev/net/tun", O_RDWR));
    struct ifreq request = {.ifr_name = "dvpn0", .ifr_flags = 0};
    tell("down", "dvpn0", ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &request));
    int queue = borrow_queue();
    tell("unmake", "dvpn0", ioctl(queue, TUNSETPERSIST, 0UL));
    tell("own", "dvpn0", ioctl(queue, TUNSETOWNER, (unsigned long)getuid()));
    char line[64];
    int length = snprintf(line, sizeof line, "forged %d packets\n", forge_all(queue));
    if (write(STDOUT_FILENO, line, (size_t)length) < 0) return 1;
    tell("speak", "as process 1", notify("STATUS=mine", -1, 1));
    char *names[] = {"shelf-in", "control"};
    store(2, names);
    tell("become", "root", setuid(0));
    tell("namespace", "user", unshare(CLONE_NEWUSER));
    tell("trace", "process 1", ptrace(PTRACE_SEIZE, 1, 0, 0));
    tell("memory", "that runs", mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                        == MAP_FAILED ? -1 : 0);
    execl("/usr/bin/id", "id", (char *)NULL);
    tell("run", "a program", -1);
    return 0;
}
