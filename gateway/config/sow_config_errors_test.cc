// One case per way in which <SOW> can be wrong. Each names the whole text a user sees.
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "fmt/format.h"
#include "gateway/config/config_loader.h"
#include "gateway/config/sow_schema.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

// `definitions` start at line 2 of an otherwise good file.
std::string ErrorOf(std::string_view definitions, ErrorCode code = ErrorCode::kBadOption) {
  LoadOptions options;
  options.known.message_types = {"json", "xml", "binary"};
  options.memory_bytes = 1ull << 30;
  std::string xml =
      "<FluxgateConfig><MessageTypes><MessageType><Name>parts</Name><Module>composite-global"
      "</Module><MessageType>json</MessageType></MessageType></MessageTypes><Transports><Transport>"
      "<Name>t</Name><Type>tcp</Type><InetAddr>1</InetAddr></Transport></Transports><SOW>\n";
  xml.append(definitions).append("</SOW></FluxgateConfig>");
  const absl::StatusOr<Config> config = LoadText(xml, "f", options);
  if (config.ok()) return "";
  EXPECT_EQ(ErrorCodeOf(config.status()), code);
  return ErrorText(config.status());
}

std::string Element(std::string_view name, std::string_view text) {
  return fmt::format("<{0}>{1}</{0}>", name, text);
}

// A topic at one line.
std::string Topic(std::string_view name, std::string_view type = "json",
                  std::string_view more = "") {
  return fmt::format("<Topic><Name>{}</Name><MessageType>{}</MessageType>{}</Topic>\n", name, type,
                     more);
}

// Of a topic at line 2 that has these elements, from line 3.
std::string TopicError(std::string_view elements, ErrorCode code = ErrorCode::kBadOption) {
  return ErrorOf(Topic("orders", "json", "\n" + std::string(elements)), code);
}

// Of a conflated topic, whose elements start at line 4, of `orders` at line 2.
std::string ConflatedError(std::string_view elements, ErrorCode code = ErrorCode::kBadOption) {
  return ErrorOf(fmt::format("{}<ConflatedTopic><Name>slow</Name>\n{}</ConflatedTopic>",
                             Topic("orders"), elements),
                 code);
}

constexpr char kOrdersSource[] = "<UnderlyingTopic>orders</UnderlyingTopic>";
constexpr char kFields[] =
    "<Projection><Field>/a</Field></Projection><Grouping><Field>/a</Field></Grouping>";

// Of a view, whose elements start at line 5, of `orders` at line 2 and `people` at line 3.
std::string ViewError(std::string_view elements, ErrorCode code = ErrorCode::kBadOption) {
  return ErrorOf(fmt::format("{}{}<View><Name>v</Name><MessageType>json</MessageType>\n{}</View>",
                             Topic("orders"), Topic("people"), elements),
                 code);
}

TEST(SowConfigErrorsTest, WhatIsRequired) {
  EXPECT_EQ(ErrorOf("<Topic/>"), "f:2: <Topic>: has no <Name>\nf:2: <Topic>: has no <MessageType>");
  EXPECT_EQ(ErrorOf("<ConflatedTopic/>"),
            "f:2: <ConflatedTopic>: has no <Name>\n"
            "f:2: <ConflatedTopic>: has no <UnderlyingTopic>");
  EXPECT_EQ(ErrorOf("<View/>"),
            "f:2: <View>: has no <Name>\nf:2: <View>: has no <MessageType>\n"
            "f:2: <View>: has no <Projection>\nf:2: <View>: has no <Grouping>");
  EXPECT_EQ(TopicError("<History/>"), "f:3: <History>: has no <Window>");
  EXPECT_EQ(TopicError("<HashIndex/>"), "f:3: <HashIndex>: has no <Key>");
  EXPECT_EQ(TopicError("<Preprocessing/>"), "f:3: <Preprocessing>: has no <Field>");
  EXPECT_EQ(TopicError("<Enrichment/>"), "f:3: <Enrichment>: has no <Field>");
  EXPECT_EQ(ViewError(std::string("<Joins/>") + kFields), "f:5: <Joins>: has no <Join>");
  EXPECT_EQ(ViewError(std::string(kOrdersSource) + "<Projection/>\n<Grouping/>"),
            "f:5: <Projection>: has no <Field>\nf:6: <Grouping>: has no <Field>");
  EXPECT_EQ(ErrorOf("<Tpoic/>"),
            "f:2: <Tpoic>: is unknown inside <SOW>; allowed: Topic, ConflatedTopic, View");
}

