"""A far side to be set up: a machine of its own on the lab's sshgw, with a stock sshd and a root of its own.

It shares sshgw's network. Its files are this machine's, and what changes in them stays in memory: no
account and no file of the machine, or of the lab's other hosts, is touched.
"""
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from basics import call, wait_until

if TYPE_CHECKING:
    from laboratory import Lab

PORT = 2240
ADDRESS = "198.51.100.2"
PROJECT = Path(__file__).resolve().parent.parent.parent
BUSYBOX = PROJECT / ".build/lab/busybox/bin/busybox"

# Ends as process of the root file system that it makes: the sshd.
BOOT = r"""
set -eu
sshd=$1 busybox=$2 ssh=$3 port=$4
mkdir -p /run/far
mount -t tmpfs -o mode=755 far /run/far
mkdir /run/far/upper /run/far/work /run/far/root
root=/run/far/root
mount -t overlay -o lowerdir=/,upperdir=/run/far/upper,workdir=/run/far/work far $root
# What the machine, or an earlier installation of something, may have.
rm -rf $root/etc/ssh/sshd_config $root/etc/ssh/sshd_config.d $root/etc/dvpn-gateway
mkdir -p $root/etc/ssh/sshd_config.d $root/root/.ssh $root/usr/sbin
cp "$sshd" $root/usr/sbin/sshd.new
mv $root/usr/sbin/sshd.new $root/usr/sbin/sshd
cp "$busybox" $root/bin/busybox
cp "$ssh/host_key" $root/etc/ssh/ssh_host_ed25519_key
chown 0:0 $root/etc/ssh/ssh_host_ed25519_key
chmod 600 $root/etc/ssh/ssh_host_ed25519_key
# As Debian's is, without PAM.
cat >$root/etc/ssh/sshd_config <<END
Include /etc/ssh/sshd_config.d/*.conf
Port $port
KbdInteractiveAuthentication no
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
LogLevel VERBOSE
END
cp "$ssh/admin_key.pub" $root/root/.ssh/authorized_keys
chown -R 0:0 $root/root/.ssh
chmod 700 $root/root $root/root/.ssh
mount --rbind /dev $root/dev
mount -t proc proc $root/proc
mount -t tmpfs -o mode=755 run $root/run
mount -t tmpfs -o mode=1777 tmp $root/tmp
mkdir $root/run/sshd
chroot $root sh -c 'grep -q ^sshd: /etc/passwd ||
    useradd --system --no-create-home --home-dir /run/sshd --shell /usr/sbin/nologin sshd'
exec chroot $root /usr/sbin/sshd -D -e
"""


class Far:
    """The machine; made with a fresh root file system."""

    def __init__(self, lab: "Lab", sshd: Path) -> None:
        self.lab = lab
        ssh = lab.directory / "ssh"
        self.ssh_config = ssh / "admin_config"
        if not BUSYBOX.exists():
            call(str(PROJECT / "Scripts/fetch-busybox"))
        if not (ssh / "admin_key").exists():
            call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "admin", "-f", str(ssh / "admin_key"))
        self.ssh_config.write_text(f"""\
IdentityFile {ssh}/admin_key
IdentitiesOnly yes
UserKnownHostsFile {ssh}/known_hosts
StrictHostKeyChecking yes
BatchMode yes
Port {PORT}
""")
        lab.start("sshgw", "far", "unshare", "--mount", "--propagation", "private", "sh", "-c", BOOT, "sh",
                  str(sshd), str(BUSYBOX), str(ssh), str(PORT))
        wait_until(lambda: lab.listens("sshgw", PORT), 10, "the far side's sshd")

    def down(self) -> None:
        """Ends it, with everybody who is logged in there."""
        for pid in self.lab.run("sshgw", "pgrep", "-f", "sshd: (dvpn|root|rob)", check=False).stdout.split():
            self.lab.run("sshgw", "kill", pid, check=False)
        self.lab.end("far")
        for table in self.tables():
            self.lab.run("sshgw", "nft", "delete", "table", "inet", table)

    def tables(self) -> list[str]:
        """dvpn's tables of rules on sshgw."""
        words = self.lab.run("sshgw", "nft", "list", "tables").stdout.split()
        return [word for word in words if word.startswith("dvpn-far-")]

    def run(self, script: str, check: bool = True, input: str | None = None) -> subprocess.CompletedProcess[str]:
        """A shell script on it, as root."""
        return self.lab.run("sshgw", "env", "--unset=TMPDIR", "nsenter", f"--target={self.lab.pid('far')}",
                            "--mount", "--root", "--wd=/", "sh", "-c", script, check=check, input=input)

    def logins(self) -> int:
        """How many times somebody has come in as dvpn, since the lab was made."""
        return self.lab.log("far").count("Accepted publickey for dvpn")

    def restart_sshd(self) -> None:
        self.run('kill -HUP "$(cat /run/sshd.pid)"')
        wait_until(lambda: self.lab.listens("sshgw", PORT), 10, "the far side's sshd")
