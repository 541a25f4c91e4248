internal import CLinux
internal import FoundationEssentials
internal import Glibc
internal import Protocol

/// The listeners of static forwards. The dataplane accepts from them by descriptors that it is
/// given; this process keeps its own, so that a place to listen is held while the dataplane is away.
struct ForwardListeners {
    typealias Place = ForwardSettings.Listener

    /// What listens, and where it leads.
    private(set) var open: [Place: (settings: ForwardSettings, socket: Descriptor)] = [:]
    /// Where nothing could be opened, and why.
    private(set) var failures: [Place: ForwardFailure] = [:]

    /// Which sockets in the file system are ours: those of an earlier life are replaced unasked.
    private let recordPath: String

    init(runtime: String) { recordPath = Self.recordPath(runtime) }

    /// What a change has to tell the dataplane.
    struct Change {
        var added: [ForwardSettings] = []
        var removed: [ForwardSettings] = []
    }

    /// New listeners, before anything is changed. Those of paths stand beside them: what is there
    /// may be a forward that goes on, if this is dropped.
    typealias Prepared = [Place: Descriptor]

    /// Opens what is new in `wanted`; where one cannot be had, none is kept. Those that could not be
    /// had before are no news.
    func prepare(_ wanted: [ForwardSettings]) throws(ForwardFailure) -> Prepared {
        var prepared: Prepared = [:]
        for settings in wanted where open[settings.listener] == nil {
            do throws(ForwardFailure) {
                prepared[settings.listener] = try listen(settings)
            } catch {
                guard failures[settings.listener] == nil else { continue }
                drop(prepared)
                throw error
            }
        }
        return prepared
    }

    /// Forgets listeners that are not needed after all.
    func drop(_ prepared: Prepared) {
        for place in prepared.keys { Self.removeAside(place) }
    }

    /// Takes on other forwards. What stays as it is is not touched. A socket that cannot be put to
    /// its place is left out, as if it had not been prepared.
    mutating func take(_ wanted: [ForwardSettings], _ prepared: Prepared) -> Change {
        var change = Change()
        let places = Set(wanted.map(\.listener))
        let ids = Set(wanted.map(\.id))
        for (place, former) in open where !places.contains(place) {
            open[place] = nil
            // A socket with another mode stands at the same path by now.
            guard !ids.contains(former.settings.id) else { continue }
            change.removed.append(former.settings)
            Self.remove(place)
        }
        failures = failures.filter { places.contains($0.key) }
        for settings in wanted {
            let place = settings.listener
            if let socket = prepared[place] {
                guard Self.putInPlace(place) else { continue }
                open[place] = (settings, socket)
                failures[place] = nil
                change.added.append(settings)
            } else if let former = open[place] {
                open[place] = (settings, former.socket)
                if !former.settings.isSame(as: settings) { change.added.append(settings) }
            }
        }
        record()
        return change
    }

    /// Opens what can be opened of what is wanted and not open; the rest is among the failures.
    ///
    /// - Returns: what was opened, and failures that are new.
    mutating func tryAll(
        _ wanted: [ForwardSettings]
    ) -> (opened: [ForwardSettings], failures: [ForwardFailure]) {
        var opened: [ForwardSettings] = []
        var news: [ForwardFailure] = []
        for settings in wanted where open[settings.listener] == nil {
            do throws(ForwardFailure) {
                let socket = try listen(settings)
                guard Self.putInPlace(settings.listener) else {
                    throw Self.failure(settings, errno)
                }
                open[settings.listener] = (settings, socket)
                failures[settings.listener] = nil
                opened.append(settings)
            } catch {
                if failures[settings.listener] != error { news.append(error) }
                failures[settings.listener] = error
            }
        }
        if !opened.isEmpty { record() }
        return (opened, news)
    }

