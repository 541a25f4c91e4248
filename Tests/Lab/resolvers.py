"""The resolvers of the lab, each a real dnsmasq: what each one knows, as its command line.

    wan    the provider: public names only; everything else does not exist. Its log has every question.
    priv   home.example:  web, big
    corp   corp.example:  www, big, vpn (the inner view of the concentrator's name)
    Both also know every name below many: 1.many.corp.example and so on.

"big" is a TXT answer of more than 4 KiB, which needs TCP. Addresses have names in the reverse zones.
"""

PROGRAM = "/usr/sbin/dnsmasq"
ALONE = ["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=",
         "--user=root", "--bind-interfaces", "--log-queries", "--log-facility=-"]


def _zone(domain: str, reverse: list[str], addresses: list[str], names: dict[str, str]) -> list[str]:
    """A private zone: what is not in it does not exist."""
    big = [f"--txt-record=big.{domain},{number:02}{'x' * 240}" for number in range(20)]
    hosts = [f"--host-record={name}.{domain},{found}" for name, found in names.items()]
    return [*(f"--listen-address={address}" for address in addresses), f"--local=/{domain}/",
            *(f"--local=/{zone}/" for zone in reverse), *big, *hosts,
            f"--address=/many.{domain}/{addresses[0]}"]


# www.example.net is not of the lab's own ranges: those are meant for documents, and dnsmasq takes an
# answer from them for an attack (stop-dns-rebind).
ARGUMENTS = {
    "wan": ["--listen-address=203.0.113.1", "--listen-address=198.51.100.1", "--address=/#/",
            "--host-record=www.example.net,93.184.216.34", "--host-record=vpn.corp.example,198.51.100.3,2001:db8:51::3",
            "--host-record=vpn.home.example,198.51.100.2,2001:db8:51::2"],
    "priv": _zone("home.example", ["2.1.10.in-addr.arpa"], ["10.1.2.10", "fd00:1:2::10"],
                  {"web": "10.1.2.10,fd00:1:2::10"}),
    "corp": _zone("corp.example", ["66.10.in-addr.arpa"], ["10.66.0.10", "fd00:66::10"],
                  {"www": "10.66.0.10", "vpn": "10.66.0.1"}),
}

# A question with such a name at the provider's resolver is a leak.
PRIVATE = r"(?:(?:.+\.)?(?:corp|home)\.example|.+\.(?:66\.10|2\.1\.10)\.in-addr\.arpa|" \
          r".+\.(?:6\.6\.0\.0\.0\.0\.d\.f|2\.0\.0\.0\.1\.0\.0\.0\.0\.0\.d\.f)\.ip6\.arpa)"
# Gateways' own names are asked for in public.
PUBLIC = {"vpn.corp.example", "vpn.home.example"}


def command(host: str) -> list[str]:
    return [PROGRAM, *ALONE, *ARGUMENTS[host]]
