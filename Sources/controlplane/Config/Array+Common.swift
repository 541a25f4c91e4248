extension Array where Element: Equatable {
    /// How many elements at the front and at the back are the same as another array's; none counts
    /// twice.
    func common(with other: Self) -> (front: Int, back: Int) {
        let least = Swift.min(count, other.count)
        var front = 0
        while front < least && self[front] == other[front] { front += 1 }
        var back = 0
        while back < least - front && self[count - 1 - back] == other[other.count - 1 - back] {
            back += 1
        }
        return (front, back)
    }
}
