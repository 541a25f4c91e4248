internal import Reports

/// What a check of `dvpnctl doctor`, a step of `dvpnctl explain` or a health message is called: stable
/// across versions, so that scripts may test for it. docs/troubleshooting.md has a table of all.
enum FindingCode: String, CaseIterable, Sendable {
    /// dvpn itself.
    case running
    case leftoverState = "leftover-state"
    case configurationMistake = "configuration-mistake"
    case reloadRefused = "reload-refused"
    case dataplaneAway = "dataplane-away"
    case forwardFailed = "forward-failed"

    /// Networks and their tunnels.
    case networkLocked = "network-locked"
    case networkHoldoff = "network-holdoff"
    case networkFailed = "network-failed"
    case dialSlow = "dial-slow"
    case asks
    case heldDown = "held-down"
    case released
    case forwardingRefused = "forwarding-refused"
    case tunnelSilent = "tunnel-silent"
    case tunnelUnanswered = "tunnel-unanswered"
    case keptUpByNoise = "kept-up-by-noise"
    case connectionFailed = "connection-failed"

    /// Names.
    case resolver
    case resolverNone = "resolver-none"
    case nameserversMissing = "nameservers-missing"
    case zoneMissing = "zone-missing"
    case addressMissing = "address-missing"
    case names
    case namesAstray = "names-astray"

    /// The host.
    case kernel
    case tool
    case toolMissing = "tool-missing"
    case toolOld = "tool-old"
    case feature
    case featureMissing = "feature-missing"
    case featureUnknown = "feature-unknown"
    case forwarding
    case forwardingOff = "forwarding-off"
    case reversePathStrict = "reverse-path-strict"
    case conntrack
    case conntrackFull = "conntrack-full"
    case clock
    case clockWrong = "clock-wrong"
    case clockUnkept = "clock-unkept"

    /// Where packets go.
    case routeOverlap = "route-overlap"
    case routeMissing = "route-missing"
    case doorbellMissing = "doorbell-missing"
    case ruleMissing = "rule-missing"
    case redirectMissing = "redirect-missing"
    case setMissing = "set-missing"
    case portBlocked = "port-blocked"
    case guarded = "guard"
    case guardMissing = "guard-missing"

    /// What nftables has dropped.
    case droppedLeak = "dropped-leak"
    case droppedStranger = "dropped-stranger"
    case droppedForged = "dropped-forged"
    case droppedStraight = "dropped-straight"
    case droppedReturned = "dropped-returned"

    /// Every code that a person or a script may meet, those of other types as well.
    static var all: [String] {
        allCases.map(\.rawValue) + HostFinding.Code.allCases.map(\.rawValue)
            + NameFinding.Code.allCases.map(\.rawValue) + Failure.Kind.allCases.map(\.rawValue)
    }
}

extension DoctorReport.Check {
    init(_ code: FindingCode, _ result: DoctorReport.Result, _ text: String, fix: String? = nil) {
        self.init(code.rawValue, result, text, fix: fix)
    }
}

extension DoctorReport.Check {
    init(_ finding: HostFinding) {
        self.init(finding.code.rawValue, .warning, finding.message, fix: finding.fix)
    }
}

extension HealthReport {
    init(_ code: FindingCode, _ severity: Severity, _ text: String, fix: String) {
        self.init(code: code.rawValue, severity: severity, text: text, fix: fix)
    }

    init(_ finding: HostFinding) {
        self.init(
            code: finding.code.rawValue, severity: .warning, text: finding.message,
            fix: finding.fix)
    }

    init(_ finding: NameFinding) {
        self.init(
            code: finding.code.rawValue, severity: .warning, text: finding.message,
            fix: finding.fix)
    }
}