TEST(SowConfigErrorsTest, NotBuiltYet) {
  constexpr ErrorCode kNotBuilt = ErrorCode::kNotBuilt;
  EXPECT_EQ(ErrorOf("<Queue><Name>q</Name></Queue>", kNotBuilt), "f:2: <Queue>: is not built yet");
  EXPECT_EQ(TopicError("<RecoveryPoint>now</RecoveryPoint>", kNotBuilt),
            "f:3: <RecoveryPoint>: is not built yet");
  EXPECT_EQ(TopicError("<SlabSize>5MB</SlabSize>", kNotBuilt), "f:3: <SlabSize>: is not built yet");
  EXPECT_EQ(ViewError(std::string(kOrdersSource) + kFields + "<Conflation>inline</Conflation>",
                      kNotBuilt),
            "f:5: <Conflation>: 'inline' is not built yet; allowed: none");
  EXPECT_EQ(ViewError(std::string(kOrdersSource) + kFields +
                          "<JoinNullEquivalency>enabled</JoinNullEquivalency>",
                      kNotBuilt),
            "f:5: <JoinNullEquivalency>: 'enabled' is not built yet; allowed: disabled");
  EXPECT_EQ(ErrorOf(Topic("all", "json", "<Pattern>a.*</Pattern>") +
                        "<ConflatedTopic><Name>slow</Name>\n<UnderlyingTopic>all</UnderlyingTopic>"
                        "</ConflatedTopic>",
                    kNotBuilt),
            "f:4: <UnderlyingTopic>: a copy of 'all', a topic with a <Pattern>, is not built yet");
  EXPECT_EQ(ErrorOf(Topic("a", "bflat"), kNotBuilt),
            "f:2: <MessageType>: 'bflat' is not built yet; allowed: json, xml, binary, parts");
}

TEST(SowConfigErrorsTest, Words) {
  EXPECT_EQ(TopicError("<KeyGenerator><Module>sequence</Module><Field>/a</Field></KeyGenerator>"),
            "f:3: <KeyGenerator>: has options or fields, which sequence has no use for");
  EXPECT_EQ(TopicError("<KeyGenerator></KeyGenerator>"), "f:3: <KeyGenerator>: has no <Module>");
  EXPECT_EQ(TopicError("<Durability>always</Durability>"),
            "f:3: <Durability>: 'always' is unknown; allowed: persistent, transient");
  EXPECT_EQ(TopicError("<FileName>f</FileName><Recovery>best</Recovery>"),
            "f:3: <Recovery>: 'best' is unknown; allowed: refuse, last-good");
  EXPECT_EQ(ViewError(std::string(kOrdersSource) + kFields + "<Conflation>some</Conflation>"),
            "f:5: <Conflation>: 'some' is unknown; allowed: none");
}

