/// Why names could not be set up as they should be: a sentence with what to do.
struct NameFailure: Error, Equatable, Sendable, CustomStringConvertible {
    let description: String
}
