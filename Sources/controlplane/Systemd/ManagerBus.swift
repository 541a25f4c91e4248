internal import CSystemd
internal import Glibc

/// A short conversation with systemd's manager over the socket that systemctl(1) uses as root: it
/// needs no bus. Short, because whoever stays connected is sent signals of the manager's.
@safe
final class ManagerBus {
    private static let address = "unix:path=/run/systemd/private"
    private static let service = "org.freedesktop.systemd1"
    private static let attempt = "speak with systemd"
    /// For an answer, in microseconds; sd-bus itself would wait for 25 s.
    private static let limit: UInt64 = 5_000_000

    private let bus: OpaquePointer

    /// Connects. The corresponding C functions are `sd_bus_new`, `sd_bus_set_address`,
    /// `sd_bus_set_method_call_timeout` and `sd_bus_start`.
    init() throws(ProcessError) {
        var opened: OpaquePointer?
        _ = try ProcessError.check(unsafe sd_bus_new(&opened), Self.attempt)
        guard let bus = unsafe opened else {
            throw ProcessError(attempt: Self.attempt, code: ENOMEM)
        }
        unsafe self.bus = bus
        _ = try ProcessError.check(unsafe sd_bus_set_address(bus, Self.address), Self.attempt)
        // For properties, too, whose calls take no limit.
        let limited = unsafe sd_bus_set_method_call_timeout(bus, Self.limit)
        _ = try ProcessError.check(limited, Self.attempt)
        _ = try ProcessError.check(unsafe sd_bus_start(bus), Self.attempt)
    }

    deinit { _ = unsafe sd_bus_flush_close_unref(bus) }

    /// Calls a method of the manager's; its answer is of no interest.
    func call(_ method: String, _ arguments: [BusValue]) throws(ProcessError) {
        var message: OpaquePointer?
        let made = unsafe sd_bus_message_new_method_call(
            bus, &message, Self.service, "/org/freedesktop/systemd1", "\(Self.service).Manager",
            method)
        _ = try ProcessError.check(made, Self.attempt)
        guard let message = unsafe message else { return }
        defer { unsafe sd_bus_message_unref(message) }
        _ = try ProcessError.check(unsafe BusMessage.append(arguments, to: message), Self.attempt)
        var error = unsafe sd_bus_error()
        defer { unsafe sd_bus_error_free(&error) }
        let result = unsafe sd_bus_call(bus, message, 0, &error, nil)
        guard result < 0 else { return }
        let words = unsafe error.message.map { unsafe String(cString: $0) } ?? "no answer"
        throw ProcessError(attempt: "\(method) by systemd (\(words))", code: -result)
    }

    /// Nothing else is touched: the dataplane's unit alone.
    static func restartDataplane() throws(ProcessError) {
        try ManagerBus().call(
            "RestartUnit", [.string("dvpn-dataplane.service"), .string("replace")])
    }

    /// `ActiveState`: "active", "inactive", "failed" and those on the way there.
    func state(of unit: String) throws(ProcessError) -> String {
        let path = try Self.path(unit)
        var text: UnsafeMutablePointer<CChar>?
        let result = unsafe sd_bus_get_property_string(
            bus, Self.service, path, "\(Self.service).Unit", "ActiveState", nil, &text)
        _ = try ProcessError.check(result, "look at \(unit)")
        guard let text = unsafe text else { return "" }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// One of the numbers of a service: `ExecMainPID`, `ExecMainCode` (waitid(2)'s `si_code`) and
    /// `ExecMainStatus`.
    func number(_ property: String, of unit: String) throws(ProcessError) -> Int32 {
        let path = try Self.path(unit)
        var number: Int32 = 0
        let type = UInt8(ascii: property == "ExecMainPID" ? "u" : "i")
        let result = unsafe sd_bus_get_property_trivial(
            bus, Self.service, path, "\(Self.service).Service", property, nil, CChar(type),
            &number)
        _ = try ProcessError.check(result, "look at \(unit)")
        return number
    }

    private static func path(_ unit: String) throws(ProcessError) -> String {
        var path: UnsafeMutablePointer<CChar>?
        let result = unsafe sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path)
        _ = try ProcessError.check(result, attempt)
        guard let path = unsafe path else { return "" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}
