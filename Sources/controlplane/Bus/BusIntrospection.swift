/// What an object answers to `org.freedesktop.DBus.Introspectable.Introspect`, with documentation.
/// Pure.
enum BusIntrospection {
    /// - Parameter children: the last parts of the paths of the objects below.
    static func xml(_ object: BusObject, children: [String]) -> String {
        var lines = [header, "<node>"]
        if let interface = BusSchema.interface(of: object) { lines += render(interface) }
        if object == .manager { lines.append(objectManager) }
        if BusSchema.interface(of: object) != nil { lines.append(properties) }
        lines.append(introspectable)
        lines += children.map { " <node name=\"\(escape($0))\"/>" }
        lines.append("</node>")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func render(_ interface: BusInterface) -> [String] {
        var lines = [" <interface name=\"\(interface.name)\">", note(interface.meaning, 2)]
        for method in interface.methods {
            lines += [
                "  <method name=\"\(method.name)\">", note(method.meaning, 3),
            ]
            lines += method.results.map {
                "   <arg name=\"\($0.name)\" type=\"\($0.type)\" direction=\"out\"/>"
            }
            lines.append("  </method>")
        }
        for property in interface.properties {
            lines += [
                "  <property name=\"\(property.name)\" type=\"\(property.type)\" access=\"read\">",
                note(property.meaning, 3),
                "   <annotation name=\"org.freedesktop.DBus.Property.EmitsChangedSignal\" "
                    + "value=\"\(property.emission.rawValue)\"/>",
                "  </property>",
            ]
        }
        for signal in interface.signals {
            lines += ["  <signal name=\"\(signal.name)\">", note(signal.meaning, 3)]
            lines += signal.arguments.map { "   <arg name=\"\($0.name)\" type=\"\($0.type)\"/>" }
            lines.append("  </signal>")
        }
        return lines + [" </interface>"]
    }

    /// The annotation by which GLib's and others' tools know documentation.
    private static func note(_ text: String, _ depth: Int) -> String {
        String(repeating: " ", count: depth)
            + "<annotation name=\"org.gtk.GDBus.DocString\" value=\"\(escape(text))\"/>"
    }

    private static func escape(_ text: String) -> String {
        let named: [Character: String] = ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;"]
        return text.map { named[$0] ?? String($0) }.joined()
    }

    private static let header = """
        <!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
         "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
        """

    private static let introspectable = """
         <interface name="org.freedesktop.DBus.Introspectable">
          <method name="Introspect">
           <arg name="xml" type="s" direction="out"/>
          </method>
         </interface>
        """

    private static let properties = """
         <interface name="org.freedesktop.DBus.Properties">
          <method name="Get">
           <arg name="interface" type="s" direction="in"/>
           <arg name="property" type="s" direction="in"/>
           <arg name="value" type="v" direction="out"/>
          </method>
          <method name="GetAll">
           <arg name="interface" type="s" direction="in"/>
           <arg name="properties" type="a{sv}" direction="out"/>
          </method>
          <method name="Set">
           <arg name="interface" type="s" direction="in"/>
           <arg name="property" type="s" direction="in"/>
           <arg name="value" type="v" direction="in"/>
          </method>
          <signal name="PropertiesChanged">
           <arg name="interface" type="s"/>
           <arg name="changed" type="a{sv}"/>
           <arg name="invalidated" type="as"/>
          </signal>
         </interface>
        """

    private static let objectManager = """
         <interface name="org.freedesktop.DBus.ObjectManager">
          <method name="GetManagedObjects">
           <arg name="objects" type="a{oa{sa{sv}}}" direction="out"/>
          </method>
          <signal name="InterfacesAdded">
           <arg name="object" type="o"/>
           <arg name="interfaces" type="a{sa{sv}}"/>
          </signal>
          <signal name="InterfacesRemoved">
           <arg name="object" type="o"/>
           <arg name="interfaces" type="as"/>
          </signal>
         </interface>
        """
}
