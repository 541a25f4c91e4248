extension WrongFile {
    /// Tunnels that other programs make.
    static let commands: [WrongFile] = [
        WrongFile(
            "a command without its table",
            home.replacing("direct", with: "command"),
            """
            1:3 missing key `command` in [[network]]
                [network.command] has start, for one
            """),
        WrongFile(
            "a command without a start",
            command.replacing("start =", with: "stop ="),
            """
            5:10 missing key `start` in [network.command]
                write start = ["/usr/bin/wg-quick", "up", "wg0"]
            """),
        WrongFile(
            "a command line in one string",
            command.replacing("[\"/bin/tunnel\"]", with: "\"/bin/tunnel --up wg0\""),
            """
            6:9 `start` must be an array of strings, not a string
                write start = ["/bin/tunnel", "--up", "wg0"]
            """),
        WrongFile(
            "programs without their paths",
            "\(command.replacing("/bin/", with: ""))\nstop = []\n",
            """
            6:9 `start` must begin with the absolute path of a program
            7:8 `stop` must begin with the absolute path of a program
            """),
        WrongFile(
            "devices that cannot be tunnels",
            "\(command)\ndevice = \"lo\"\n",
            """
            7:10 "lo" cannot be a tunnel
            """),
        WrongFile(
            "the doorbell for a tunnel",
            "\(command)\ndevice = \"dvpn0\"\n",
            """
            7:10 "dvpn0" is dvpn's own device
            """),
        WrongFile(
            "a device whose name is too long",
            "\(command)\ndevice = \"wireguard-to-work\"\n",
            """
            7:10 "wireguard-to-work" is not the name of an interface
            """),
        WrongFile(
            "a condition that is none",
            "\(command)\nready = \"soon\"\n",
            """
            7:9 `ready` must be one condition
                write "device", { file = "/path" } or { command = ["/path"] }
            """),
        WrongFile(
            "two conditions",
            "\(command)\nready = { file = \"/f\", command = [\"/c\"] }\n",
            """
            7:9 `ready` must be one condition
                write "device", { file = "/path" } or { command = ["/path"] }
            """),
        WrongFile(
            "a condition without its path",
            "\(command)\nready = { file = \"tunnel.pid\" }\n",
            """
            7:18 `file` must be an absolute path
            """),
        WrongFile(
            "a user in a command's gateway",
            command.replacing("[network.command]", with: "gateway = \"a@b\"\n[network.command]"),
            """
            5:11 the gateway "a@b" has a user in it
            """),
    ]

    /// Devices that two networks would share.
    static let devices: [WrongFile] = [
        WrongFile(
            "a device of two networks",
            "\(command)\ndevice = \"wg0\"\n",
            second: """
                [[network]]
                name = "lab"
                prefixes = ["10.67.0.0/16"]
                via = "command"
                [network.command]
                device = "wg0"
                start = ["/bin/tunnel"]
                """,
            """
            dvpn.d/b.toml:6:10 the device "wg0" is already that of network "work" at dvpn.toml:7:10
                each tunnel needs its own device
            """),
        WrongFile(
            "a device that is another network's by its name",
            command.replacing("\"work\"", with: "\"lab\"") + "\ndevice = \"dv-work\"\n",
            second: vpnc().replacing("10.66.0.0", with: "10.67.0.0"),
            """
            dvpn.d/b.toml:2:8 the device "dv-work" is already that of network "lab" \
            at dvpn.toml:7:10
                give the network another name
            """),
        WrongFile(
            "a tunnel for a LAN",
            "lan = [\"eth0\", \"dv-work\"]\n",
            second: vpnc(),
            """
            1:16 "dv-work" is the tunnel of network "work"
            """),
    ]
}
