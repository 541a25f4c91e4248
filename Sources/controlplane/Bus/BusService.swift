internal import Logging
internal import Reports
internal import ServiceLifecycle

/// Keeps dvpn on the system's bus as `org.dvpn1`: connects, again when the bus was away, and says
/// what changes. dvpn works without it.
struct BusService: Service {
    let supervisor: Supervisor
    let watcher: ProcessWatcher
    let log: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                let (error, wasThere) = await serve()
                if Task.isCancelled { return }
                if wasThere { failures = 0 }
                if failures == 0 {
                    log.record(
                        wasThere ? .warning : .info, .busAway,
                        "D-Bus: \(error); dvpn works without it, and tries again")
                }
                failures += 1
                let delay = Self.backoff.delayMs(failures: failures, jitter: 0.5)
                try? await Task.sleep(for: .milliseconds(delay))
            }
        }
    }

    private static let backoff = Backoff(firstMs: 250, lastMs: 10_000)
    /// Time for several changes to become one signal.
    private static let pause = Duration.milliseconds(100)
    /// Signals that may wait for the bus before more are made.
    private static let unsentMax: UInt64 = 512

    /// Returns when the bus is lost or cannot be had, with the reason.
    private func serve() async -> (error: any Error, wasThere: Bool) {
        let desk = BusDesk(service: supervisor)
        let link = BusLink(watcher) { (link, call) throws(BusError) in
            try await desk.answer(call) { await BusRights(link: link).mayManage($0) }
        }
        var wasThere = false
        var failure: any Error = CancellationError()
        do {
            try await link.open()
            try await withThrowingTaskGroup { group in
                group.addTask { try await link.run() }
                try await claim(link)
                wasThere = true
                group.addTask { try await publish(link) }
                try await group.next()
                group.cancelAll()
            }
        } catch {
            failure = error
        }
        await link.close()
        return (failure, wasThere)
    }

    private func claim(_ link: BusLink) async throws {
        // 4: DBUS_NAME_FLAG_DO_NOT_QUEUE, 1: we are its owner.
        let answer = try await link.call(
            BusRights.driver, "RequestName", [.string(BusSchema.service), .uint32(4)])
        guard answer.first == .uint32(1) else {
            throw BusError.standard("Failed", "another program is \(BusSchema.service)")
        }
        log.record(.notice, .busThere, "D-Bus: dvpn is there as \(BusSchema.service)")
    }

    /// Signals what changes, a tenth of a second's worth at a time.
    private func publish(_ link: BusLink) async throws {
        var publication = BusPublication()
        for await _ in await supervisor.news() {
            let news = await supervisor.takeNews()
            let reports = await supervisor.summaries(of: Array(news.changed.union(news.added)))
            if news.leftOut > 0 {
                log.warning("D-Bus: \(news.leftOut) changes of state were not signalled: too many")
            }
            for signal in publication.signals(news, reports) {
                await link.emit(signal)
                while await link.unsent > Self.unsentMax {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            try await Task.sleep(for: Self.pause)
        }
    }
}
