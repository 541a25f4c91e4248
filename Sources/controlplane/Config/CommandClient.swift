/// A tunnel that any other program makes, as it is configured.
struct CommandClient: Hashable, Sendable {
    /// When the tunnel counts as up.
    enum Ready: Hashable, Sendable {
        /// The device is there, is up and has an address.
        case device
        /// The file is there and is not empty.
        case file(String)
        /// The command ends with status 0; it is run again and again until then.
        case command([String])
    }

    /// The gateway's name or address, kept out of its own tunnel; nil where there is no such thing.
    var host: String?
    /// The tunnel's network device, which the program makes.
    let device: String

    /// The program and its arguments. It may stay, or end with status 0 and leave the tunnel.
    let start: [String]
    /// Ends the tunnel of a program that did not stay; empty: TERM to the one that did.
    var stop: [String] = []
    var ready = Ready.device
}
