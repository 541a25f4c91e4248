"""vpngw: real VPN servers in front of corp. Started on demand, because they cost time.

    charon    strongSwan as a Cisco concentrator: IKEv1 aggressive mode, group secret, XAuth, mode-config,
              Unity. ESP in user space (kernel-libipsec): the kernel need not know IPsec.
    ocserv    for openconnect, IPv4 and IPv6, TCP and UDP 443
    openvpn   with a static key, UDP 1194

`Concentrator` starts, ends and kills them, makes them do what peers do (renew, terminate), and reads
from charon's log what has reached it. All answer on 198.51.100.3 and on 10.66.255.3.
"""
import hmac
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from basics import LabError, call, wait_until

if TYPE_CHECKING:
    from laboratory import Lab

HERE = Path(__file__).resolve().parent

GATEWAY, INSIDE = "198.51.100.3", "10.66.255.3"
GROUP, GROUP_SECRET = "labgroup", "group-Secret-1"
USER, PASSWORD = "alice", "xauth-Secret-1"
TOKEN = b"the-seed-of-a-token!"  # of 160 bits, as RFC 4226 wants them
BANNER = "Welcome to corp"

PLUGINS = "random nonce openssl aes sha1 sha2 md5 hmac kdf gmp pem pkcs1 pkcs8 x509 pubkey " \
          "kernel-libipsec kernel-netlink socket-default vici xauth-generic attr unity"

STRONGSWAN = """
charon-systemd {{
    # kernel-libipsec before kernel-netlink: that is what makes it ESP in user space.
    load = {plugins}
    i_dont_care_about_security_and_use_aggressive_mode_psk = yes
    cisco_unity = yes
    install_virtual_ip = no
    retransmit_tries = 3
    retransmit_timeout = 2.0
    plugins {{
        vici {{
            socket = unix:///run/charon.vici
        }}
        kernel-libipsec {{
            allow_peer_ts = yes
        }}
    }}
    journal {{
        default = -1
    }}
    filelog {{
        stderr {{
            time_format = %H:%M:%S
            flush_line = yes
            default = 1
        }}
    }}
}}
"""

# What a test may change: `settings`. Lifetimes are the server's own.
SETTINGS = {"ike_life": "8h", "child_life": "8h", "dpd": "30s", "esp": "aes256-sha1",
            "split": "10.66.0.0/24", "user_password": PASSWORD, "dns": "10.66.0.10",
            "domain": "corp.example"}

# The Unity attributes have no names: 28672 is the banner, 28674 the domain.
SWANCTL = """
connections {{
    cisco {{
        version = 1
        aggressive = yes
        local_addrs = {gateway},{inside}
        remote_addrs = %any
        proposals = aes256-sha1-modp1024,aes256-sha1-modp1536,aes256-sha1-modp2048,3des-md5-modp1024
        pools = pool
        encap = yes
        dpd_delay = {dpd}
        unique = never
        rekey_time = {ike_life}
        local {{
            auth = psk
            id = {gateway}
        }}
        remote {{
            auth = psk
            id = keyid:{group}
        }}
        remote-xauth {{
            auth = xauth
        }}
        children {{
            net {{
                local_ts = {split}
                esp_proposals = {esp}
                rekey_time = {child_life}
                dpd_action = clear
            }}
        }}
    }}
}}
secrets {{
    ike-group {{
        id = keyid:{group}
        secret = "{group_secret}"
    }}
    xauth-user {{
        id = {user}
        secret = "{user_password}"
    }}
}}
pools {{
    pool {{
        addrs = 10.66.200.1-10.66.200.99
        dns = {dns}
        28672 = "{banner}"
        28674 = "{domain}"
    }}
}}
"""

OCSERV = """
auth = "plain[passwd={directory}/ocpasswd]"
tcp-port = 443
udp-port = 443
run-as-user = root
run-as-group = root
socket-file = /run/ocserv.sock
use-occtl = false
use-utmp = false
isolate-workers = false
server-cert = {directory}/ocserv.crt
server-key = {directory}/ocserv.key
max-clients = 16
max-same-clients = 4
max-ban-score = 0
keepalive = 300
dpd = 20
auth-timeout = 20
device = oc
predictable-ips = true
ipv4-network = 10.66.201.0/24
ipv6-network = fd00:66:0:201::/64
dns = 10.66.0.10
default-domain = corp.example
banner = "{banner}"
route = 10.66.0.0/24
route = fd00:66::/64
split-dns = corp.example
cisco-client-compat = true
"""

OPENVPN = ["openvpn", "--dev", "ov0", "--dev-type", "tun", "--proto", "udp", "--lport", "1194", "--float",
           "--multihome", "--ifconfig", "10.66.202.1", "10.66.202.2", "--auth", "SHA256",
           "--cipher", "AES-256-CBC"]  # peers of a static key find each other at any time


