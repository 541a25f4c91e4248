internal import CSystemd
internal import Glibc

/// One connection to the system's bus: a thin executor around sd-bus(3).
///
/// ## Concurrency model
/// The actor owns the connection; sd-bus calls back only from `sd_bus_process`, on the actor. What a
/// caller asks is answered by a task of its own, so that a dial keeps nobody else waiting.
@safe
actor BusLink {
    /// Where a call goes to.
    struct Target: Sendable {
        let service: String
        let path: String
        let interface: String
    }

    /// Gives the results of a call of one of our objects.
    typealias Answer = @Sendable (BusLink, BusCall) async throws(BusError) -> [BusValue]

    /// Calls that wait for their answer at a time; more are refused.
    private static let callsMax = 256
    /// Of these from one sender, so that one cannot shut out the others.
    private static let callsPerSenderMax = 32

    private let watcher: ProcessWatcher
    private let answer: Answer
    private var bus: OpaquePointer?
    /// Our own copy of its descriptor, for the watcher.
    private var descriptor: Descriptor?
    private var isWatched = false
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    /// Calls that are being answered; each holds a reference to its message.
    private var calls: [UInt64: (sender: String, message: OpaquePointer)] = unsafe [:]
    private var questions: [UInt64: Question] = [:]
    private var lastNumber: UInt64 = 0

    /// A call of ours that waits for its answer.
    private final class Question {
        let link: BusLink
        let number: UInt64
        let continuation: CheckedContinuation<Result<[BusValue], BusError>, Never>

        init(
            _ link: BusLink, _ number: UInt64,
            _ continuation: CheckedContinuation<Result<[BusValue], BusError>, Never>
        ) {
            self.link = link
            self.number = number
            self.continuation = continuation
        }
    }

    init(_ watcher: ProcessWatcher, answer: @escaping Answer) {
        self.watcher = watcher
        self.answer = answer
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Connects to the bus, or to the one that DBUS_SYSTEM_BUS_ADDRESS names, and offers our
    /// objects. The corresponding C functions are `sd_bus_open_system` and `sd_bus_add_fallback`.
    func open() throws(BusError) {
        var opened: OpaquePointer?
        try Self.check(
            unsafe sd_bus_open_system_with_description(&opened, "dvpn"), "connect to D-Bus")
        guard let bus = unsafe opened else { return }
        unsafe self.bus = bus
        let result = unsafe sd_bus_add_fallback(
            bus, nil, BusObject.managerPath,
            { message, link, _ in
                guard let given = unsafe message, let link = unsafe link else { return 0 }
                // SAFETY: the link outlives the connection, which `close` ends; and sd-bus calls
                // from `sd_bus_process` alone.
                let owner = unsafe Unmanaged<BusLink>.fromOpaque(link).takeUnretainedValue()
                // It does not leave the actor, which the compiler cannot see from here.
                nonisolated(unsafe) let message = unsafe given
                return owner.assumeIsolated { unsafe $0.called(message) }
            }, Unmanaged.passUnretained(self).toOpaque())
        try Self.check(result, "offer objects on D-Bus")
        let copy = unsafe fcntl(sd_bus_get_fd(bus), F_DUPFD_CLOEXEC, 3)
        try Self.check(copy < 0 ? -errno : copy, "watch D-Bus")
        descriptor = Descriptor(adopting: copy)
    }

    /// Works until the connection is lost or the task is cancelled, then closes it.
    func run() async throws(BusError) {
        defer { close() }
        var waiting = wakes.makeAsyncIterator()
        while !Task.isCancelled {
            try process()
            try watch()
            let alarm = alarm()
            _ = await waiting.next(isolation: self)
            alarm?.cancel()
        }
    }

    /// Sends a signal; one that cannot be sent is nobody's loss but the listeners'.
    func emit(_ signal: BusSignal) {
        guard let bus = unsafe bus else { return }
        var message: OpaquePointer?
        guard
            unsafe sd_bus_message_new_signal(
                bus, &message, signal.path, signal.interface, signal.member) >= 0,
            let message = unsafe message
        else { return }
        defer { unsafe sd_bus_message_unref(message) }
        if unsafe BusMessage.append(signal.arguments, to: message) >= 0 {
            _ = unsafe sd_bus_send(bus, message, nil)
        }
        wake.yield()
    }

    /// Messages that the bus has not taken yet.
    var unsent: UInt64 {
        var count: UInt64 = 0
        if let bus = unsafe bus { _ = unsafe sd_bus_get_n_queued_write(bus, &count) }
        return count
    }

    /// Calls a method of somebody else's.
    ///
    /// - Returns: the first values of the answer: `BusMessage.leading`.
    func call(
        _ target: Target, _ method: String, _ arguments: [BusValue], limit: Duration = .seconds(25)
    ) async throws(BusError) -> [BusValue] {
        lastNumber += 1
        let number = lastNumber
        let result = await withCheckedContinuation { continuation in
            let question = Question(self, number, continuation)
            questions[number] = question
            let result = send(target, method, arguments, limit, question)
            if result < 0 {
                questions[number] = nil
                continuation.resume(
                    returning: .failure(Self.failure(result, "call \(target.service)")))
            }
            wake.yield()
        }
        return try result.get()
    }

    // MARK: - Being asked

    private func called(_ message: OpaquePointer) -> Int32 {
        guard let call = unsafe BusCall(message) else { return 0 }
        lastNumber += 1
        let number = lastNumber
        let others = unsafe calls.values.count { unsafe $0.sender == call.sender }
        unsafe calls[number] = (call.sender, sd_bus_message_ref(message))
        guard unsafe calls.count <= Self.callsMax, others < Self.callsPerSenderMax else {
            let text = "too many calls wait for their answer"
            reply(number, .failure(.standard("LimitsExceeded", text)))
            return 1
        }
        Task { [answer] in
            do throws(BusError) {
                reply(number, .success(try await answer(self, call)))
            } catch {
                reply(number, .failure(error))
            }
        }
        return 1
    }

    private func reply(_ number: UInt64, _ result: Result<[BusValue], BusError>) {
        guard let call = unsafe calls.removeValue(forKey: number)?.message else { return }
        defer { unsafe sd_bus_message_unref(call) }
        guard let bus = unsafe bus else { return }
        switch result {
        case .success(let values):
            var message: OpaquePointer?
            guard unsafe sd_bus_message_new_method_return(call, &message) >= 0,
                let message = unsafe message
            else { return }
            defer { unsafe sd_bus_message_unref(message) }
            let filled = unsafe BusMessage.append(values, to: message)
            if filled >= 0 {
                _ = unsafe sd_bus_send(bus, message, nil)
            } else {
                unsafe fail(call, Self.failure(filled, "write the answer"))
            }
        case .failure(let error):
            unsafe fail(call, error)
        }
        wake.yield()
    }

    private func fail(_ call: OpaquePointer, _ failure: BusError) {
        var error = unsafe sd_bus_error()
        defer { unsafe sd_bus_error_free(&error) }
        unsafe sd_bus_error_set(&error, failure.name, failure.text)
        _ = unsafe sd_bus_reply_method_error(call, &error)
    }

    // MARK: - Asking

    private func send(
        _ target: Target, _ method: String, _ arguments: [BusValue], _ limit: Duration,
        _ question: Question
    ) -> Int32 {
        guard let bus = unsafe bus else { return -ENOTCONN }
        var message: OpaquePointer?
        let made = unsafe sd_bus_message_new_method_call(
            bus, &message, target.service, target.path, target.interface, method)
        guard made >= 0, let message = unsafe message else { return made }
        defer { unsafe sd_bus_message_unref(message) }
        let filled = unsafe BusMessage.append(arguments, to: message)
        guard filled >= 0 else { return filled }
        return unsafe sd_bus_call_async(
            bus, nil, message,
            { message, question, _ in
                guard let given = unsafe message, let question = unsafe question else { return 0 }
                // SAFETY: `questions` holds it until it is answered or the connection is closed.
                let asked = unsafe Unmanaged<Question>.fromOpaque(question).takeUnretainedValue()
                let (link, number) = (asked.link, asked.number)
                // It does not leave the actor, which the compiler cannot see from here.
                nonisolated(unsafe) let message = unsafe given
                link.assumeIsolated { unsafe $0.answered(number, message) }
                return 1
            }, Unmanaged.passUnretained(question).toOpaque(),
            UInt64(limit.components.seconds) * 1_000_000)
    }

    private func answered(_ number: UInt64, _ message: OpaquePointer) {
        guard let question = questions.removeValue(forKey: number) else { return }
        if let error = unsafe BusMessage.error(of: message) {
            question.continuation.resume(returning: .failure(error))
        } else {
            let values = unsafe BusMessage.leading(of: message)
            question.continuation.resume(returning: .success(values))
        }
    }

    // MARK: - The connection

    private func process() throws(BusError) {
        guard let bus = unsafe bus else { throw Self.failure(-ENOTCONN, "use D-Bus") }
        while true {
            let result = unsafe sd_bus_process(bus, nil)
            try Self.check(result, "use D-Bus")
            if result == 0 { return }
        }
    }

    /// Wakes the loop when there is something to read.
    private func watch() throws(BusError) {
        guard !isWatched, let descriptor else { return }
        do {
            try watcher.whenReadable(descriptor) { Task { await self.readable() } }
            isWatched = true
        } catch {
            throw .standard("Failed", error.description)
        }
    }

    private func readable() {
        isWatched = false
        wake.yield()
    }

    /// Wakes the loop when sd-bus wants to be called without news: while the bus takes nothing, and
    /// now and then while something has a time limit.
    private func alarm() -> Task<Void, Never>? {
        guard let bus = unsafe bus else { return nil }
        var delay = Duration.milliseconds(10)
        if unsafe sd_bus_get_events(bus) & Int32(POLLOUT) == 0 {
            var deadline = UInt64.max
            guard unsafe sd_bus_get_timeout(bus, &deadline) >= 0, deadline != .max else {
                return nil
            }
            delay = .seconds(1)
        }
        return Task { [wake, delay] in
            if (try? await Task.sleep(for: delay)) != nil { wake.yield() }
        }
    }

    /// Harmless when repeated.
    func close() {
        wake.finish()
        let open = questions.values
        questions = [:]
        unsafe calls.values.forEach { unsafe sd_bus_message_unref($0.message) }
        unsafe calls = [:]
        // The watcher has it, too, until it is readable: an end is.
        if let descriptor { _ = shutdown(descriptor.raw, Int32(SHUT_RDWR)) }
        if let bus = unsafe bus { _ = unsafe sd_bus_close_unref(bus) }
        unsafe bus = nil
        descriptor = nil
        for question in open {
            question.continuation.resume(
                returning: .failure(Self.failure(-ENOTCONN, "use D-Bus")))
        }
    }

    private static func check(_ result: Int32, _ attempt: String) throws(BusError) {
        if result < 0 { throw failure(result, attempt) }
    }

    private static func failure(_ result: Int32, _ attempt: String) -> BusError {
        .standard("Failed", ProcessError(attempt: attempt, code: -result).description)
    }
}