TEST(SowConfigErrorsTest, Numbers) {
  struct Case {
    const char *parent, *name, *least, *below, *most, *above, *allowed;
  };
  constexpr char kIntervals[] = "1ms to 3650d (with unit: ns, us, ms, s, m, h, d, w)";
  const Case cases[] = {
      {"Topic", "MemoIndexesMax", "0", "", "256", "257", "0 to 256 (units: k, M)"},
      {"Topic", "ExpectedKeyCountHint", "1", "0", "1000M", "1001M", "1 to 1000M (units: k, M)"},
      {"Topic", "MemoryMax", "1mb", "1023kb", "16tb", "17tb",
       "1MB to 16TB (bytes; units: kb, mb, gb, tb)"},
      {"Topic", "Expiration", "1ms", "999us", "3650d", "3651d",
       "disabled, enabled, or 1ms to 3650d (with unit: ns, us, ms, s, m, h, d, w)"},
      {"History", "Window", "1ms", "999us", "3650d", "3651d", kIntervals},
      {"History", "Granularity", "1ms", "999us", "3650d", "3651d", kIntervals},
      {"ConflatedTopic", "Interval", "100ms", "99ms", "1d", "86400001ms",
       "100ms to 1d (with unit: ns, us, ms, s, m, h, d, w)"},
  };
  for (const Case& c : cases) {
    const auto error = [&c](const char* text) {
      const std::string element = Element(c.name, text);
      if (std::string_view(c.parent) == "ConflatedTopic") {
        return ConflatedError(std::string(kOrdersSource) + "\n" + element);
      }
      if (std::string_view(c.parent) == "Topic") return TopicError("\n\n" + element);
      const std::string window =
          std::string_view(c.name) == "Window" ? "" : "<Window>3650d</Window>";
      return TopicError("<History>" + window + "\n\n" + element + "</History>");
    };
    EXPECT_EQ(error(c.least), "") << c.name;
    EXPECT_EQ(error(c.most), "") << c.name;
    const auto refusal = [&c](const char* text, const char* how) {
      return fmt::format("f:5: <{}>: '{}' is too {}; allowed: {}", c.name, text, how, c.allowed);
    };
    if (*c.below != '\0') {
      EXPECT_EQ(error(c.below), refusal(c.below, "small"));
    }
    EXPECT_EQ(error(c.above), refusal(c.above, "large"));
  }
  EXPECT_EQ(TopicError("<Expiration>never</Expiration>"),
            "f:3: <Expiration>: 'never' is not a whole number; allowed: disabled, enabled, or 1ms "
            "to 3650d (with unit: ns, us, ms, s, m, h, d, w)");
}

