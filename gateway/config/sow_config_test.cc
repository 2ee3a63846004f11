// <SOW>: what a file says about stored topics, as values, and back to a file.
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/base/error.h"
#include "gateway/config/config_loader.h"
#include "gateway/config/config_writer.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

using KeySource = SowTopicDefinition::KeySource;

LoadOptions TestOptions() {
  LoadOptions options;
  options.known.message_types = {"json", "xml", "binary"};
  options.memory_bytes = 1ull << 30;
  return options;
}

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1000 * kMillisecond;
constexpr int64_t kHour = 3600 * kSecond;

// What the file says, after it went through its own dump as well.
SowDefinitions Loaded(std::string_view definitions) {
  std::string xml =
      "<FluxgateConfig><MessageTypes><MessageType><Name>parts</Name><Module>composite-global"
      "</Module><MessageType>json</MessageType></MessageType></MessageTypes><Transports><Transport>"
      "<Name>t</Name><Type>tcp</Type><InetAddr>1</InetAddr></Transport></Transports><Modules>"
      "<Module><Name>keys</Name><Library>keys.so</Library></Module></Modules><SOW>";
  xml.append(definitions).append("</SOW></FluxgateConfig>");
  const absl::StatusOr<Config> config = LoadText(xml, "f", TestOptions());
  EXPECT_TRUE(config.ok()) << ErrorText(config.status());
  if (!config.ok()) return {};
  const std::string dump = Dump(*config);
  const absl::StatusOr<Config> back = LoadText(dump, "dump", TestOptions());
  EXPECT_TRUE(back.ok()) << ErrorText(back.status()) << "\n" << dump;
  EXPECT_TRUE(back.ok() && *back == *config) << dump;
  return config->sow;
}

// Of the only topic, which has these elements beside its name, `orders`, and message type, json.
SowTopicDefinition Topic(std::string_view elements) {
  std::string xml = "<Topic><Name>orders</Name><MessageType>json</MessageType>";
  SowDefinitions sow = Loaded(xml.append(elements).append("</Topic>"));
  if (sow.size() != 1) return {};
  return std::get<SowTopicDefinition>(sow[0]);
}

constexpr std::string_view kOrders =
    "<Topic><Name>orders</Name><MessageType>json</MessageType><Key>/id</Key></Topic>";
constexpr std::string_view kPeople =
    "<Topic><Name>people</Name><MessageType>xml</MessageType><Key>/id</Key></Topic>";
constexpr std::string_view kFields =
    "<Projection><Field>/customer</Field><Field>SUM(/price) AS /total</Field></Projection>"
    "<Grouping><Field>/customer</Field></Grouping>";

TEST(SowConfigTest, WithoutDefinitionsThereAreNone) { EXPECT_TRUE(Loaded("").empty()); }

TEST(SowConfigTest, ATopicThatSaysNothingElse) {
  SowTopicDefinition expected;
  expected.name = "orders";
  expected.message_type = "json";
  expected.key_source = KeySource::kPublisher;
  EXPECT_EQ(Topic(""), expected);
}

TEST(SowConfigTest, EveryElementOfATopic) {
  const SowTopicDefinition topic = Topic(R"(
      <Key>/id</Key>
      <Key>/lines[0]/number</Key>
      <KeyDomain>trade</KeyDomain>
      <FileName>/var/lib/fluxgate/%n.sow</FileName>
      <Durability>persistent</Durability>
      <Recovery>last-good</Recovery>
      <Expiration>90s</Expiration>
      <HashIndex><Key>/customer</Key><Key>/state</Key></HashIndex>
      <HashIndex><Key>/state</Key></HashIndex>
      <Index>/price</Index>
      <Index>[/Any name]</Index>
      <MemoIndexesMax>0</MemoIndexesMax>
      <ExpectedKeyCountHint>2M</ExpectedKeyCountHint>
      <MemoryMax>3GB</MemoryMax>
      <Preprocessing><Field>/price * 2 AS /double</Field></Preprocessing>
      <Enrichment>
        <Field>IF(/price &lt; /price OF PREVIOUS, 'down', 'up')
          AS /direction HINT SET_CURRENT</Field>
        <Field>/price AS /last HINT OPTIONAL</Field>
      </Enrichment>)");
  SowTopicDefinition expected;
  expected.name = "orders";
  expected.message_type = "json";
  expected.key_fields = {"/id", "/lines[0]/number"};
  expected.key_domain = "trade";
  expected.file_name = "/var/lib/fluxgate/orders.sow";
  expected.recover_to_last_good = true;
  expected.expires = true;
  expected.expiration_ns = 90 * kSecond;
  expected.hash_indexes = {{"/customer", "/state"}, {"/state"}};
  expected.ordered_indexes = {"/price", "[/Any name]"};
  expected.memo_indexes_max = 0;
  expected.expected_keys = 2'000'000;
  expected.memory_bytes_max = 3ull << 30;
  expected.preprocessing = {"/price * 2 AS /double"};
  expected.enrichment = {
      "IF(/price < /price OF PREVIOUS, 'down', 'up')           AS /direction HINT SET_CURRENT",
      "/price AS /last HINT OPTIONAL"};
  EXPECT_EQ(topic, expected);
}

