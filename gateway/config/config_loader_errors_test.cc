// One case per way in which a file can be wrong. Each names the whole text a user sees. Limits and
// transports have files of their own.
#include <iterator>
#include <string>

#include "core/base/error.h"
#include "fmt/format.h"
#include "gateway/config/config_error_testing.h"
#include "gateway/config/config_errors.h"
#include "gateway/config/config_schema.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

std::string RootNames() {
  return "Name, MessageTypes, Protocols, UserDefinedFunctions, Transports, Logging, "
         "MessageMemoryLimit, ClientMaxCapacity, DrainTimeout, ThreadMonitorThreshold, "
         "CertificateCheckInterval, Limits, Modules, ModuleThreads, Authentication, Entitlement, "
         "SOW, AllowExecuteSystem, Actions";
}

// `types` start at line 2 of an otherwise good file.
std::string MessageTypeError(std::string_view type) {
  std::string xml = "<MessageTypes>";
  return ErrorOf(With(xml.append(type).append("</MessageTypes>")));
}

TEST(ConfigLoaderErrorsTest, MessageTypes) {
  constexpr char kFiles[] = "<ProtobufDescriptorSet>f</ProtobufDescriptorSet><Type>m.M</Type>";
  const std::string proto = std::string("<MessageType><Name>m</Name><Module>protobuf</Module>") +
                            kFiles + "</MessageType>\n";
  const std::string local = "<MessageType><Name>c</Name><Module>composite-local</Module>";
  EXPECT_EQ(MessageTypeError(proto), "");
  EXPECT_EQ(MessageTypeError(proto + local +
                             "<MessageType>json</MessageType>"
                             "<MessageType>m</MessageType></MessageType>"),
            "");
  EXPECT_EQ(MessageTypeError(proto + proto), "f:3: <Name>: 'm' is another message type's name");
  EXPECT_EQ(MessageTypeError("<MessageType><Name>json</Name><Module>protobuf</Module>" +
                             std::string(kFiles) + "</MessageType>"),
            "f:2: <Name>: 'json' is another message type's name");
  EXPECT_EQ(MessageTypeError("<MessageType><Name>m</Name><Module>protobuf</Module></MessageType>"),
            "f:2: <MessageType>: of module protobuf has no <ProtobufDescriptorSet>\n"
            "f:2: <MessageType>: of module protobuf has no <Type>");
  EXPECT_EQ(MessageTypeError(local + "</MessageType>"),
            "f:2: <MessageType>: of module composite-local has no <MessageType>");
  EXPECT_EQ(MessageTypeError(local + "<Type>x</Type>\n<MessageType>json</MessageType>"
                                     "</MessageType>"),
            "f:2: <Type>: has no meaning in a message type of module composite-local");
  EXPECT_EQ(MessageTypeError(local + "<MessageType>json</MessageType>\n"
                                     "<MessageType>jsn</MessageType></MessageType>"),
            "f:3: <MessageType>: 'jsn' is unknown; allowed: json");
  EXPECT_EQ(MessageTypeError(local + "<MessageType>c</MessageType></MessageType>"),
            "f:2: <MessageType>: 'c' is unknown; allowed: json");
  EXPECT_EQ(MessageTypeError("<MessageType><Name>m</Name><Module>proto</Module></MessageType>"),
            "f:2: <Module>: 'proto' is unknown; allowed: fix, nvfix, protobuf, "
            "composite-local, composite-global");
  const std::string fix = "<MessageType><Name>m</Name><Module>fix</Module>";
  EXPECT_EQ(MessageTypeError(fix + "<FieldSeparator>255</FieldSeparator></MessageType>"), "");
  EXPECT_EQ(MessageTypeError(fix + "<FieldSeparator>256</FieldSeparator></MessageType>"),
            "f:2: <FieldSeparator>: '256' is too large; allowed: 0 to 255 (units: k, M)");
  EXPECT_EQ(MessageTypeError(local + "<MessageType>json</MessageType>\n"
                                     "<ValueSeparator>58</ValueSeparator></MessageType>"),
            "f:3: <ValueSeparator>: has no meaning in a message type of module composite-local");
}