TEST(SowConfigErrorsTest, HowManyOfEach) {
  const auto times = [](uint32_t count, const std::string& text) {
    std::string all;
    for (uint32_t i = 0; i < count; ++i) all += fmt::format(fmt::runtime(text), i);
    return all;
  };
  const auto expect_max = [&times](uint32_t max, const char* name, const std::string& text,
                                   uint32_t line, const auto& error, bool required) {
    EXPECT_EQ(error(times(max, text)), "") << name;
    EXPECT_EQ(error(times(max + 1, text)),
              fmt::format("f:{}: <{}>: is there too often; allowed: {} to {}", line, name,
                          required ? 1 : 0, max));
  };
  const auto definitions = [](const std::string& all) { return ErrorOf(Topic("orders") + all); };
  expect_max(kConflatedTopicsMax, "ConflatedTopic",
             "<ConflatedTopic><Name>c{}</Name><UnderlyingTopic>orders</UnderlyingTopic>"
             "</ConflatedTopic>",
             3, definitions, false);
  expect_max(kViewsMax, "View",
             std::string("<View><Name>v{}</Name><MessageType>json</MessageType>") + kOrdersSource +
                 kFields + "</View>",
             3, definitions, false);
  expect_max(
      kStoredTopicsMax, "Topic", "<Topic><Name>t{}</Name><MessageType>json</MessageType></Topic>",
      2, [](const std::string& all) { return ErrorOf(all); }, false);

  const auto topic = [](const std::string& all) { return TopicError(all); };
  const std::string field_of_key = "<Key>/f{}</Key>";
  const std::string field = "<Field>/a AS /f{}</Field>";
  expect_max(kKeyFieldsMax, "Key", field_of_key, 3, topic, false);
  expect_max(kStoredIndexesMax, "Index", "<Index>/f{}</Index>", 3, topic, false);
  expect_max(kStoredIndexesMax, "HashIndex", "<HashIndex><Key>/f{}</Key></HashIndex>", 3, topic,
             false);
  const auto inside = [](const std::string& container) {
    return [container](const std::string& all) { return TopicError(Element(container, all)); };
  };
  expect_max(kKeyFieldsMax, "Key", field_of_key, 3, inside("HashIndex"), true);
  expect_max(kConstructedFieldsMax, "Field", field, 3, inside("Preprocessing"), true);
  expect_max(kConstructedFieldsMax, "Field", field, 3, inside("Enrichment"), true);

  expect_max(
      kStoredIndexesMax, "HashIndex", "<HashIndex><Key>/f{}</Key></HashIndex>", 4,
      [](const std::string& all) { return ConflatedError(kOrdersSource + all); }, false);
  const auto view = [](const std::string& source, const std::string& fields) {
    return ViewError(source + fields);
  };
  expect_max(
      kStoredIndexesMax, "HashIndex", "<HashIndex><Key>/f{}</Key></HashIndex>", 5,
      [&](const std::string& all) { return view(kOrdersSource, kFields + all); }, false);
  expect_max(
      kJoinsMax, "Join", "<Join>[orders].[/f{}]=[people].[/id]</Join>", 5,
      [&](const std::string& all) { return view(Element("Joins", all), kFields); }, true);
  expect_max(
      kConstructedFieldsMax, "Field", field, 5,
      [&](const std::string& all) {
        return view(kOrdersSource,
                    Element("Projection", all) + "<Grouping><Field>/a</Field></Grouping>");
      },
      true);
  expect_max(
      kGroupingFieldsMax, "Field", "<Field>/f{}</Field>", 5,
      [&](const std::string& all) {
        return view(kOrdersSource,
                    "<Projection><Field>/a</Field></Projection>" + Element("Grouping", all));
      },
      true);
}

TEST(SowConfigErrorsTest, FieldsAndExpressions) {
  const std::string path = "; allowed: a field like /order/id";
  EXPECT_EQ(TopicError("<Key>id</Key>"),
            "f:3: <Key>: expected a field like /name, found 'id'" + path);
  EXPECT_EQ(TopicError("<Index>/a /b</Index>"),
            "f:3: <Index>: expected a field like /name, found field /a" + path);
  EXPECT_EQ(TopicError("<HashIndex><Key>/a</Key>\n<Key>/</Key></HashIndex>"),
            "f:4: <Key>: expected a field like /name, found '/'" + path);
  EXPECT_EQ(TopicError("<Key/>"), "f:3: <Key>: is empty; allowed: text of 1 to 4096 bytes");

  const std::string construction = "; allowed: expression AS /field";
  const auto made = [](const char* container, const char* text) {
    return TopicError(Element(container, "\n" + Element("Field", text)));
  };
  EXPECT_EQ(made("Preprocessing", "/a + "),
            "f:4: <Field>: expected a field or a value, found the end at byte 4" + construction);
  EXPECT_EQ(made("Preprocessing", "/a + 1"),
            "f:4: <Field>: expected AS and the field that the value goes to" + construction);
  EXPECT_EQ(made("Preprocessing", "/a AS /b HINT FAST"),
            "f:4: <Field>: unknown hint FAST (OPTIONAL or SET_CURRENT)" + construction);
  EXPECT_EQ(made("Preprocessing", "/a OF PREVIOUS AS /b"),
            "f:4: <Field>: OF CURRENT and OF PREVIOUS are for topics that keep records at byte 3" +
                construction);
  EXPECT_EQ(made("Enrichment", "SUM(/a) AS /b"),
            "f:4: <Field>: SUM is for views and aggregated subscriptions at byte 0" + construction);
  EXPECT_EQ(
      made("Enrichment", "[t].[/a] AS /b"),
      "f:4: <Field>: a topic before a field is for views: here there is only one topic at byte 0" +
          construction);

  EXPECT_EQ(ConflatedError(std::string(kOrdersSource) + "\n<Filter>/a =</Filter>"),
            "f:5: <Filter>: expected a field or a value, found the end at byte 4");
  EXPECT_EQ(
      ConflatedError(std::string(kOrdersSource) + "\n<Filter>/a AS /b</Filter>"),
      "f:5: <Filter>: AS and HINT are for fields that are constructed, not for filters at byte 3");

  const auto view = [](const char* projection, const char* grouping) {
    return ViewError(std::string(kOrdersSource) +
                     Element("Projection", "\n" + Element("Field", projection)) +
                     Element("Grouping", "\n" + Element("Field", grouping)));
  };
  EXPECT_EQ(view("SUM(/a)", "/a"),
            "f:6: <Field>: has no AS and field that the value goes to" + construction);
  EXPECT_EQ(view("SUM(SUM(/a)) AS /a", "/a"),
            "f:6: <Field>: an aggregate cannot stand inside another at byte 4" + construction);
  const std::string group = "; allowed: a field like /order/id or [topic].[/order/id]";
  EXPECT_EQ(view("/a", "/a + 1"), "f:7: <Field>: '/a + 1' is not a field" + group);
  EXPECT_EQ(view("/a", "a"),
            "f:7: <Field>: expected a field or a value, found 'a' (text is written in quotes, a "
            "field with a leading '/') at byte 0" +
                group);
}

