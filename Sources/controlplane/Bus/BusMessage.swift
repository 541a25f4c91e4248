internal import CSystemd
internal import Glibc

/// Values in and out of sd-bus's messages. sd-bus-message's variadic functions cannot be called
/// from Swift; those for one value can.
enum BusMessage {
    /// Appends values, or gives a negative errno: sd_bus_message_append_basic(3).
    static func append(_ values: [BusValue], to message: OpaquePointer) -> Int32 {
        for value in values {
            let result = unsafe append(value, to: message)
            if result < 0 { return result }
        }
        return 0
    }

    private static func append(_ value: BusValue, to message: OpaquePointer) -> Int32 {
        switch value {
        case .string(let text), .path(let text):
            return unsafe text.withCString { text in
                unsafe sd_bus_message_append_basic(message, type(value), text)
            }
        case .bool(let flag):
            var number: CInt = flag ? 1 : 0
            return unsafe sd_bus_message_append_basic(message, type(value), &number)
        case .uint32(var number):
            return unsafe sd_bus_message_append_basic(message, type(value), &number)
        case .uint64(var number):
            return unsafe sd_bus_message_append_basic(message, type(value), &number)
        case .array(let element, let values):
            return unsafe container("a", element, values, message)
        case .structure(let fields):
            return unsafe container("r", fields.map(\.signature).joined(), fields, message)
        case .entry(let key, let value):
            return unsafe container("e", key.signature + value.signature, [key, value], message)
        case .variant(let value):
            return unsafe container("v", value.signature, [value], message)
        }
    }

    private static func container(
        _ type: Unicode.Scalar, _ contents: String, _ values: [BusValue], _ message: OpaquePointer
    ) -> Int32 {
        let opened = unsafe sd_bus_message_open_container(
            message, CChar(UInt8(ascii: type)), contents)
        if opened < 0 { return opened }
        let filled = unsafe append(values, to: message)
        return filled < 0 ? filled : unsafe sd_bus_message_close_container(message)
    }

    private static func type(_ value: BusValue) -> CChar {
        CChar(bitPattern: value.signature.utf8.first ?? 0)
    }

    /// The first values of a message, as far as they are texts, truth values and small numbers; a
    /// structure at the beginning is looked into.
    static func leading(of message: OpaquePointer, atMost limit: Int = 4) -> [BusValue] {
        var values: [BusValue] = []
        var type: CChar = 0
        while values.count < limit,
            unsafe sd_bus_message_peek_type(message, &type, nil) > 0
        {
            switch UInt8(bitPattern: type) {
            case UInt8(ascii: "("), UInt8(ascii: "r"):
                guard values.isEmpty,
                    unsafe sd_bus_message_enter_container(
                        message, CChar(UInt8(ascii: "r")), nil) > 0
                else { return values }
            case UInt8(ascii: "s"), UInt8(ascii: "o"):
                var text: UnsafePointer<CChar>?
                guard unsafe sd_bus_message_read_basic(message, type, &text) > 0,
                    let text = unsafe text
                else { return values }
                values.append(.string(unsafe String(cString: text)))
            case UInt8(ascii: "b"):
                var flag: CInt = 0
                guard unsafe sd_bus_message_read_basic(message, type, &flag) > 0 else {
                    return values
                }
                values.append(.bool(flag != 0))
            case UInt8(ascii: "u"):
                var number: UInt32 = 0
                guard unsafe sd_bus_message_read_basic(message, type, &number) > 0 else {
                    return values
                }
                values.append(.uint32(number))
            default:
                return values
            }
        }
        return values
    }

    /// The error of an answer; nil where it is none.
    static func error(of message: OpaquePointer) -> BusError? {
        guard let error = unsafe sd_bus_message_get_error(message),
            let name = unsafe error.pointee.name
        else { return nil }
        let text = unsafe error.pointee.message.map { unsafe String(cString: $0) }
        let word = unsafe String(cString: name)
        return BusError(name: word, text: text ?? word)
    }
}

extension BusCall {
    /// nil for what is no method call.
    init?(_ message: OpaquePointer) {
        var type: UInt8 = 0
        guard unsafe sd_bus_message_get_type(message, &type) >= 0,
            type == UInt8(SD_BUS_MESSAGE_METHOD_CALL),
            let path = unsafe sd_bus_message_get_path(message),
            let member = unsafe sd_bus_message_get_member(message)
        else { return nil }
        let signature =
            unsafe sd_bus_message_get_signature(message, 1).map { unsafe String(cString: $0) } ?? ""
        var strings: [String] = []
        // No call of ours has more; whatever else somebody sends is not even read.
        if signature.count <= 2 && signature.allSatisfy({ $0 == "s" }) {
            for case .string(let text) in unsafe BusMessage.leading(of: message) {
                strings.append(text)
            }
        }
        unsafe self.init(
            path: String(cString: path),
            interface: sd_bus_message_get_interface(message).map { unsafe String(cString: $0) },
            member: String(cString: member), signature: signature, strings: strings,
            sender: sd_bus_message_get_sender(message).map { unsafe String(cString: $0) } ?? "",
            isInteractive: sd_bus_message_get_allow_interactive_authorization(message) > 0)
        guard
            strings.count == signature.count || signature.contains(where: { $0 != "s" })
                || signature.count > 2
        else { return nil }
    }
}
