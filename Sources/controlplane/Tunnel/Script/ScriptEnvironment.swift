internal import Protocol

/// What vpnc and openconnect tell their script by environment variables (see the head of the stock
/// vpnc-script), read with care: the gateway chooses most of the words.
struct ScriptEnvironment: Equatable, Sendable {
    /// Why the script was called.
    enum Reason: String, Sendable {
        case preInit = "pre-init"
        case connect
        case disconnect
        case reconnect
        case attemptReconnect = "attempt-reconnect"
    }

    /// No gateway pushes more; the rest is left out.
    static let routesMax = 1_024
    /// Characters of the gateway's greeting that are kept.
    static let bannerMax = 4_096

    let reason: Reason?
    let device: String
    /// An address literal.
    let gateway: String?
    let address4: String?
    let address6: String?
    let mtu: Int?
    let pushed: PushedSettings

    init(_ variables: [String: String]) {
        reason = variables["reason"].flatMap(Reason.init)
        device = variables["TUNDEV"] ?? ""
        gateway = variables["VPNGATEWAY"].flatMap { Self.address($0) }
        address4 = variables["INTERNAL_IP4_ADDRESS"].flatMap { Self.address($0) }
        // openconnect says "ADDRESS/LENGTH" in the netmask, vpnc knows no IPv6.
        let six = variables["INTERNAL_IP6_ADDRESS"] ?? variables["INTERNAL_IP6_NETMASK"]
        address6 = six.flatMap {
            Self.address($0.split(separator: "/").first.map(String.init) ?? "")
        }
        mtu = variables["INTERNAL_IP4_MTU"].flatMap { Int($0) }.flatMap {
            (576...65_535).contains($0) ? $0 : nil
        }
        var pushed = PushedSettings()
        pushed.nameServers = Self.words(
            variables["INTERNAL_IP4_DNS"], variables["INTERNAL_IP6_DNS"]
        )
        .compactMap { Self.address($0) }
        pushed.domains = Self.domains(
            Self.words(variables["CISCO_DEF_DOMAIN"], variables["CISCO_SPLIT_DNS"]))
        pushed.routes = Self.routes(variables)
        pushed.banner = variables["CISCO_BANNER"].flatMap { Self.banner($0) }
        self.pushed = pushed
    }

    private static func address(_ text: String) -> String? {
        Address.parse(text).map { $0.address.text($0.family) }
    }

    private static func words(_ texts: String?...) -> [String] {
        texts.compactMap(\.self).flatMap { text in
            text.split { $0 == " " || $0 == "," || $0.isNewline }.map(String.init)
        }
    }

    /// Lower case, without dots at the ends, each once; what is no name is left out.
    private static func domains(_ words: [String]) -> [String] {
        var seen: Set<String> = []
        return words.compactMap { word in
            let name = word.lowercased().split(separator: ".").joined(separator: ".")
            let isName =
                !name.isEmpty && name.utf8.count <= 253
                && name.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte)
                        || "-_.".utf8.contains(byte)
                }
            return isName && seen.insert(name).inserted ? name : nil
        }
    }

    /// The networks to be reached through the tunnel. A network of length 0 among them means
    /// everything, like none at all.
    private static func routes(_ variables: [String: String]) -> [String] {
        var prefixes: [Prefix] = []
        for stem in ["CISCO_SPLIT_INC", "CISCO_IPV6_SPLIT_INC"] {
            let count = variables[stem].flatMap { Int($0) } ?? 0
            for index in 0..<max(0, min(count, routesMax)) {
                guard let text = variables["\(stem)_\(index)_ADDR"],
                    let (address, family) = Address.parse(text),
                    let length = variables["\(stem)_\(index)_MASKLEN"].flatMap({ UInt8($0) }),
                    length <= family.bits
                else { continue }
                if length == 0 { return [] }
                prefixes.append(
                    Prefix(family: family, length: length, address: address.masked(length)))
            }
        }
        var seen: Set<Prefix> = []
        return prefixes.filter { seen.insert($0).inserted }.map(\.text)
    }

    /// For people's screens: no control characters, line breaks kept.
    private static func banner(_ text: String) -> String? {
        let plain = String(
            text.unicodeScalars.filter { $0 == "\n" || $0.properties.generalCategory != .control }
                .prefix(bannerMax).map(Character.init))
        return plain.allSatisfy(\.isWhitespace) ? nil : plain
    }
}
