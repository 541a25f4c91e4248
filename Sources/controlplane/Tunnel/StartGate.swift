/// Who may begin to dial: one at a time per gateway, and a few in all.
///
/// sshd drops connections that are not yet authenticated (`MaxStartups`, 10 by default) and newer
/// ones remember who brings many; and a router with a thousand gateways must not compute a thousand
/// key exchanges at once.
actor StartGate {
    private struct Waiting {
        let ticket: UInt64
        let gateway: String
        let continuation: CheckedContinuation<Bool, Never>
    }

    private let startsMax: Int
    private var busy: Set<String> = []
    private var waiting: [Waiting] = []
    private var nextTicket: UInt64 = 0

    init(startsMax: Int = 8) {
        self.startsMax = startsMax
    }

    /// Waits for its turn, first come first served. False when the task was cancelled: then the
    /// gate was not entered and must not be left.
    func enter(_ gateway: String) async -> Bool {
        if Task.isCancelled { return false }
        if mayEnter(gateway) {
            busy.insert(gateway)
            return true
        }
        nextTicket += 1
        let ticket = nextTicket
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(returning: false)
                } else {
                    waiting.append(
                        Waiting(ticket: ticket, gateway: gateway, continuation: continuation))
                }
            }
        } onCancel: {
            Task { await self.withdraw(ticket) }
        }
    }

    /// The start is over, well or not.
    func leave(_ gateway: String) {
        precondition(busy.remove(gateway) != nil, "left without having entered")
        admit()
    }

    private func withdraw(_ ticket: UInt64) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: index).continuation.resume(returning: false)
    }

    private func admit() {
        var index = 0
        while index < waiting.count && busy.count < startsMax {
            let candidate = waiting[index]
            guard mayEnter(candidate.gateway) else {
                index += 1
                continue
            }
            waiting.remove(at: index)
            busy.insert(candidate.gateway)
            candidate.continuation.resume(returning: true)
        }
    }

    private func mayEnter(_ gateway: String) -> Bool {
        busy.count < startsMax && !busy.contains(gateway)
    }
}
