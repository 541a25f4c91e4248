// swift-tools-version: 6.3
import PackageDescription

/// Every target of ours: memory-unsafe operations are spelled `unsafe`, and a warning is an error.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// `@_noAllocation` is checked across files only where the compiler sees the whole module.
let wholeModule: [SwiftSetting] = [
    .unsafeFlags(["-wmo", "-num-threads", "2"], .when(configuration: .debug))
]

/// A release build tests what is shipped; the tests' own code nobody waits for, and it is compiled sooner
/// without optimisation.
let quicklyBuilt: [SwiftSetting] = [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let package = Package(
    name: "dvpn",
    products: [
        .executable(name: "dvpn-dataplane", targets: ["dataplane"]),
        .executable(name: "dvpn-controlplane", targets: ["controlplane"]),
        .executable(name: "dvpnctl", targets: ["dvpnctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(
            name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "Protocol", swiftSettings: strict + wholeModule),
        .target(name: "Reports", swiftSettings: strict),
        .executableTarget(
            name: "dataplane",
            dependencies: ["CLinux", "Protocol"],
            swiftSettings: strict + wholeModule),
        .executableTarget(
            name: "controlplane",
            dependencies: [
                "CLinux", "CSystemd", "Protocol", "Reports",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "TOMLKit", package: "TOMLKit"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "dvpnctl",
            dependencies: [
                "Reports",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ProtocolTests", dependencies: ["Protocol"], swiftSettings: quicklyBuilt),
        .testTarget(name: "ReportsTests", dependencies: ["Reports"], swiftSettings: quicklyBuilt),
        .testTarget(
            name: "DataplaneTests", dependencies: ["CLinux", "Protocol", "dataplane"],
            swiftSettings: quicklyBuilt),
        .testTarget(
            name: "ControlplaneTests",
            dependencies: [
                "CLinux", "CSystemd", "Protocol", "Reports", "controlplane",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: ["Host/Golden"],
            swiftSettings: quicklyBuilt),
        .testTarget(
            name: "DvpnctlTests",
            dependencies: [
                "Reports", "dvpnctl",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: quicklyBuilt),
    ],
    swiftLanguageModes: [.v6]
)
