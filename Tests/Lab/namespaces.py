"""Hosts made of Linux namespaces, which vanish with one process.

A lab is one PID namespace. Its first process (the init) has one child per host, and that child (the
holder) keeps the host's network, mounts and host name. Nothing is given a name in /run/netns and
nothing is mounted in the caller's namespace, so that killing the init ends every process of the lab,
and with the last process go the interfaces, routes, rules and mounts (pid_namespaces(7)).
"""
import ctypes
import os
import select
import signal
import socket
import struct
from collections.abc import Callable

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x4000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND = 0x2, 0x4, 0x8, 0x1000
MS_REC, MS_PRIVATE = 0x4000, 0x40000

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    _check(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str = "none", flags: int = 0, data: str = "") -> None:
    arguments = (source.encode(), target.encode(), kind.encode(), flags, data.encode())
    _check(_libc.mount(*arguments), f"mount {target}")


def start_time(pid: int, proc: str = "/proc") -> str:
    """Field 22 of /proc/PID/stat: with the pid it names one process for good. Empty: it has gone."""
    try:
        with open(f"{proc}/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
            return "" if fields[0] in "ZX" else fields[19]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def create(hosts: list[str], prepare: Callable[[str], None],
           record: Callable[[int], None]) -> dict[str, int]:
    """Starts the init and the holders; returns the holders' pids as seen from outside.

    `record` gets the init's pid before anything else happens: if the caller dies earlier than that,
    the init leaves too. `prepare` runs inside each holder, in its fresh namespaces.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # The kernel then tells the sender's pid with each message, in our numbering.
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    ours.settimeout(20)
    middle = os.fork()
    if middle == 0:
        ours.close()
        _guarded(lambda: _leave_for_init(theirs, hosts, prepare), theirs)
    theirs.close()
    os.waitpid(middle, 0)
    name, init = _receive(ours)
    if name != "init":
        raise RuntimeError(name)
    record(init)
    ours.send(b"recorded")
    holders: dict[str, int] = {}
    while len(holders) < len(hosts):
        name, pid = _receive(ours)
        if name not in hosts:
            raise RuntimeError(name)
        holders[name] = pid
    return holders


def end(pid: int, started: str) -> None:
    """Kills the init that was recorded and waits until the whole lab is gone."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if start_time(pid) == started:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            if not select.select([handle], [], [], 20)[0]:
                raise RuntimeError(f"process {pid} does not end")
    finally:
        os.close(handle)


def _receive(channel: socket.socket) -> tuple[str, int]:
    message, extra, _, _ = channel.recvmsg(4096, socket.CMSG_SPACE(12))
    if not message:
        raise RuntimeError("the lab's first process ended too early")
    return message.decode(), struct.unpack("3i", extra[0][2])[0]


def _guarded(body: Callable[[], None], channel: socket.socket) -> None:
    """Runs the body of a forked child, which never returns into the parent's code, come what may."""
    code = 1
    try:
        body()
        code = 0
    except BaseException as error:
        channel.send(f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(code)


def _leave_for_init(channel: socket.socket, hosts: list[str],
                    prepare: Callable[[str], None]) -> None:
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    unshare(CLONE_NEWPID)
    if os.fork() == 0:
        _guarded(lambda: _init(channel, hosts, prepare), channel)


def _init(channel: socket.socket, hosts: list[str], prepare: Callable[[str], None]) -> None:
    channel.send(b"init")
    if channel.recv(64) != b"recorded":
        return
    for host in hosts:
        if os.fork() == 0:
            _guarded(lambda: _hold(channel, host, prepare), channel)
    channel.close()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # orphans come to us: reaped without a word
    _sleep_for_ever()


def _hold(channel: socket.socket, host: str, prepare: Callable[[str], None]) -> None:
    unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS)
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    socket.sethostname(host)
    prepare(host)
    channel.send(host.encode())
    channel.close()
    _sleep_for_ever()


def _sleep_for_ever() -> None:
    while True:
        signal.pause()
