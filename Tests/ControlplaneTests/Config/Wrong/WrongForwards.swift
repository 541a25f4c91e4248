extension WrongFile {
    /// `[[forward]]`.
    static let forwards: [WrongFile] = [
        WrongFile(
            "a forward with nothing in it",
            "[[forward]]\n",
            """
            1:3 missing key `listen` in [[forward]]
                write listen = "127.0.0.1:25", for one
            1:3 missing key `network` in [[forward]]
                write the network's name
            1:3 missing key `to` in [[forward]]
                write to = "mail.home:25", for one
            """),
        forward(
            "a forward that listens on a name",
            "localhost:25", "mail.home:25",
            """
            6:10 "localhost:25" is neither an address with a port nor a path
                write it like 127.0.0.1:25, [::1]:25 or /run/dvpn/mail.sock
            """),
        forward(
            "a forward without a port",
            "127.0.0.1", "mail.home",
            """
            6:10 `listen` has no port
                write it like 127.0.0.1:25, [::1]:25 or /run/dvpn/mail.sock
            7:6 `to` has no port
                write it like mail.home:25, 10.1.2.25:25 or [fd00:1:2::25]:25
            """),
        forward(
            "a forward with a port beyond all",
            "127.0.0.1:65536", "0.0.0.0:25",
            """
            6:10 the port must be from 1 to 65535
            7:6 nobody has the address 0.0.0.0
            """),
        forward(
            "two forwards in one place",
            "127.0.0.1:25",
            "mail.home:25\"\nnetwork = \"home\"\n[[forward]]\nlisten = \"127.0.0.1:25\"\nto = \"b:26",
            """
            10:10 a forward listens on 127.0.0.1:25 already at dvpn.toml:6:10
            """),
        forward(
            "a mode for a port",
            "127.0.0.1:25", "mail.home:25\"\nmode = \"0666",
            """
            8:1 `mode` is for Unix sockets: "127.0.0.1:25" is none
            """),
        forward(
            "a mode that is none",
            "/run/a", "mail.home:25\"\nmode = \"rw",
            """
            8:8 "rw" is not the mode of a socket
                write it like "0660"
            """),
    ]

    private static func forward(
        _ what: String, _ listen: String, _ target: String, _ messages: String
    ) -> WrongFile {
        WrongFile(
            what,
            """
            \(home)
            [[forward]]
            listen = "\(listen)"
            to = "\(target)"
            network = "home"
            """, messages)
    }
}