TEST(SowConfigTest, WhoMakesKeys) {
  EXPECT_EQ(Topic("<Key>/id</Key>").key_source, KeySource::kFields);
  EXPECT_EQ(Topic("").key_source, KeySource::kPublisher);
  EXPECT_EQ(Topic("<KeyGenerator><Module>sequence</Module></KeyGenerator>").key_source,
            KeySource::kGenerated);
  const SowTopicDefinition by_module = Topic(
      "<KeyGenerator><Module>keys</Module><Options><Prefix>x</Prefix></Options>"
      "<Field>/a</Field><Field>/b</Field></KeyGenerator>");
  EXPECT_EQ(by_module.key_source, KeySource::kModule);
  const KeyGeneratorDefinition expected{"keys", {{"Prefix", "x"}}, {"/a", "/b"}};
  EXPECT_EQ(by_module.key_generator, expected);
}

TEST(SowConfigTest, Expiration) {
  const auto expiration = [](const std::string& text) {
    const SowTopicDefinition topic = Topic("<Expiration>" + text + "</Expiration>");
    return std::pair(topic.expires, topic.expiration_ns);
  };
  EXPECT_EQ(expiration("disabled"), std::pair(false, int64_t{0}));
  EXPECT_EQ(expiration("enabled"), std::pair(true, int64_t{0}));
  EXPECT_EQ(expiration("1ms"), std::pair(true, kMillisecond));
  EXPECT_EQ(expiration("3650d"), std::pair(true, 3650 * 24 * kHour));
}

TEST(SowConfigTest, Durability) {
  EXPECT_EQ(Topic("<Durability>transient</Durability>").file_name, "");
  EXPECT_EQ(Topic("<FileName>f</FileName>").file_name, "f");
  EXPECT_FALSE(Topic("<FileName>f</FileName>").recover_to_last_good);
  EXPECT_FALSE(Topic("<FileName>f</FileName><Recovery>refuse</Recovery>").recover_to_last_good);
}

TEST(SowConfigTest, TheTopicsNameInTheFileName) {
  const auto file_name = [](const std::string& name, const std::string& file) {
    const SowDefinitions sow = Loaded("<Topic><Name>" + name + "</Name><MessageType>json" +
                                      "</MessageType><FileName>" + file + "</FileName></Topic>");
    return sow.size() == 1 ? std::get<SowTopicDefinition>(sow[0]).file_name : "";
  };
  EXPECT_EQ(file_name("orders.eu", "/d/%n.sow"), "/d/orders.eu.sow");
  EXPECT_EQ(file_name("a", "%n/%n%%"), "a/a%");
  EXPECT_EQ(file_name("n", "%%%n"), "%n");
  EXPECT_EQ(file_name("a/b", "/d/%n"), "/d/a%2Fb");
  EXPECT_EQ(file_name("..", "/d/%n"), "/d/%2E.");
  EXPECT_EQ(file_name("50%n", "/d/%n"), "/d/50%25n");
  EXPECT_EQ(file_name("K\xc3\xb6ln 1", "/d/%n"), "/d/K%C3%B6ln%201");
  EXPECT_EQ(file_name(std::string(255, 'n'), "/d/%n"), "/d/" + std::string(255, 'n'));
}

