/// Which dvpn this is. Shown by `--version` and in every status report.
public enum Release {
    /// By the rules of semver.org; CHANGELOG.md tells what each one brought.
    public static let version = "0.1.0"
}