TEST(ConfigLoaderErrorsTest, NumberOfPartsOfAMessageType) {
  const auto with_parts = [](uint32_t count) {
    std::string type = "<MessageType><Name>c</Name><Module>composite-global</Module>";
    for (uint32_t i = 0; i < count; ++i) type += "<MessageType>json</MessageType>";
    return MessageTypeError(type + "</MessageType>");
  };
  EXPECT_EQ(with_parts(kMessageTypePartsMax), "");
  EXPECT_EQ(with_parts(kMessageTypePartsMax + 1),
            "f:2: <MessageType>: is there too often; allowed: 0 to 64");
}

TEST(ConfigLoaderErrorsTest, NumberOfMessageTypes) {
  const auto with_types = [](uint32_t count) {
    std::string types;
    for (uint32_t i = 0; i < count; ++i) {
      types += fmt::format(
          "<MessageType><Name>c{}</Name><Module>composite-global</Module>"
          "<MessageType>json</MessageType></MessageType>",
          i);
    }
    return MessageTypeError(types);
  };
  EXPECT_EQ(with_types(kMessageTypesMax), "");
  EXPECT_EQ(with_types(kMessageTypesMax + 1),
            "f:2: <MessageType>: is there too often; allowed: 0 to 64");
}

TEST(ConfigLoaderErrorsTest, WhatOnlyTryingShowsNamesItsElement) {
  LoadOptions options;
  options.known.try_message_type = [](const Config&, const MessageTypeConfig& type) {
    return "cannot be read: " + type.descriptor_set_file;
  };
  const auto config = LoadText(
      With("<MessageTypes><MessageType><Name>m</Name><Module>protobuf</Module>\n"
           "<ProtobufDescriptorSet>file</ProtobufDescriptorSet><Type>m.M</Type></MessageType>"
           "</MessageTypes>"),
      "f", options);
  EXPECT_EQ(ErrorText(config.status()), "f:3: <ProtobufDescriptorSet>: cannot be read: file");
}

TEST(ConfigLoaderErrorsTest, Structure) {
  EXPECT_EQ(ErrorOf("<Config/>"),
            "f:1: <Config>: is not the root element of a configuration; allowed: FluxgateConfig, "
            "AMPSConfig");
  EXPECT_EQ(ErrorOf(With("<Nmae>x</Nmae>")),
            "f:2: <Nmae>: is unknown inside <FluxgateConfig>; allowed: " + RootNames());
  EXPECT_EQ(ErrorOf(With("<name>x</name>")),
            "f:2: <name>: is unknown inside <FluxgateConfig>; allowed: " + RootNames());
  EXPECT_EQ(ErrorOf("<AMPSConfig>" + std::string(kTransports) + "<X/></AMPSConfig>"),
            "f:1: <X>: is unknown inside <AMPSConfig>; allowed: " + RootNames());
  EXPECT_EQ(ErrorOf(With("<Logging><Transport/></Logging>")),
            "f:2: <Transport>: is unknown inside <Logging>; allowed: Target\n"
            "f:2: <Logging>: has no <Target>");
}

TEST(ConfigLoaderErrorsTest, Twice) {
  EXPECT_EQ(ErrorOf(With("<Name>a</Name>\n<Name>b</Name>")),
            "f:3: <Name>: is there twice, first at line 2; allowed: one");
  EXPECT_EQ(ErrorOf(With("<Name>a</Name>\n<Name>b</Name><Name>c</Name>")),
            "f:3: <Name>: is there twice, first at line 2; allowed: one\n"
            "f:3: <Name>: is there twice, first at line 2; allowed: one");
  EXPECT_EQ(ErrorOf(With("\n" + std::string(kTransports))),
            "f:3: <Transports>: is there twice, first at line 1; allowed: one");
  EXPECT_EQ(TransportError(std::string(kTcp) + "<Type>tcp</Type>"),
            "f:2: <Type>: is there twice, first at line 2; allowed: one");
}

