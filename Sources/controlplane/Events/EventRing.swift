internal import Reports

/// The last events, the oldest first. Pure.
struct EventRing: Sendable {
    private let capacity: Int
    /// Circular once it is full.
    private var stored: [EventReport] = []
    private var first = 0

    init(capacity: Int) {
        self.capacity = capacity
        stored.reserveCapacity(capacity)
    }

    mutating func append(_ event: EventReport) {
        guard stored.count == capacity else { return stored.append(event) }
        stored[first] = event
        first = (first + 1) % capacity
    }

    /// Those with a higher number than `id`, the last `limit` of them.
    func events(after id: UInt64 = 0, limit: Int = .max) -> [EventReport] {
        let inOrder = stored[first...] + stored[..<first]
        return Array(inOrder.drop { $0.id <= id }.suffix(limit))
    }
}
