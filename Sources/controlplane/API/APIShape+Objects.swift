internal import Reports

extension APIShape.Object {
    /// What the types of `Reports` look like as JSON. A test compares the two.
    static let all: [APIShape.Object] =
        [
            .report("Error", [.init("error", .object("Problem"))]),
            .init(
                name: "Problem",
                fields: [
                    .init("code", .words(ProblemCode.allCases.map(\.rawValue))),
                    .init("text", .string),
                    .init("fix", .string, optional: true),
                ]),
            .report(
                "Status",
                [
                    .init("version", .string), .init("pid", .integer), .init("since", .date),
                    .init("dataplane", .object("Dataplane")),
                    .init("networks", .list(.object("Network"))),
                    .init("states", .map(.natural)), .init("connections", .object("Counts")),
                    .init("health", .list(.object("Finding"))),
                ]),
            .init(
                name: "Dataplane",
                fields: [
                    .init("connected", .boolean), .init("pid", .integer, optional: true),
                    .init("counters", .map(.natural)),
                ]),
            .report("Networks", [.init("networks", .list(.object("Network")))]),
            .init(
                name: "Network",
                fields: [
                    .init("name", .name), .init("state", state), .init("since", .date),
                    .init("reason", .string), .init("via", .string),
                    .init("prefixes", .list(.string)), .init("connections", .object("Counts")),
                    .init("last_error", .object("Failure"), optional: true),
                    .init("gateway", .string, optional: true),
                    .init("next_retry", .date, optional: true),
                    .init("idle_closes_at", .date, optional: true),
                    .init("masters", .natural, optional: true),
                    .init("device", .string, optional: true),
                    .init("address", .string, optional: true),
                    .init("kept_up_by", .string, optional: true),
                    .init("asks", .string, optional: true),
                    .init("held_down", .boolean, optional: true),
                    .init("failed", .boolean, optional: true),
                    .init("bytes_in", .natural, optional: true),
                    .init("bytes_out", .natural, optional: true),
                ]),
            .init(
                name: "Counts",
                fields: [
                    .init("open", .natural), .init("opening", .natural), .init("parked", .natural),
                ]),
            .init(
                name: "Failure",
                fields: [.init("code", .string), .init("text", .string), .init("at", .date)]),
            .report("Connections", [.init("connections", .list(.object("Connection")))]),
            .init(
                name: "Connection",
                fields: [
                    .init("id", .id), .init("network", .string), .init("source", .string),
                    .init("target", .string), .init("connect_us", .natural),
                    .init("age_ms", .natural),
                    .init("bytes_in", .natural), .init("bytes_out", .natural),
                ]),
            .report("Parked", [.init("parked", .list(.object("Waiting")))]),
            .init(
                name: "Waiting",
                fields: [
                    .init("network", .name), .init("state", state), .init("reason", .string),
                    .init("packets", .natural), .init("hold_ms", .natural),
                    .init("questions", .natural), .init("names", .list(.string)),
                    .init("first", .string, optional: true), .init("since", .date, optional: true),
                    .init("asks", .string, optional: true),
                ]),
            .report("Health", [.init("health", .list(.object("Finding")))]),
            .init(
                name: "Finding",
                fields: [
                    .init("code", .string),
                    .init("severity", .words(["notice", "warning", "error"])),
                    .init("text", .string), .init("fix", .string, optional: true),
                ]),
            .report(
                "Reload",
                ["added", "removed", "changed", "settings"].map { .init($0, .list(.string)) }
                    + [.init("unlocked", .list(.string), optional: true)]),
            .report("Events", [.init("events", .list(.object("Event")))]),
            .init(
                name: "Event",
                fields: [
                    .init("id", .natural), .init("at", .date), .init("event", .string),
                    .init("level", .string), .init("text", .string),
                    .init("networks", .list(.string)),
                    .init("fields", .map(.string)),
                ]),
            .report(
                "Explanation",
                [.init("target", .string), .init("steps", .list(.object("Step")))]),
            .init(
                name: "Step",
                fields: [
                    .init("what", .string), .init("result", result), .init("text", .string),
                    .init("from", .string), .init("code", .string, optional: true),
                    .init("fix", .string, optional: true),
                ]),
            .report("Doctor", [.init("checks", .list(.object("Check")))]),
            .init(
                name: "Check",
                fields: [
                    .init("code", .string), .init("result", result), .init("text", .string),
                    .init("fix", .string, optional: true),
                ]),
        ] + configuration

    private static let state = APIShape.words(NetworkReport.State.allCases.map(\.rawValue))

    private static let result = APIShape.words(DoctorReport.Result.allCases.map(\.rawValue))

    private static let configuration: [APIShape.Object] = [
        .report(
            "Configuration",
            [
                .init("files", .list(.string)), .init("lan", .list(.string)),
                .init("masquerade", .boolean), .init("hold_ms", .natural),
                .init("limits", .object("Limits")), .init("dns", .object("DNS")),
                .init("web", .object("Web"), optional: true),
                .init("networks", .list(.object("ConfiguredNetwork"))),
                .init("maps", .list(.object("Map"))),
                .init("forwards", .list(.object("Forward"))), .init("notices", .list(.string)),
            ]),
        .init(
            name: "Limits",
            fields: ["connections", "half_open", "half_open_per_source"].map {
                .init($0, .natural)
            }),
        .init(
            name: "DNS",
            fields: [
                .init("mode", .string), .init("host", .string), .init("listen", .list(.string)),
                .init("port", .natural), .init("upstream", .list(.string)),
            ]),
        .init(
            name: "Web",
            fields: [.init("listen", .string), .init("tls", .boolean), .init("token", .string)]),
        .init(
            name: "ConfiguredNetwork",
            fields: [
                .init("name", .name), .init("source", .string), .init("prefixes", .list(.string)),
                .init("via", .string), .init("connect", .string), .init("hold_ms", .natural),
                .init("domains", .list(.string)), .init("name_servers", .list(.string)),
                .init("secrets", .map(.string)), .init("program", .string, optional: true),
                .init("gateway", .string, optional: true),
                .init("idle_ms", .natural, optional: true),
                .init("device", .string, optional: true),
                .init("released", .boolean, optional: true),
            ]),
        .init(
            name: "Map",
            fields: [.init("file", .string), .init("source", .string), .init("networks", .natural)]),
        .init(
            name: "Forward",
            fields: [.init("listen", .string), .init("to", .string), .init("network", .string)]),
    ]
}