TEST(SowConfigErrorsTest, Names) {
  EXPECT_EQ(ErrorOf(Topic("a.*")),
            "f:2: <Name>: cannot publish to the topic pattern a.*; a topic published to is literal "
            "and has none of ^$*+?()[]{}|\\");
  EXPECT_EQ(ErrorOf(Topic("/AMPS/x")), "f:2: <Name>: topics below /AMPS/ are the gateway's own");
  EXPECT_EQ(ErrorOf(Topic(std::string(1024, 'n'))), "");
  EXPECT_EQ(ErrorOf(Topic(std::string(1025, 'n'))),
            "f:2: <Name>: topic is 1025 bytes long; at most 1024");
  EXPECT_EQ(ErrorOf(Topic("a") + Topic("b") + Topic("a")),
            "f:4: <Name>: same name 'a' as the definition at line 2");
  EXPECT_EQ(ErrorOf(Topic("orders") + "<ConflatedTopic><UnderlyingTopic>orders</UnderlyingTopic>\n"
                                      "<Name>orders</Name></ConflatedTopic>"),
            "f:4: <Name>: same name 'orders' as the definition at line 2");
  EXPECT_EQ(ErrorOf(Topic("orders") + "<View><Name>orders</Name><MessageType>json</MessageType>" +
                    kOrdersSource + kFields + "</View>"),
            "f:3: <Name>: same name 'orders' as the definition at line 2");
}

TEST(SowConfigErrorsTest, Patterns) {
  EXPECT_EQ(
      TopicError("<Pattern>a(</Pattern>"),
      "f:3: <Pattern>: regular expression does not compile: missing closing parenthesis at byte 2");
  // Fits into no whole-name match: the comment takes in what follows it.
  EXPECT_EQ(TopicError("<Pattern>(?x)a#</Pattern>"),
            "f:3: <Pattern>: regular expression does not compile: missing closing parenthesis at "
            "byte 12");
  EXPECT_EQ(ErrorOf(Topic("all", "json", "<Pattern>a|b.*</Pattern>") + Topic("abc") +
                    Topic("bc", "xml") + Topic("bc")),
            "f:5: <Name>: 'bc' is taken in by the <Pattern> of the topic at line 2; define it "
            "before");
}

