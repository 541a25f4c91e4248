internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import Reports

/// `dvpnctl gateway keygen`: makes the key with which dvpn logs in to gateways.
struct GatewayKeygenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make dvpn's key for gateways, and print its public half.",
        discussion: "A key that is there is left as it is.")

    @Option(help: ArgumentHelp("Where it is to be.", valueName: "file"))
    var file = "/etc/dvpn/ssh/id_ed25519"
    @Option(help: ArgumentHelp("The user that must be able to read it.", valueName: "user"))
    var owner = KeyFile.dialler
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let isNew = unsafe access(file, F_OK) != 0
            if isNew {
                try Self.makeDirectory(of: file)
                let end = try Child.run(
                    "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file])
                guard end.status == 0 else { throw .here("cannot make \(file):\n\(end.text)") }
                try give()
            }
            if let defect = KeyFile.defect(file, owner: owner) { throw .here(defect) }
            let report = GatewayKeyReport(
                file: file, owner: owner, publicKey: try KeyFile.publicKey(file), made: isNew)
            output.show(own: report) { "\($0.publicKey)\n" }
            return .healthy
        }
    }

    private var comment: String {
        var name = [CChar](repeating: 0, count: 256)
        _ = unsafe gethostname(&name, name.count - 1)
        let bytes = name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        return "dvpn@" + String(decoding: bytes, as: UTF8.self)
    }

    /// ssh runs as its owner and refuses a key that anybody else may read.
    private func give() throws(ClientError) {
        guard geteuid() == 0 else { return }
        guard let entry = unsafe getpwnam(owner) else {
            return Console.complain(
                "dvpnctl: there is no user \(owner) yet; chown \(file) to it before the first dial\n"
            )
        }
        let (user, group) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
        for path in [file, "\(file).pub"] {
            guard unsafe chown(path, user, group) == 0 else {
                throw .here("cannot give \(path) to \(owner) (errno \(errno))")
            }
        }
    }

    private static func makeDirectory(of path: String) throws(ClientError) {
        let directory = URL(filePath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true)
        } catch {
            throw .here("cannot make \(directory.path): \(error)")
        }
    }
}