class Concentrator:
    def __init__(self, lab: "Lab") -> None:
        self.lab = lab
        self.directory = lab.directory / "vpngw"
        self.settings_in_force = dict(SETTINGS)

    # --- life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Starts what is behind vpngw, charon and the other servers, and waits for all of them."""
        for program in ("/usr/sbin/charon-systemd", "/usr/sbin/swanctl", "/usr/sbin/ocserv"):
            if not Path(program).exists():
                raise LabError(f"{program} is missing: run Scripts/install-packages")
        self.directory.mkdir(mode=0o755)
        # Copies, because Debian's AppArmor profiles bind the installed ones to /etc. They go by path.
        for program in ("charon-systemd", "swanctl"):
            shutil.copy(f"/usr/sbin/{program}", self.directory / program)
        (self.directory / "strongswan.conf").write_text(STRONGSWAN.format(plugins=PLUGINS))
        self._write_ocserv()
        self._write_secrets()
        lab = self.lab
        lab.start("corp", "servers-corp", "/usr/bin/python3", str(HERE / "servers.py"))
        lab.start_resolver("corp")
        lab.start_sshd("corp", "sshd-corp", "Port 22\n")
        self._launch_charon()
        self._launch_ocserv()
        lab.start("vpngw", "openvpn", *OPENVPN, "--secret", str(self.directory / "openvpn.key"))
        self._load()
        for host, port in (("corp", 80), ("corp", 53), ("corp", 22), ("vpngw", 443)):
            wait_until(lambda: lab.listens(host, port), 10, f"port {port} on {host}")

    def start_charon(self) -> None:
        """Starts charon again after `stop_charon` or `kill_charon`; it knows nothing of earlier clients."""
        self._launch_charon()
        self._load()

    def stop_charon(self) -> None:
        """As an administrator does: its clients are told."""
        self.lab.end("charon", "TERM", 20)

    def kill_charon(self) -> None:
        """As a crash or a power cut does: nobody is told."""
        self.lab.end("charon", "KILL")

    def _launch_charon(self) -> None:
        self.lab.run("vpngw", "rm", "-f", "/run/charon.vici")
        self.lab.start("vpngw", "charon", "env", f"STRONGSWAN_CONF={self.directory}/strongswan.conf",
                       str(self.directory / "charon-systemd"))

    def _launch_ocserv(self) -> None:
        # At level 3 its log tells each password that it judges.
        self.lab.start("vpngw", "ocserv", "ocserv", "-f", "-d", "3",
                       "-c", str(self.directory / "ocserv.conf"))

    def restart_ocserv(self, signal: str) -> None:
        """Ends it with its workers and starts it again; no session outlives that."""
        self.lab.end("ocserv", signal)
        for pid in self.lab.run("vpngw", "pgrep", "-f", "^ocserv", check=False).stdout.split():
            self.lab.run("vpngw", "kill", f"-{signal}", pid, check=False)
        self._launch_ocserv()
        wait_until(lambda: self.lab.listens("vpngw", 443), 10, "port 443 on vpngw")

    @contextmanager
    def wanting_codes(self) -> Iterator[None]:
        """ocserv asks for a code after the password: `code(0)`, then any of the next twenty."""
        plain = self.directory / "ocserv.conf"
        before = plain.read_text()
        (self.directory / "tokens").write_text(f"HOTP {USER} - {TOKEN.hex()}\n")
        plain.write_text(before.replace("ocpasswd]", f"ocpasswd,otp={self.directory}/tokens]"))
        self.restart_ocserv("TERM")
        try:
            yield
        finally:
            plain.write_text(before)
            self.restart_ocserv("TERM")

    @staticmethod
    def code(count: int) -> str:
        """What the user's token shows when it was pressed that often before (HOTP, RFC 4226)."""
        digest = hmac.digest(TOKEN, count.to_bytes(8, "big"), "sha1")
        offset = digest[-1] & 15
        number = int.from_bytes(digest[offset:offset + 4], "big") & 0x7fffffff
        return f"{number % 1_000_000:06}"

    def _load(self) -> None:
        (self.directory / "swanctl.conf").write_text(SWANCTL.format(
            gateway=GATEWAY, inside=INSIDE, group=GROUP, group_secret=GROUP_SECRET, user=USER,
            banner=BANNER, **self.settings_in_force))
        wait_until(lambda: self.lab.run("vpngw", "test", "-S", "/run/charon.vici", check=False)
                   .returncode == 0, 10, f"charon (log: {self.lab.directory}/log/charon)")
        self.swanctl("--load-all", "--clear", "--file", str(self.directory / "swanctl.conf"))

    def settings(self, **changes: str) -> None:
        """Lifetimes, the user's password and the like (SETTINGS), for tunnels that come from now on."""
        unknown = set(changes) - set(SETTINGS)
        if unknown:
            raise LabError(f"no such setting: {unknown}")
        self.settings_in_force |= changes
        self._load()

    def reset(self) -> None:
        """As after `start`: charon runs, nobody is connected, and every setting is the first one."""
        self.settings_in_force = dict(SETTINGS)
        if not self.lab.pid("charon"):
            self._launch_charon()
        self._load()
        self.terminate()

    # --- what peers do ------------------------------------------------------------------------------

    def swanctl(self, *arguments: str, check: bool = True) -> str:
        return self.lab.run("vpngw", "env", f"STRONGSWAN_CONF={self.directory}/strongswan.conf",
                            f"SWANCTL_DIR={self.directory}", str(self.directory / "swanctl"),
                            arguments[0], "--uri", "unix:///run/charon.vici", *arguments[1:],
                            check=check).stdout

    def terminate(self) -> None:
        """Ends every tunnel, and tells the clients."""
        self.swanctl("--terminate", "--ike", "cisco", "--force", "--timeout", "5", check=False)

    def renew_ike(self) -> None:
        """Renews the IKE SA: vpnc takes that for its end."""
        self.swanctl("--rekey", "--ike", "cisco")

    def renew_child(self) -> None:
        """Renews the ESP keys: vpnc believes that it went well, and nothing passes any more."""
        self.swanctl("--rekey", "--child", "net")

    @contextmanager
    def blocked(self, ports: str = "500, 4500") -> Iterator[None]:
        """Drops what arrives at these UDP ports of vpngw: a black hole."""
        self.lab.run("vpngw", "nft", "-f", "-", input=f"""
            table inet block {{
                chain input {{
                    type filter hook input priority 0;
                    udp dport {{ {ports} }} drop
                }}
            }}""")
        try:
            yield
        finally:
            self.lab.run("vpngw", "nft", "delete", "table", "inet", "block")

    # --- what has reached it ------------------------------------------------------------------------

    def sas(self) -> int:
        """IKE SAs that are established now."""
        return self.swanctl("--list-sas").count("ESTABLISHED")

    def dials(self) -> int:
        """How many clients have begun to dial so far."""
        return len(re.findall(r"is initiating a Aggressive Mode IKE_SA", self.lab.log("charon")))

    def xauth_tries(self) -> int:
        """How many times a user name and password were judged so far."""
        judged = r"XAuth authentication of '.*' (?:successful|failed)"
        return len(re.findall(judged, self.lab.log("charon")))

    def password_tries(self) -> int:
        """How many times ocserv judged a password so far."""
        return self.lab.log("ocserv").count("auth cont for user")

    # --- files --------------------------------------------------------------------------------------

    def _write_ocserv(self) -> None:
        directory = self.directory
        call("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "30", "-subj", "/CN=vpn.corp.example",
             "-addext", f"subjectAltName=DNS:vpn.corp.example,IP:{GATEWAY},IP:{INSIDE}",
             "-keyout", str(directory / "ocserv.key"), "-out", str(directory / "ocserv.crt"))
        call("ocpasswd", "-c", str(directory / "ocpasswd"), USER, input=f"{PASSWORD}\n{PASSWORD}\n")
        key = call("openssl", "x509", "-in", str(directory / "ocserv.crt"), "-pubkey", "-noout")
        digest = call("sh", "-c", "openssl pkey -pubin -outform der | "
                      "openssl dgst -sha256 -binary | base64", input=key)
        (directory / "pin").write_text(f"pin-sha256:{digest.strip()}")
        (directory / "ocserv.conf").write_text(OCSERV.format(directory=directory, banner=BANNER))
        call("openvpn", "--genkey", "secret", str(directory / "openvpn.key"))

    def pin(self) -> str:
        """What openconnect's --servercert wants."""
        return (self.directory / "pin").read_text()

    def _write_secrets(self) -> None:
        secrets = {"group": GROUP_SECRET, "password": PASSWORD, "wrong": "not-the-Secret"}
        for name, secret in secrets.items():
            path = self.directory / f"{name}.secret"
            path.touch(mode=0o600)
            path.write_text(secret + "\n")

    def openvpn_client(self) -> list[str]:
        """The command line of a client of `openvpn`, whose device is dv-ovpn."""
        return ["/usr/sbin/openvpn", "--dev", "dv-ovpn", "--dev-type", "tun", "--proto", "udp",
                "--remote", GATEWAY, "1194", "--nobind", "--ifconfig", "10.66.202.2", "10.66.202.1",
                "--auth", "SHA256", "--cipher", "AES-256-CBC", "--secret", f"{self.directory}/openvpn.key"]

    def secret(self, name: str) -> dict[str, str]:
        """A secret as dvpn.toml names it: "group", "password" or "wrong"."""
        return {"file": str(self.directory / f"{name}.secret")}