TEST(SowConfigTest, History) {
  const SowTopicDefinition topic = Topic(
      "<Expiration>disabled</Expiration>"
      "<History><Window>1h</Window><Granularity>1h</Granularity></History>");
  EXPECT_EQ(topic.history_window_ns, kHour);
  EXPECT_EQ(topic.history_granularity_ns, kHour);
  const SowTopicDefinition every = Topic("<History><Window>2s</Window></History>");
  EXPECT_EQ(every.history_window_ns, 2 * kSecond);
  EXPECT_EQ(every.history_granularity_ns, 0);
}

TEST(SowConfigTest, APatternAndTopicsOfTheirOwnBeforeIt) {
  const SowDefinitions sow = Loaded(
      "<Topic><Name>orders.eu</Name><MessageType>json</MessageType></Topic>"
      "<Topic><Name>all.orders</Name><MessageType>json</MessageType>"
      "<Pattern>orders\\..*|trades</Pattern></Topic>"
      "<Topic><Name>orders.us</Name><MessageType>xml</MessageType></Topic>"
      "<Topic><Name>old.trades</Name><MessageType>json</MessageType></Topic>");
  ASSERT_EQ(sow.size(), 4u);
  EXPECT_EQ(std::get<SowTopicDefinition>(sow[1]).pattern, "orders\\..*|trades");
}

TEST(SowConfigTest, ConflatedTopics) {
  const SowDefinitions sow = Loaded(std::string(kOrders) + R"(
      <ConflatedTopic><Name>slow</Name><UnderlyingTopic>orders</UnderlyingTopic></ConflatedTopic>
      <ConflatedTopic>
        <Name>slower</Name>
        <UnderlyingTopic>slow</UnderlyingTopic>
        <MessageType>json</MessageType>
        <Interval>100ms</Interval>
        <Filter>/price &gt; 10
          AND /state = 'open'</Filter>
        <HashIndex><Key>/id</Key></HashIndex>
      </ConflatedTopic>)");
  ASSERT_EQ(sow.size(), 3u);
  EXPECT_EQ(sow[1], SowDefinition(ConflatedTopicDefinition{.name = "slow",
                                                           .source = "orders",
                                                           .message_type = "json",
                                                           .interval_ns = 5 * kSecond,
                                                           .filter = "",
                                                           .hash_indexes = {}}));
  EXPECT_EQ(sow[2], SowDefinition(ConflatedTopicDefinition{
                        .name = "slower",
                        .source = "slow",
                        .message_type = "json",
                        .interval_ns = 100 * kMillisecond,
                        .filter = "/price > 10           AND /state = 'open'",
                        .hash_indexes = {{"/id"}}}));
}

TEST(SowConfigTest, AViewOfOneTopic) {
  const SowDefinitions sow = Loaded(std::string(kOrders) + R"(
      <View>
        <Name>totals</Name>
        <MessageType>xml</MessageType>
        <UnderlyingTopic>orders</UnderlyingTopic>
        <Projection>
          <Field>/customer</Field>
          <Field><![CDATA[SUM(IF(/qty < 0, 0, /qty)) AS /qty]]></Field>
        </Projection>
        <Grouping><Field>/customer</Field><Field>[orders].[/state]</Field></Grouping>
        <Filter>/state != 'new'</Filter>
        <HashIndex><Key>/customer</Key></HashIndex>
        <Conflation>none</Conflation>
        <JoinNullEquivalency>disabled</JoinNullEquivalency>
      </View>)");
  ASSERT_EQ(sow.size(), 2u);
  ViewDefinition expected;
  expected.name = "totals";
  expected.message_type = "xml";
  expected.source = "orders";
  expected.projection = {"/customer", "SUM(IF(/qty < 0, 0, /qty)) AS /qty"};
  expected.grouping = {"/customer", "[orders].[/state]"};
  expected.filter = "/state != 'new'";
  expected.hash_indexes = {{"/customer"}};
  EXPECT_EQ(sow[1], SowDefinition(expected));
}

TEST(SowConfigTest, AViewOfSeveralTopics) {
  const SowDefinitions sow = Loaded(std::string(kOrders) + std::string(kPeople) + R"(
      <View>
        <Name>who</Name>
        <MessageType>json</MessageType>
        <Joins>
          <Join>[orders].[/customer]=[people].[/id]</Join>
          <Join>[orders]./area == [xml].[people].[/Home area]</Join>
        </Joins>
        <Projection><Field>[people].[/name] AS /name</Field></Projection>
        <Grouping><Field>[orders].[/id]</Field></Grouping>
      </View>)");
  ASSERT_EQ(sow.size(), 3u);
  ViewDefinition expected;
  expected.name = "who";
  expected.message_type = "json";
  expected.joins = {{"[orders]./customer", "[people]./id"},
                    {"[orders]./area", "[xml].[people].[/Home area]"}};
  expected.projection = {"[people].[/name] AS /name"};
  expected.grouping = {"[orders].[/id]"};
  EXPECT_EQ(sow[2], SowDefinition(expected));
}