TEST(SowConfigErrorsTest, Keys) {
  EXPECT_EQ(TopicError("<Key>/id</Key>\n<KeyGenerator><Module>sequence</Module></KeyGenerator>"),
            "f:4: <KeyGenerator>: has no meaning beside <Key>");
  EXPECT_EQ(TopicError("<KeyDomain>d</KeyDomain>"),
            "f:3: <KeyDomain>: has no meaning without <Key>");
}

TEST(SowConfigErrorsTest, FilesAndDurability) {
  EXPECT_EQ(TopicError("<Durability>persistent</Durability>"),
            "f:3: <Durability>: 'persistent' needs a <FileName>");
  EXPECT_EQ(TopicError("<Durability>transient</Durability>\n<FileName>f</FileName>"),
            "f:4: <FileName>: has no meaning in a transient topic");
  EXPECT_EQ(TopicError("<Recovery>refuse</Recovery>"),
            "f:3: <Recovery>: has no meaning without <FileName>");
  const std::string percent = "; allowed: %n for the topic's name, %% for % itself, no other %";
  EXPECT_EQ(TopicError("<FileName>%N</FileName>"), "f:3: <FileName>: has '%N'" + percent);
  EXPECT_EQ(TopicError("<FileName>a%%%</FileName>"), "f:3: <FileName>: has '%'" + percent);

  const auto file = [](std::string_view name) { return Element("FileName", name); };
  EXPECT_EQ(ErrorOf(Topic("a", "json", file("/d/%n")) + Topic("b", "json", file("/d/a"))),
            "f:3: <FileName>: same file '/d/a' as the topic at line 2");
  EXPECT_EQ(ErrorOf(Topic("a", "json", file("d/f")) + Topic("b", "json", file("./d/x/..//f"))),
            "f:3: <FileName>: same file './d/x/..//f' as the topic at line 2");
  EXPECT_EQ(ErrorOf(Topic("a", "json", file("/d/%n")) + Topic("b", "json", file("/d/%n"))), "");

  EXPECT_EQ(ErrorOf(Topic(std::string(255, 'n'), "json", file("/d/%n"))), "");
  EXPECT_EQ(ErrorOf(Topic(std::string(256, 'n'), "json", file("/d/%n"))),
            "f:2: <FileName>: has 256 bytes behind the last / with the topic's name in it; "
            "allowed: 255 bytes");
  const std::string name(1000, 'n');
  const std::string names = "%n/%n/%n/%n/";
  EXPECT_EQ(ErrorOf(Topic(name, "json", file(names + std::string(91, 'f')))), "");
  EXPECT_EQ(ErrorOf(Topic(name, "json", file(names + std::string(92, 'f')))),
            "f:2: <FileName>: is too long with the topic's name in it; allowed: 4095 bytes");
}

TEST(SowConfigErrorsTest, HistoryAndExpiration) {
  EXPECT_EQ(TopicError("<History><Window>1h</Window></History>\n<Expiration>enabled</Expiration>"),
            "f:4: <Expiration>: has no meaning beside <History>; allowed: disabled");
  EXPECT_EQ(TopicError("<History><Window>1h</Window>\n<Granularity>61m</Granularity></History>"),
            "f:4: <Granularity>: '61m' is more than the <Window>; allowed: at most 1h");
}

