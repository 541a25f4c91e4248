internal import Glibc

/// Where two versions of a file differ: whole lines, from the first one that does to the last.
struct ChangedLines: Equatable {
    /// The number of the first of these lines, from 1 on: the same in both.
    let first: Int

    /// Their bytes, and how many lines they are.
    let before: Range<Int>
    let after: Range<Int>
    let linesBefore: Int
    let linesAfter: Int

    var isEmpty: Bool { before.isEmpty && after.isEmpty }

    init(from old: [UInt8], to new: [UInt8]) {
        let least = min(old.count, new.count)
        var front = Self.commonFront(old, new, least)
        let isSame = front == old.count && front == new.count
        while !isSame && !Self.beginsLine(new, front) { front -= 1 }
        var back = isSame ? 0 : Self.commonBack(old, new, least - front)
        while back > 0
            && !(Self.beginsLine(old, old.count - back) && Self.beginsLine(new, new.count - back))
        {
            back -= 1
        }
        before = front..<(old.count - back)
        after = front..<(new.count - back)
        first = 1 + Self.newlines(new, 0..<front)
        linesBefore = Self.lines(old, before)
        linesAfter = Self.lines(new, after)
    }

    private static let newline = UInt8(ascii: "\n")

    private static func beginsLine(_ bytes: [UInt8], _ index: Int) -> Bool {
        index == 0 || bytes[index - 1] == newline
    }

    private static func commonFront(_ old: [UInt8], _ new: [UInt8], _ most: Int) -> Int {
        var count = 0
        // Blocks first, for which the C library has quick instructions.
        unsafe old.withUnsafeBytes { old in
            unsafe new.withUnsafeBytes { new in
                while count + block <= most,
                    let left = old.baseAddress, let right = new.baseAddress,
                    unsafe memcmp(left + count, right + count, block) == 0
                {
                    count += block
                }
            }
        }
        while count < most && old[count] == new[count] { count += 1 }
        return count
    }

    private static func commonBack(_ old: [UInt8], _ new: [UInt8], _ most: Int) -> Int {
        var count = 0
        unsafe old.withUnsafeBytes { old in
            unsafe new.withUnsafeBytes { new in
                while count + block <= most,
                    let left = old.baseAddress, let right = new.baseAddress,
                    unsafe memcmp(
                        left + (old.count - count - block), right + (new.count - count - block),
                        block) == 0
                {
                    count += block
                }
            }
        }
        while count < most && old[old.count - 1 - count] == new[new.count - 1 - count] {
            count += 1
        }
        return count
    }

    private static let block = 4_096

    private static func newlines(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var count = 0
        for byte in bytes[range] where byte == newline { count += 1 }
        return count
    }

    /// A last line without an end is one, too.
    private static func lines(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        let isOpen = !range.isEmpty && bytes[range.upperBound - 1] != newline
        return newlines(bytes, range) + (isOpen ? 1 : 0)
    }
}