TEST(ConfigLoaderErrorsTest, AttributesAndText) {
  EXPECT_EQ(ErrorOf(With("<Name lang='en'>a</Name>")),
            "f:2: <Name>: has the attribute 'lang'; allowed: elements without attributes");
  EXPECT_EQ(ErrorOf(With("<Limits x='1'/>")),
            "f:2: <Limits>: has the attribute 'x'; allowed: elements without attributes");
  EXPECT_EQ(ErrorOf("<FluxgateConfig a='${NO}'>" + std::string(kTransports) + "</FluxgateConfig>"),
            "f:1: <FluxgateConfig>: has the attribute 'a'; allowed: elements without attributes");
  EXPECT_EQ(ErrorOf(With("<Logging>\nstderr<Target/></Logging>")),
            "f:2: <Logging>: has text where elements are expected; allowed: Target");
  EXPECT_EQ(ErrorOf(With("some text")),
            "f:1: <FluxgateConfig>: has text where elements are expected; allowed: " + RootNames());
  EXPECT_EQ(ErrorOf(With("<Name>a<b/></Name>")),
            "f:2: <Name>: has the element 'b' where text is expected; allowed: text of 1 to 256 "
            "bytes");
}

TEST(ConfigLoaderErrorsTest, Required) {
  EXPECT_EQ(ErrorOf("<FluxgateConfig/>"), "f:1: <FluxgateConfig>: has no <Transports>");
  EXPECT_EQ(ErrorOf(Transports("")), "f:1: <Transports>: has no <Transport>");
  EXPECT_EQ(ErrorOf(With("<Logging/>")), "f:2: <Logging>: has no <Target>");
  EXPECT_EQ(ErrorOf(Transports("<Transport/>")),
            "f:2: <Transport>: has no <Name>\nf:2: <Transport>: has no <Type>");
}

TEST(ConfigLoaderErrorsTest, EmptyAndUnreadableText) {
  const std::string allowed = "; allowed: text of 1 to 256 bytes";
  EXPECT_EQ(ErrorOf(With("<Name/>")), "f:2: <Name>: is empty" + allowed);
  EXPECT_EQ(ErrorOf(With("<Name> \n </Name>")), "f:2: <Name>: is empty" + allowed);
  EXPECT_EQ(ErrorOf(With("<Name>a\nb</Name>")),
            "f:2: <Name>: has a line end or another control character");
  EXPECT_EQ(ErrorOf(With("<Name>${BELL}</Name>")),
            "f:2: <Name>: has a line end or another control character");
  EXPECT_EQ(ErrorOf(With("<Name>${LATIN1}</Name>")), "f:2: <Name>: is not valid UTF-8" + allowed);
  EXPECT_EQ(ErrorOf(With("<Name>a&b;</Name>")),
            "f:2: <Name>: has the unknown entity '&b'; write &amp; for & itself");
}

TEST(ConfigLoaderErrorsTest, Substitution) {
  EXPECT_EQ(ErrorOf(With("<Name>${NOT_SET}</Name>")),
            "f:2: <Name>: environment variable 'NOT_SET' is not set");
  EXPECT_EQ(ErrorOf(With("<Name>${NOT_SET:-}</Name>")),
            "f:2: <Name>: is empty; allowed: text of 1 to 256 bytes");
  EXPECT_EQ(ErrorOf(With("<Name>${</Name>")),
            "f:2: <Name>: has ${ without }; write $${ for ${ itself");
}

