"""Puts the machine to sleep as systemd-logind does, and wakes it up: only the machine does not sleep.

usage: logind.py       then a line "sleep" or "wake" on standard input. "said N" comes back: how many held a
                       delay lock, and have let go of it by then; "late" where one had not after 5 s

The real bus with logind's own name, signal and locks (org.freedesktop.login1(5)).
"""
import ctypes
import os
import select
import sys
import time

BUS = ctypes.CDLL("libsystemd.so.0")
PATH, INTERFACE = b"/org/freedesktop/login1", b"org.freedesktop.login1.Manager"
HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
locks: set[int] = set()  # the ends that we keep; the other end's closing lets go of one


def check(result: int, what: str) -> int:
    if result < 0:
        raise OSError(-result, what)
    return result


@HANDLER
def called(message: int, _data: int, _error: int) -> int:
    call = ctypes.c_void_p(message)
    if BUS.sd_bus_message_is_method_call(call, INTERFACE, b"Inhibit") <= 0:
        return 0
    kept, given = os.pipe()
    locks.add(kept)
    check(BUS.sd_bus_reply_method_return(call, b"h", ctypes.c_int(given)), "give a lock")
    os.close(given)
    return 1


def look(bus: ctypes.c_void_p, seconds: float) -> bool:
    """Does what the bus wants, forgets locks that were let go; whether there is a line to read."""
    while check(BUS.sd_bus_process(bus, None), "process") > 0:
        pass
    readable = select.select([sys.stdin, BUS.sd_bus_get_fd(bus), *locks], [], [], seconds)[0]
    for lock in locks.intersection(readable):
        os.close(lock)
        locks.remove(lock)
    return sys.stdin in readable


def main() -> None:
    bus = ctypes.c_void_p()
    check(BUS.sd_bus_open_system(ctypes.byref(bus)), "open the bus")
    check(BUS.sd_bus_add_object(bus, None, PATH, called, None), "be logind")
    check(BUS.sd_bus_request_name(bus, b"org.freedesktop.login1", ctypes.c_uint64(0)), "own the name")
    print("ready", flush=True)
    while True:
        if not look(bus, 10):
            continue
        line = sys.stdin.readline().strip()
        if not line:
            return
        count = len(locks)
        check(BUS.sd_bus_emit_signal(bus, PATH, INTERFACE, b"PrepareForSleep", b"b",
                                     ctypes.c_int({"sleep": 1, "wake": 0}[line])), "say it")
        check(BUS.sd_bus_flush(bus), "flush")
        begun = time.monotonic()
        while line == "sleep" and locks and time.monotonic() - begun < 5:
            look(bus, 0.1)
        print("late" if line == "sleep" and locks else f"said {count}", flush=True)


if __name__ == "__main__":
    main()