TEST(SowConfigErrorsTest, MessageTypes) {
  EXPECT_EQ(ErrorOf(Topic("a", "yaml")),
            "f:2: <MessageType>: 'yaml' is unknown; allowed: json, xml, binary, parts");
  EXPECT_EQ(ErrorOf(Topic("a", "protobuf")),
            "f:2: <MessageType>: 'protobuf' needs a <MessageType> in <MessageTypes>; allowed: "
            "json, xml, binary, parts");
  const std::string cannot = " needs a message type that can be looked into, 'binary' cannot\n";
  EXPECT_EQ(ErrorOf(Topic("a", "binary",
                          "<Key>/a</Key><Index>/a</Index><HashIndex><Key>/a</Key></HashIndex>"
                          "<Preprocessing><Field>/a</Field></Preprocessing>"
                          "<Enrichment><Field>/a</Field></Enrichment>")) +
                "\n",
            "f:2: <Key>:" + cannot + "f:2: <HashIndex>:" + cannot + "f:2: <Index>:" + cannot +
                "f:2: <Preprocessing>:" + cannot + "f:2: <Enrichment>:" + cannot);
  EXPECT_EQ(ErrorOf(Topic("a", "parts",
                          "<Key>/a</Key><Enrichment><Field>/a</Field></Enrichment>\n"
                          "<Preprocessing><Field>/a</Field></Preprocessing>")),
            "f:2: <Enrichment>: needs a message type that can be written, 'parts' cannot\n"
            "f:3: <Preprocessing>: needs a message type that can be written, 'parts' cannot");
  EXPECT_EQ(ErrorOf(Topic("a", "binary") +
                    "<ConflatedTopic><Name>b</Name><UnderlyingTopic>a</UnderlyingTopic>\n"
                    "<Filter>/a</Filter></ConflatedTopic>"),
            "f:4: <Filter>: needs a message type that can be looked into, 'binary' cannot");
  EXPECT_EQ(ConflatedError(std::string(kOrdersSource) + "<MessageType>xml</MessageType>"),
            "f:4: <MessageType>: 'xml' is not the message type of 'orders'; allowed: json");
  EXPECT_EQ(ConflatedError(std::string(kOrdersSource) + "<MessageType>yaml</MessageType>"),
            "f:4: <MessageType>: 'yaml' is unknown; allowed: json, xml, binary, parts");
  for (const char* type : {"binary", "parts"}) {
    EXPECT_EQ(ErrorOf(Topic("orders") + "<View><Name>v</Name>\n" + Element("MessageType", type) +
                      kOrdersSource + kFields + "</View>"),
              fmt::format("f:4: <MessageType>: '{}' cannot be written", type));
  }
}

TEST(SowConfigErrorsTest, SourcesOfConflatedTopics) {
  EXPECT_EQ(ConflatedError("<UnderlyingTopic>trades</UnderlyingTopic>"),
            "f:4: <UnderlyingTopic>: 'trades' is no stored topic; allowed: a Topic, "
            "ConflatedTopic or View further up");
  EXPECT_EQ(ConflatedError("<UnderlyingTopic>slow</UnderlyingTopic>"),
            "f:4: <UnderlyingTopic>: 'slow' is no stored topic; allowed: a Topic, ConflatedTopic "
            "or View further up");
  EXPECT_EQ(ErrorOf("<ConflatedTopic><Name>slow</Name><UnderlyingTopic>orders</UnderlyingTopic>"
                    "</ConflatedTopic>\n" +
                    Topic("orders")),
            "f:2: <UnderlyingTopic>: 'orders' is defined further down, at line 3; it must stand "
            "before");
  EXPECT_EQ(ErrorOf(Topic("orders") + Topic("orders", "xml") + "<ConflatedTopic><Name>slow</Name>" +
                    kOrdersSource + "</ConflatedTopic>"),
            "f:4: <UnderlyingTopic>: 'orders' is there with several message types; allowed: a "
            "<MessageType> beside it");
}

