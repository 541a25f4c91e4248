internal import CLinux
internal import Glibc

/// `--client UNIT`: what a client's unit executes. Learns from the controlplane that waits for it
/// what to become, and becomes it. Secrets come through a pipe that is handed over, and are nowhere
/// else.
enum ClientStub {
    static let option = "--client"

    /// - Returns: the exit status where it becomes nothing.
    static func run(_ name: String, runtime: String) -> Int32 {
        guard let unit = ClientUnit(rawValue: name) else {
            StandardError.write("<3>\(name) is no unit of a client\n")
            return 64
        }
        let raw = unsafe cl_connect(unit.socket(runtime))
        guard raw >= 0 else {
            StandardError.write(
                "<3>nobody waits for \(name): dvpn-controlplane starts it when its tunnel is "
                    + "wanted; see dvpnctl up\n")
            return 69
        }
        let gate = Descriptor(adopting: Int32(truncatingIfNeeded: raw))
        guard let launch = receive(gate) else {
            StandardError.write("<3>dvpn-controlplane has ended before it said what to start\n")
            return 69
        }
        launch.become(gate: gate)
    }

    private static func receive(_ gate: Descriptor) -> ProcessLaunch? {
        var files: [Int32] = [-1, -1]
        var head = [UInt8](repeating: 0, count: 4)
        // The files come with the first byte.
        guard unsafe cl_receive(gate.raw, &head, head.count, &files, Int32(files.count)) == 4,
            let length = LaunchOrder.length(head)
        else { return nil }
        var handed = files.filter { $0 >= 0 }.map { Descriptor(adopting: $0) }[...]
        var bytes: [UInt8] = []
        while bytes.count < length {
            var part = [UInt8](repeating: 0, count: length - bytes.count)
            let count = unsafe Glibc.read(gate.raw, &part, part.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            bytes += part.prefix(count)
        }
        guard let order = LaunchOrder(bytes),
            handed.count == (order.hasInput ? 1 : 0) + (order.hasOutput ? 1 : 0)
        else { return nil }
        return ProcessLaunch(
            executable: order.executable, arguments: order.arguments,
            environment: order.environment, input: order.hasInput ? handed.popFirst() : nil,
            output: order.hasOutput ? handed.popFirst() : nil, fileBytesMax: order.fileBytesMax)
    }
}
