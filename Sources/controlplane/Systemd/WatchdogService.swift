internal import ServiceLifecycle

/// Tells systemd that the supervisor lives, and finds out whether the dataplane does.
struct WatchdogService: Service {
    let supervisor: Supervisor
    let manager: ServiceManager

    /// How often the dataplane is asked.
    private static let pause = Duration.seconds(5)

    func run() async {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                if let limit = manager.watchdogLimit {
                    group.addTask {
                        repeat {
                            await supervisor.beat()
                            manager.tell(.watchdog)
                            // Two may be late.
                        } while (try? await Task.sleep(for: limit / 3)) != nil
                    }
                }
                group.addTask {
                    while (try? await Task.sleep(for: Self.pause)) != nil {
                        await supervisor.examineDataplane()
                    }
                }
                await group.waitForAll()
            }
        }
        manager.tell(.stopping)
    }
}