TEST(ConfigLoaderErrorsTest, TextLengths) {
  const auto name = [](size_t size) { return "<Name>" + std::string(size, 'n') + "</Name>"; };
  EXPECT_EQ(ErrorOf(With(name(256))), "");
  EXPECT_EQ(ErrorOf(With(name(257))),
            "f:2: <Name>: has 257 bytes; allowed: text of 1 to 256 bytes");
  const std::string tcp = "<Type>tcp</Type><InetAddr>1</InetAddr>";
  EXPECT_EQ(TransportError(name(256) + tcp), "");
  EXPECT_EQ(TransportError(name(257) + tcp),
            "f:2: <Name>: has 257 bytes; allowed: text of 1 to 256 bytes");
  const auto file = [](size_t size) {
    return "<FileName>" + std::string(size, 'f') + "</FileName>";
  };
  const std::string unix_socket = "<Name>u</Name><Type>amps-unix</Type>";
  EXPECT_EQ(TransportError(unix_socket + file(107)), "");
  EXPECT_EQ(TransportError(unix_socket + file(108)),
            "f:2: <FileName>: has 108 bytes; allowed: text of 1 to 107 bytes");
  EXPECT_EQ(TargetError("<Protocol>file</Protocol>" + file(4095)), "");
  EXPECT_EQ(TargetError("<Protocol>file</Protocol>" + file(4096)),
            "f:2: <FileName>: has 4096 bytes; allowed: text of 1 to 4095 bytes");
}

TEST(ConfigLoaderErrorsTest, NumberOfLogTargets) {
  std::string targets;
  for (uint32_t i = 0; i < kLogTargetsMax; ++i) targets += "<Target/>";
  EXPECT_EQ(ErrorOf(With("<Logging>" + targets + "</Logging>")), "");
  EXPECT_EQ(ErrorOf(With("<Logging>" + targets + "\n<Target/></Logging>")),
            "f:3: <Target>: is there too often; allowed: 1 to 16");
}

TEST(ConfigLoaderErrorsTest, LogTargets) {
  EXPECT_EQ(TargetError("<Protocol>file</Protocol>"),
            "f:2: <Target>: of protocol file has no <FileName>");
  EXPECT_EQ(TargetError("<FileName>x</FileName>"),
            "f:2: <FileName>: has no meaning in a target of protocol stderr");
  EXPECT_EQ(TargetError("<Protocol>printer</Protocol><FileName>x</FileName>"),
            "f:2: <Protocol>: 'printer' is unknown; allowed: stdout, stderr, file");
  EXPECT_EQ(TargetError("<Level>loud</Level>"),
            "f:2: <Level>: 'loud' is unknown; allowed: developer, trace, stats, info, warning, "
            "error, critical, emergency, none");
}

TEST(ConfigLoaderErrorsTest, NotBuiltYet) {
  EXPECT_EQ(ErrorOf(With("<Replication><Destination/></Replication>"), ErrorCode::kNotBuilt),
            "f:2: <Replication>: is not built yet");
  EXPECT_EQ(ErrorOf(With("<Limits><Include>x</Include></Limits>"), ErrorCode::kNotBuilt),
            "f:2: <Include>: is not built yet");
  const std::string transport = std::string("<Transport>") + kTcp;
  EXPECT_EQ(ErrorOf(Transports(transport + "<PerMessageDeflate>c</PerMessageDeflate></Transport>"),
                    ErrorCode::kNotBuilt),
            "f:2: <PerMessageDeflate>: is not built yet");
  EXPECT_EQ(
      ErrorOf(Transports("<Transport><Name>t</Name><Type>amps-replication</Type></Transport>"),
              ErrorCode::kNotBuilt),
      "f:2: <Type>: 'amps-replication' is not built yet; allowed: tcp, tcps, amps-unix, grpc, "
      "grpcs");
  EXPECT_EQ(ErrorOf(Transports(transport + "<Protocol>websocket</Protocol></Transport>"),
                    ErrorCode::kNotBuilt),
            "f:2: <Protocol>: 'websocket' is not built yet; allowed: amps");
  EXPECT_EQ(ErrorOf(Transports(transport + "<MessageType>bflat</MessageType></Transport>"),
                    ErrorCode::kNotBuilt),
            "f:2: <MessageType>: 'bflat' is not built yet; allowed: json");
  EXPECT_EQ(ErrorOf(With("<Logging><Target><Protocol>syslog</Protocol></Target></Logging>"),
                    ErrorCode::kNotBuilt),
            "f:2: <Protocol>: 'syslog' is not built yet; allowed: stdout, stderr, file");
}

