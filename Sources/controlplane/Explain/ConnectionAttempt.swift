internal import NIOCore
internal import NIOPosix

/// A connection that is made to see what comes of it, and closed again.
enum ConnectionAttempt {
    /// More is no answer to a person.
    private static let patience = TimeAmount.seconds(20)

    static func make(_ address: String, _ port: Int) async -> ExplainFacts.Try {
        let start = ContinuousClock.now
        func ended(_ failure: String?) -> ExplainFacts.Try {
            let time = (ContinuousClock.now - start).components
            let milliseconds = time.seconds * 1_000 + time.attoseconds / 1_000_000_000_000_000
            return .init(failure: failure, milliseconds: Int(milliseconds))
        }
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(patience)
                .connect(host: address, port: port).get()
            try? await channel.close()
            return ended(nil)
        } catch let error as IOError {
            return ended(ProcessError.text(error.errnoCode))
        } catch let error as NIOConnectionError {
            let cause = error.connectionErrors.first?.error as? IOError
            return ended(cause.map { ProcessError.text($0.errnoCode) } ?? "nobody answered")
        } catch {
            return ended("nobody answered")
        }
    }
}