    /// Removes the sockets that any life of ours has left in the file system.
    static func cleanUp(runtime: String) {
        for (path, inode) in recorded(runtime) where Self.inode(path) == inode {
            _ = unsafe unlink(path)
        }
        AtomicFile.remove(recordPath(runtime))
    }

    // MARK: - Steps

    private func listen(_ settings: ForwardSettings) throws(ForwardFailure) -> Descriptor {
        let place = settings.places.listen
        let text = settings.listener.text
        let result: Int
        switch settings.listener {
        case .tcp(let end):
            result = unsafe cl_listen_tcp(end.address.text(end.family), end.port)
            if result == -Int(EADDRINUSE) {
                throw ForwardFailure(
                    place: place, message: "\(text) is in use by another program",
                    fix:
                        "end that program (ss -ltnp 'sport = :\(end.port)' names it), or listen elsewhere"
                )
            }
        case .unix(let path, let mode, let group):
            guard mayReplace(path) else {
                throw ForwardFailure(
                    place: place, message: "\(path) is in use by another program, or no socket",
                    fix: "end that program or remove the file, or listen elsewhere")
            }
            var number = gid_t.max
            if let group {
                guard let found = ProcessUser.group(named: group) else {
                    throw ForwardFailure(
                        place: place, message: "\(path): there is no group \"\(group)\"", fix: nil)
                }
                number = found
            }
            result = unsafe cl_listen_unix(AtomicFile.temporary(of: path), UInt32(mode), number)
        }
        guard result >= 0 else {
            throw Self.failure(settings, Int32(truncatingIfNeeded: -result))
        }
        return Descriptor(adopting: Int32(truncatingIfNeeded: result))
    }

    private static func failure(_ settings: ForwardSettings, _ error: Int32) -> ForwardFailure {
        ForwardFailure(
            place: settings.places.listen,
            message: "cannot listen on \(settings.listener.text): \(ProcessError.text(error))",
            fix: nil)
    }

    /// A socket of ours, or one that nobody listens on, or nothing at all is there. Ours is not
    /// asked: the dataplane would take the question for a connection.
    private func mayReplace(_ path: String) -> Bool {
        if let inode = Self.inode(path), Self.recorded(atPath: recordPath)[path] == inode {
            return true
        }
        return unsafe cl_answers(path) == 0
    }

    private func record() {
        var inodes: [String: UInt64] = [:]
        for case .unix(let path, _, _) in open.keys { inodes[path] = Self.inode(path) }
        guard let data = try? JSONEncoder().encode(inodes) else { return }
        // Without it the next life asks at the socket whether somebody listens: its own dataplane.
        try? AtomicFile.write(Array(data), to: recordPath, mode: 0o600, durable: false)
    }

    /// A socket that listens aside takes its path, at once and over whatever is there.
    private static func putInPlace(_ place: Place) -> Bool {
        guard case .unix(let path, _, _) = place else { return true }
        return unsafe rename(AtomicFile.temporary(of: path), path) == 0
    }

    private static func removeAside(_ place: Place) {
        guard case .unix(let path, _, _) = place else { return }
        _ = unsafe unlink(AtomicFile.temporary(of: path))
    }

    private static func remove(_ place: Place) {
        if case .unix(let path, _, _) = place { _ = unsafe unlink(path) }
    }

    private static func recordPath(_ runtime: String) -> String { "\(runtime)/forwards.json" }

    private static func recorded(_ runtime: String) -> [String: UInt64] {
        recorded(atPath: recordPath(runtime))
    }

    private static func recorded(atPath path: String) -> [String: UInt64] {
        let bytes = (try? AtomicFile.read(path)) ?? nil
        let found = bytes.flatMap {
            try? JSONDecoder().decode([String: UInt64].self, from: Data($0))
        }
        return found ?? [:]
    }

    private static func inode(_ path: String) -> UInt64? {
        var file = cl_file()
        return unsafe cl_status(path, &file) == 0 ? file.inode : nil
    }
}
