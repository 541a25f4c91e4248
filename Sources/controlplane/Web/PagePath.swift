/// The paths of the web page.
enum PagePath {
    static let page = "/"
    /// Only what changes of it.
    static let main = "/page/main"
    static let style = "/page/style.css"
    static let script = "/page/script.js"
    /// Forms without scripts: `/page/networks/{name}/{verb}`.
    static let networks = "/page/networks"
    /// A form, too.
    static let reload = "/page/reload"
    /// The query item that searches.
    static let find = "find"
    /// The field of a form that answers a question.
    static let secret = "secret"
}