TEST(ConfigLoaderErrorsTest, EveryElementThatIsNotBuiltSaysSo) {
  size_t seen = 0;
  for (const Element& element : Schema()) {
    if (!element.not_built()) continue;
    ++seen;
    const std::string text = fmt::format("<{0}>\n</{0}>", element.name);
    std::string xml = With(text);
    if (element.parent == "Transport") {
      xml = Transports(std::string("<Transport>") + kTcp + text + "</Transport>");
    } else if (element.parent == "Target") {
      xml = With("<Logging><Target>" + text + "</Target></Logging>");
    } else if (element.parent == "SOW") {
      xml = With("<SOW>" + text + "</SOW>");
    } else if (element.parent == "Topic") {
      xml = With("<SOW><Topic><Name>a</Name><MessageType>json</MessageType>" + text +
                 "</Topic></SOW>");
    } else if (element.parent == "ConflatedTopic") {
      xml = With(
          "<SOW><Topic><Name>a</Name><MessageType>json</MessageType></Topic><ConflatedTopic>"
          "<Name>b</Name><UnderlyingTopic>a</UnderlyingTopic>" +
          text + "</ConflatedTopic></SOW>");
    }
    EXPECT_EQ(ErrorOf(xml, ErrorCode::kNotBuilt),
              fmt::format("f:2: <{}>: is not built yet", element.name));
  }
  EXPECT_GE(seen, 38u);
}

TEST(ConfigLoaderErrorsTest, AllErrorsOfAFileAreReported) {
  EXPECT_EQ(ErrorOf("<FluxgateConfig>\n"
                    "  <Nmae>x</Nmae>\n"
                    "  <Replication/>\n"
                    "  <ClientMaxCapacity>0%</ClientMaxCapacity>\n"
                    "  <Transports>\n"
                    "    <Transport>\n"
                    "      <Name>t</Name>\n"
                    "      <Type>tcp</Type>\n"
                    "      <InetAddr>localhost:70000</InetAddr>\n"
                    "    </Transport>\n"
                    "    <Transport>\n"
                    "      <Name>t</Name>\n"
                    "      <Type>amps-unix</Type>\n"
                    "    </Transport>\n"
                    "  </Transports>\n"
                    "</FluxgateConfig>\n"),
            "f:2: <Nmae>: is unknown inside <FluxgateConfig>; allowed: " + RootNames() +
                "\n"
                "f:3: <Replication>: is not built yet\n"
                "f:4: <ClientMaxCapacity>: '0%' is too small; allowed: 1% to 100% (with %)\n"
                "f:9: <InetAddr>: 'localhost:70000' has a port above 65535; allowed: port, "
                "host:port or [v6]:port; port 0 (the system chooses) to 65535\n"
                "f:11: <Transport>: of type amps-unix has no <FileName>\n"
                "f:12: <Name>: same name 't' as the transport at line 6");
}

TEST(ConfigLoaderErrorsTest, ErrorsBeyondTheLimitAreCounted) {
  std::string elements;
  for (size_t i = 0; i < kErrorsReportedMax; ++i) elements += "<X/>\n";
  const std::string at_limit = ErrorOf(With(elements));
  EXPECT_EQ(at_limit.find("more"), std::string::npos);
  const std::string beyond = ErrorOf(With(elements + "<X/><X/><X/>"));
  EXPECT_EQ(beyond, at_limit + "\nf: and 3 more");
}

}  // namespace
}  // namespace fluxgate::config
