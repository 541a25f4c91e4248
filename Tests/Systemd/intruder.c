// What somebody tries who has taken over the dataplane: one line a try, "NAME: RESULT". It stands in
// place of the dataplane in a unit that is otherwise the same.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
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

static long connect_unix(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
}

int main(void) {
    if (geteuid() == 0) return 64; // in earnest it would be done, and to the wrong machine
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
    tell("become", "root", setuid(0));
    tell("namespace", "user", unshare(CLONE_NEWUSER));
    tell("trace", "process 1", ptrace(PTRACE_SEIZE, 1, 0, 0));
    tell("memory", "that runs", mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                        == MAP_FAILED ? -1 : 0);
    execl("/usr/bin/id", "id", (char *)NULL);
    tell("run", "a program", -1);
    return 0;
}
