"""Accounts that exist inside a lab only: its hosts' own passwd, group and shadow."""
import grp
import pwd
from pathlib import Path

import namespaces

ACCOUNTS = {"dvpn": 64761, "dvpn-ssh": 64762, "sshd": 64763, "rob": 64765}  # name -> uid and gid
SHELLS = {"rob": "/bin/sh"}  # the one who has a session; the others have none anywhere
ADMIN_GROUP = ("dvpn-admin", 64764)
FILES = ("passwd", "group", "shadow")


def write(directory: Path, numbers: dict[str, int] = ACCOUNTS) -> None:
    """Writes the files: this machine's accounts and the lab's, which have these numbers."""
    ours = set(numbers) | {ADMIN_GROUP[0]}
    passwd = [":".join((e.pw_name, "x", str(e.pw_uid), str(e.pw_gid), e.pw_gecos, e.pw_dir,
                        e.pw_shell)) for e in pwd.getpwall() if e.pw_name not in ours]
    group = [f"{e.gr_name}:x:{e.gr_gid}:{','.join(e.gr_mem)}"
             for e in grp.getgrall() if e.gr_name not in ours]
    for name, number in numbers.items():
        passwd.append(f"{name}:x:{number}:{number}::/nonexistent:"
                      f"{SHELLS.get(name, '/usr/sbin/nologin')}")
        group.append(f"{name}:x:{number}:")
    group.append(f"{ADMIN_GROUP[0]}:x:{ADMIN_GROUP[1]}:")
    shadow = [line.split(":")[0] + ":*:19000:0:99999:7:::" for line in passwd]
    for name, lines in zip(FILES, (passwd, group, shadow), strict=True):
        (directory / name).write_text("\n".join(lines) + "\n")
    (directory / "shadow").chmod(0o600)


def mount(directory: Path) -> None:
    """Inside a host's namespaces: these files in place of the machine's."""
    for name in FILES:
        namespaces.mount(str(directory / name), f"/etc/{name}", flags=namespaces.MS_BIND)