// Sources stand before what is made of them, of whatever kind they are, in a dump as well.
TEST(SowConfigTest, DefinitionsKeepTheirOrder) {
  const SowDefinitions sow = Loaded(
      std::string(kOrders) + "<View><Name>v1</Name><MessageType>json</MessageType>" +
      "<UnderlyingTopic>orders</UnderlyingTopic>" + std::string(kFields) + "</View>" +
      "<ConflatedTopic><Name>c</Name><UnderlyingTopic>v1</UnderlyingTopic></ConflatedTopic>" +
      "<View><Name>v2</Name><MessageType>json</MessageType>" +
      "<UnderlyingTopic>c</UnderlyingTopic>" + std::string(kFields) + "</View>" +
      std::string(kPeople));
  ASSERT_EQ(sow.size(), 5u);
  std::string names;
  for (const SowDefinition& definition : sow) {
    names += std::visit([](const auto& d) { return d.name; }, definition) + " ";
  }
  EXPECT_EQ(names, "orders v1 c v2 people ");
}

TEST(SowConfigTest, OneNameInSeveralMessageTypes) {
  const SowDefinitions sow =
      Loaded(std::string(kOrders) +
             "<Topic><Name>orders</Name><MessageType>xml</MessageType><Key>/id</Key></Topic>"
             "<ConflatedTopic><Name>slow</Name><MessageType>xml</MessageType>"
             "<UnderlyingTopic>orders</UnderlyingTopic></ConflatedTopic>"
             "<View><Name>v</Name><MessageType>json</MessageType>"
             "<UnderlyingTopic>orders</UnderlyingTopic>" +
             std::string(kFields) + "</View>");
  ASSERT_EQ(sow.size(), 4u);
  EXPECT_EQ(std::get<ConflatedTopicDefinition>(sow[2]).message_type, "xml");
}

TEST(SowConfigTest, BodiesThatAreNotLookedInto) {
  const SowDefinitions sow = Loaded(
      "<Topic><Name>blobs</Name><MessageType>binary</MessageType></Topic>"
      "<Topic><Name>log</Name><MessageType>binary</MessageType>"
      "<KeyGenerator><Module>sequence</Module></KeyGenerator></Topic>"
      "<Topic><Name>pieces</Name><MessageType>parts</MessageType><Key>/id</Key></Topic>"
      "<ConflatedTopic><Name>slow</Name><UnderlyingTopic>blobs</UnderlyingTopic></ConflatedTopic>"
      "<View><Name>v</Name><MessageType>json</MessageType>"
      "<UnderlyingTopic>pieces</UnderlyingTopic>" +
      std::string(kFields) + "</View>");
  EXPECT_EQ(sow.size(), 5u);
}

TEST(SowConfigTest, NamesOfOlderVersions) {
  const SowDefinitions sow = Loaded(
      "<TopicDefinition><Topic>a</Topic><MessageType>json</MessageType>"
      "<Duration>transient</Duration></TopicDefinition>"
      "<TopicMetaData><Topic>b</Topic><MessageType>json</MessageType></TopicMetaData>"
      "<ReplicaDefinition><Topic>c</Topic><UnderlyingTopic>a</UnderlyingTopic>"
      "</ReplicaDefinition>"
      "<ViewDefinition><Topic>d</Topic><MessageType>json</MessageType>"
      "<UnderlyingTopic>b</UnderlyingTopic>" +
      std::string(kFields) + "</ViewDefinition>");
  ASSERT_EQ(sow.size(), 4u);
  EXPECT_EQ(std::get<SowTopicDefinition>(sow[0]).name, "a");
  EXPECT_EQ(std::get<SowTopicDefinition>(sow[1]).name, "b");
  EXPECT_EQ(std::get<ConflatedTopicDefinition>(sow[2]).name, "c");
  EXPECT_EQ(std::get<ViewDefinition>(sow[3]).name, "d");
}

}  // namespace
}  // namespace fluxgate::config