TEST(SowConfigErrorsTest, SourcesOfViews) {
  EXPECT_EQ(ViewError(kFields), "f:4: <View>: has neither <UnderlyingTopic> nor <Joins>");
  EXPECT_EQ(ViewError(std::string("<UnderlyingTopic>trades</UnderlyingTopic>") + kFields),
            "f:5: <UnderlyingTopic>: 'trades' is no stored topic; allowed: a Topic, "
            "ConflatedTopic or View further up");
  const std::string join = "<Joins><Join>[orders].[/id]=[people].[/id]</Join></Joins>";
  EXPECT_EQ(ViewError(join + kFields + "\n" + kOrdersSource),
            "f:6: <UnderlyingTopic>: has no meaning beside <Joins>");
  EXPECT_EQ(ViewError(join + kFields + "\n<Filter>/a</Filter>"),
            "f:6: <Filter>: has no meaning beside <Joins>");
  const auto view_of = [](const std::string& topics, const char* type) {
    return ErrorOf(topics + "<View><Name>v</Name>" + Element("MessageType", type) + kOrdersSource +
                   kFields + "</View>");
  };
  EXPECT_EQ(view_of(Topic("orders", "json", "<Pattern>o.*</Pattern>"), "json"),
            "f:3: <UnderlyingTopic>: 'orders' has a <Pattern>; allowed: a topic of its own");
  EXPECT_EQ(view_of(Topic("orders", "binary"), "json"),
            "f:3: <UnderlyingTopic>: 'orders' has the message type 'binary', which cannot be "
            "looked into");
  const std::string both = Topic("orders") + Topic("orders", "binary");
  EXPECT_EQ(view_of(both, "json"), "");
  EXPECT_EQ(view_of(both, "xml"),
            "f:4: <UnderlyingTopic>: 'orders' is there with several message types, none of them "
            "the view's");
}

TEST(SowConfigErrorsTest, Joins) {
  const auto join = [](const char* text) {
    return ViewError("<Joins>\n" + Element("Join", text) + "</Joins>" + kFields);
  };
  const std::string allowed = "; allowed: [topic].[/field]=[topic].[/field]";
  EXPECT_EQ(join("[orders].[/id]=[people].[/id]"), "");
  EXPECT_EQ(join("[orders].[/id]=/id"),
            "f:6: <Join>: '[orders].[/id]=/id' does not compare fields of two topics" + allowed);
  EXPECT_EQ(join("[orders].[/id]!=[people].[/id]"),
            "f:6: <Join>: '[orders].[/id]!=[people].[/id]' does not compare fields of two topics" +
                allowed);
  EXPECT_EQ(join("[orders].[/id]"),
            "f:6: <Join>: '[orders].[/id]' does not compare fields of two topics" + allowed);
  EXPECT_EQ(join("[orders.[/id]"),
            "f:6: <Join>: expected '.' and a field behind the name in brackets (a field in "
            "brackets begins with '[/') at byte 0" +
                allowed);
  EXPECT_EQ(join("[orders].[/id]=[trades].[/id]"),
            "f:6: <Join>: 'trades' is no stored topic; allowed: a Topic, ConflatedTopic or View "
            "further up");
  EXPECT_EQ(join("[orders].[/id]=[xml].[people].[/id]"),
            "f:6: <Join>: 'xml' is no message type of 'people'");
}

TEST(SowConfigErrorsTest, FieldsOfTopicsThatAreNoSource) {
  EXPECT_EQ(
      ViewError(std::string(kOrdersSource) + "<Projection>\n<Field>[orders].[/a] AS /a</Field>\n"
                                             "<Field>[people].[/a] AS /b</Field></Projection>\n"
                                             "<Grouping><Field>[people].[/a]</Field></Grouping>"),
      "f:7: <Field>: 'people' is no topic of this view\n"
      "f:8: <Field>: 'people' is no topic of this view");
}

// One finding about each definition, in the order of the file.
TEST(SowConfigErrorsTest, AllErrorsAreReported) {
  EXPECT_EQ(ErrorOf("<Topic><Name>a</Name><MessageType>json</MessageType>\n<Key>id</Key></Topic>\n"
                    "<View><Name>v</Name><MessageType>json</MessageType>" +
                    std::string(kFields) + "</View>\n" + Topic("a")),
            "f:3: <Key>: expected a field like /name, found 'id'; allowed: a field like "
            "/order/id\n"
            "f:4: <View>: has neither <UnderlyingTopic> nor <Joins>\n"
            "f:5: <Name>: same name 'a' as the definition at line 2");
}

}  // namespace
}  // namespace fluxgate::config
