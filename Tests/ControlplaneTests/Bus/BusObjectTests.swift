import Testing

@testable import controlplane

@Suite("D-Bus: objects and their description")
struct BusObjectTests {
    @Test(
        "A name and its path are one another's, whatever is in the name",
        arguments: [
            ("home", "home"), ("corp-1", "corp_2d1"), ("9", "_39"), ("a.b_c", "a_2eb_5fc"),
            ("büro", "b_c3_bcro"),
        ])
    func paths(name: String, label: String) {
        let path = "/org/dvpn1/network/\(label)"
        #expect(BusObject.network(name).path == path)
        #expect(BusObject(path: path) == .network(name))
        #expect(BusObject.label(name) == label)
    }

    @Test(
        "Paths that no object of ours has",
        arguments: [
            "/", "/org", "/org/dvpn1/", "/org/dvpn1/network/", "/org/dvpn1/network/home/x",
            "/org/dvpn1/network/_6", "/org/dvpn1/network/_68ome", "/org/dvpn10",
        ])
    func strangers(path: String) {
        #expect(BusObject(path: path) == nil)
    }

    @Test("Every property of the schema is answered, with its type, and no other")
    func properties() {
        let pairs = [
            (BusSchema.network, BusProperties.of(FakeOperator.network("home", .up))),
            (BusSchema.manager, BusProperties.of(version: "1", [])),
        ]
        for (interface, properties) in pairs {
            #expect(properties.map(\.name) == interface.properties.map(\.name))
            #expect(properties.map(\.value.signature) == interface.properties.map(\.type))
        }
    }

    @Test("The description names everything, says what it means, and lists what is below")
    func introspection() {
        let xml = BusIntrospection.xml(.network("home"), children: [])
        let interface = BusSchema.network
        for method in interface.methods {
            #expect(xml.contains("<method name=\"\(method.name)\">"))
            #expect(xml.contains(method.meaning))
        }
        for property in interface.properties {
            #expect(
                xml.contains(
                    """
                      <property name="\(property.name)" type="\(property.type)" access="read">
                       <annotation name="org.gtk.GDBus.DocString" value="\(property.meaning)"/>
                       <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" \
                    value="\(property.emission.rawValue)"/>
                    """))
        }
        #expect(xml.contains("<signal name=\"StateChanged\">"))
        let folder = BusIntrospection.xml(.folder, children: ["corp_2d1"])
        #expect(folder.contains("<node name=\"corp_2d1\"/>"))
        #expect(!folder.contains("org.dvpn1.Network"))
    }

    @Test("The guide to the bus has every method, property, signal and error")
    func guide() throws {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
        let guide = try #require(try ProcessFiles.text("\(root)/docs/monitoring.md"))
        for interface in [BusSchema.manager, BusSchema.network] {
            let names =
                interface.methods.map(\.name) + interface.properties.map(\.name)
                + interface.signals.map(\.name)
            for name in names { #expect(guide.contains("`\(name)"), "\(name)") }
        }
        for field in LogField.allCases { #expect(guide.contains("`\(field.journalName)`")) }
    }
}
