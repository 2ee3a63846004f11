// A whole gateway with actions, and what users see of them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "core/base/error.h"
#include "gateway/config/config_loader.h"
#include "gateway/server/gateway.h"
#include "gateway/server/logging.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

namespace fs = std::filesystem;

std::string Options(std::string_view options) {
  return options.empty() ? "" : fmt::format("<Options>{}</Options>", options);
}
std::string On(std::string_view name, std::string_view options = "") {
  return fmt::format("<On><Module>amps-action-on-{}</Module>{}</On>", name, Options(options));
}
std::string If(std::string_view name, std::string_view options = "") {
  return fmt::format("<If><Module>amps-action-if-{}</Module>{}</If>", name, Options(options));
}
std::string Do(std::string_view name, std::string_view options = "") {
  return fmt::format("<Do><Module>amps-action-do-{}</Module>{}</Do>", name, Options(options));
}
// Published to a topic that the watcher has subscribed to.
std::string Tell(std::string_view topic, std::string_view data) {
  return Do("publish-message",
            fmt::format("<MessageType>json</MessageType><Topic>out/{}</Topic><Data>{}</Data>",
                        topic, data));
}
std::string OnTopic(std::string_view topic, std::string_view filter = "1 = 1") {
  return On("publish-message",
            fmt::format("<MessageType>json</MessageType><Topic>{}</Topic><Filter>{}</Filter>",
                        topic, filter));
}

class ActionsTest : public ::testing::Test {
 protected:
  ActionsTest() {
    char pattern[] = "/tmp/fluxgate-actions-XXXXXX";
    directory_ = mkdtemp(pattern);
  }
  ~ActionsTest() override {
    watcher_.reset();
    gateway_.reset();
    fs::remove_all(directory_);
  }

  void Action(const std::string& parts) { actions_ += "<Action>" + parts + "</Action>"; }

  // With the actions so far, and a watcher of what they tell.
  void StartGateway() {
    const std::string xml = fmt::format(
        "<FluxgateConfig><Name>house</Name><AllowExecuteSystem>true</AllowExecuteSystem>"
        "<Transports><Transport><Name>tcp</Name><Type>tcp</Type><InetAddr>1</InetAddr></Transport>"
        "<Transport><Name>unix</Name><Type>amps-unix</Type><FileName>/x</FileName></Transport>"
        "</Transports>"
        "<Modules><Module><Name>greeter</Name>"
        "<Library>./modules/template-action/action.so</Library></Module>"
        "<Module><Name>journal</Name>"
        "<Library>./modules/samples/action/action.so</Library></Module></Modules>"
        "<Actions><Directory>{}</Directory>{}</Actions></FluxgateConfig>",
        directory_, actions_);
    config::LoadOptions options;
    options.known = Gateway::KnownNames();
    const auto loaded = config::LoadText(xml, "test", options);
    ASSERT_TRUE(loaded.ok()) << ErrorText(loaded.status());
    gateway_ = std::make_unique<TestGateway>([&](config::Config& config) {
      DefineStateTopics(config);
      config.name = loaded->name;
      config.allow_execute_system = loaded->allow_execute_system;
      config.action_directories = loaded->action_directories;
      config.actions = loaded->actions;
      config.modules = loaded->modules;
      config.drain_timeout_ns = drain_timeout_ns_;
    });
    watcher_ = Client("watcher");
    Send(*watcher_, R"({"c":"subscribe","cid":"s","sub_id":"w","t":"^out/","a":"processed"})");
    ASSERT_TRUE(watcher_->ReadFrame().has_value());
  }

  std::unique_ptr<RawClient> Client(std::string_view name) {
    auto client = std::make_unique<RawClient>(RawClient::Tcp(gateway_->tcp_port()));
    client->Logon(name);
    return client;
  }
  static void Send(RawClient& client, std::string_view frame) {
    EXPECT_TRUE(client.SendFrame(frame));
  }
  void Publish(std::string_view topic, std::string_view body) {
    Send(*watcher_, fmt::format(R"({{"c":"p","t":"{}"}}{})", topic, body));
  }
  // The next message of that topic that the watcher gets; its body.
  std::string Told(std::string_view topic) {
    const std::string mark = fmt::format(R"("t":"out/{}")", topic);
    while (true) {
      const auto frame = watcher_->ReadFrame();
      if (!frame.has_value()) return "nothing: the gateway has closed";
      if (frame->find(mark) != std::string::npos) return frame->substr(frame->find('}') + 1);
    }
  }

  std::string directory_;
  std::string actions_;
  uint64_t drain_timeout_ns_ = 10'000'000'000;
  std::unique_ptr<TestGateway> gateway_;
  std::unique_ptr<RawClient> watcher_;
};

TEST_F(ActionsTest, ClientsComeAndGo) {
  constexpr std::string_view kWho =
      R"({"who":"{{AMPS_CLIENT_NAME}}","by":"{{AMPS_CONNECTION_NAME}}"})";
  Action(On("logon-client") +
         If("condition",
            "<Left>{{AMPS_CLIENT_NAME}}</Left><Operator>!=</Operator>"
            "<Right>watcher</Right>") +
         Tell("logon", kWho));
  Action(On("disconnect-client") + Tell("gone", kWho));
  Action(On("connect-client") + Tell("connected", R"({"who":"{{AMPS_CLIENT_NAME}}"})"));
  Action(
      On("subscribe", "<Topic>^orders</Topic>") +
      Tell("subscribed", R"({"t":"{{AMPS_TOPIC}}","f":"{{AMPS_FILTER}}","id":"{{AMPS_SUB_ID}}"})"));
  Action(On("unsubscribe") + Tell("unsubscribed", R"({"id":"{{AMPS_SUB_ID}}"})"));
  StartGateway();
  auto client = Client("anna");
  EXPECT_EQ(Told("connected"), R"({"who":""})");
  const std::string anna = R"({"who":"anna","by":"tcp-127.0.0.1:)";
  EXPECT_EQ(Told("logon").substr(0, anna.size()), anna);
  Send(*client, R"({"c":"subscribe","cid":"1","sub_id":"x","t":"trades"})");
  Send(*client, R"({"c":"subscribe","cid":"2","sub_id":"y","t":"orders","f":"/a = 1"})");
  EXPECT_EQ(Told("subscribed"), R"({"t":"orders","f":"/a = 1","id":"y"})");
  Send(*client, R"({"c":"unsubscribe","cid":"3","sub_id":"y"})");
  EXPECT_EQ(Told("unsubscribed"), R"({"id":"y"})");
  client.reset();
  EXPECT_EQ(Told("gone").substr(0, anna.size()), anna);
}

TEST_F(ActionsTest, MessagesAreCountedTranslatedAndPassedOn) {
  Action(OnTopic("orders", "/quantity &gt; 10") +
         Do("extract-values",
            "<MessageType>json</MessageType><Value>SIDE=/side</Value>"
            "<Value>TWICE=/quantity * 2</Value>") +
         Do("translate-data",
            "<Data>{{SIDE}}</Data><Value>B=buy</Value><Value>S=sell</Value>"
            "<Default>?</Default><Variable>WORD</Variable>") +
         Do("increment-counter", "<Key>{{SIDE}}</Key><Variable>N</Variable>") +
         If("condition", "<Left>{{N}}</Left><Operator>&gt;=</Operator><Right>2</Right>") +
         Tell("order",
              R"({"n":{{N}},"side":"{{WORD}}","twice":{{TWICE}},"at":"{{AMPS_INSTANCE_NAME}}"})"));
  StartGateway();
  Publish("orders", R"({"side":"B","quantity":11})");
  Publish("orders", R"({"side":"S","quantity":12})");
  Publish("orders", R"({"side":"S","quantity":5})");
  Publish("orders", R"({"side":"S","quantity":13})");
  Publish("orders", R"({"side":"B","quantity":14})");
  EXPECT_EQ(Told("order"), R"({"n":2,"side":"sell","twice":26,"at":"house"})");
  EXPECT_EQ(Told("order"), R"({"n":2,"side":"buy","twice":28,"at":"house"})");
}

TEST_F(ActionsTest, AModuleDoesAStep) {
  Action(OnTopic("greet") +
         "<Do><Module>greeter</Module><Options><Greeting>hello {{AMPS_TOPIC}}</Greeting></Options>"
         "</Do>" +
         Tell("greeting", R"({"said":"{{Greeting}}"})"));
  StartGateway();
  Publish("greet", "{}");
  EXPECT_EQ(Told("greeting"), R"({"said":"hello greet"})");
}

TEST_F(ActionsTest, TheSampleKeepsAJournal) {
  Action(OnTopic("keep") + "<Do><Module>journal</Module><Options><File>" + directory_ +
         "/journal</File><topic>{{AMPS_TOPIC}}</topic><body>{{AMPS_DATA}}</body></Options></Do>" +
         Tell("kept", "{}"));
  StartGateway();
  Publish("keep", R"({"id":1})");
  EXPECT_EQ(Told("kept"), "{}");
  std::ifstream file(directory_ + "/journal");
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_NE(line.find(R"("topic":"keep","body":"{\"id\":1}"})"), std::string::npos) << line;
}

TEST_F(ActionsTest, RecordsAreFoundAndDeleted) {
  Action(OnTopic("clean") +
         Do("query-sow",
            "<MessageType>json</MessageType><Topic>state/x</Topic>"
            "<Filter>/id &lt; 3</Filter><OrderBy>/id DESC</OrderBy>"
            "<Variable>FOUND</Variable>") +
         Do("query-sow",
            "<MessageType>json</MessageType><Topic>state/x</Topic>"
            "<Filter>/id = 99</Filter><Variable>NONE</Variable>"
            "<Default>none</Default>") +
         Do("delete-sow",
            "<MessageType>json</MessageType><Topic>state/x</Topic>"
            "<Filter>/id &lt; 3</Filter>") +
         Tell("cleaned",
              R"({"found":{{FOUND}},"none":"{{NONE}}","deleted":{{AMPS_RECORDS_DELETED}}})"));
  Action(On("sow-delete-message", "<MessageType>json</MessageType><Topic>^state/</Topic>") +
         Tell("deleted", R"({"t":"{{AMPS_TOPIC}}","body":{{AMPS_DATA}}})"));
  Action(On("sow-expire-message", "<MessageType>json</MessageType><Topic>named</Topic>") +
         Tell("expired", R"({"key":"{{AMPS_SOW_KEY}}","body":{{AMPS_DATA}}})"));
  StartGateway();
  for (const char* body : {R"({"id":2})", R"({"id":7})"}) Publish("state/x", body);
  Publish("clean", "{}");
  EXPECT_EQ(Told("deleted"), R"({"t":"state/x","body":{"id":2}})");
  EXPECT_EQ(Told("cleaned"), R"({"found":{"id":2},"none":"none","deleted":1})");
  Send(*watcher_, R"({"c":"p","t":"named","k":"k1","e":1}{"v":1})");
  EXPECT_EQ(Told("expired"), R"({"key":"k1","body":{"v":1}})");
}

TEST_F(ActionsTest, TransportsAreClosedAndOpened) {
  Action(OnTopic("close") + Do("disable-transport", "<Transport>unix</Transport>") +
         Tell("closed", "{}"));
  Action(OnTopic("open") + Do("enable-transport", "<Transport>unix</Transport>") +
         Tell("opened", "{}"));
  StartGateway();
  RawClient stays = RawClient::Unix(gateway_->unix_path());
  stays.Logon("stays");
  Publish("close", "{}");
  EXPECT_EQ(Told("closed"), "{}");
  EXPECT_FALSE(RawClient::CanConnect(gateway_->unix_path()));
  // Who was there is served on.
  EXPECT_TRUE(stays.SendFrame(R"({"c":"flush","cid":"f","a":"processed"})"));
  EXPECT_TRUE(stays.ReadFrame().has_value());
  Publish("open", "{}");
  EXPECT_EQ(Told("opened"), "{}");
  EXPECT_TRUE(RawClient::CanConnect(gateway_->unix_path()));
}

TEST_F(ActionsTest, SchedulesEventsAndSecurity) {
  Action(On("schedule", "<Every>20ms</Every><Name>tick</Name>") +
         Do("increment-counter", "<Key>ticks</Key>") +
         If("condition", "<Left>{{AMPS_COUNTER}}</Left><Operator>==</Operator><Right>3</Right>") +
         Do("execute-event", "<Name>third</Name>"));
  Action(On("execute-event", "<Name>third</Name>") + Do("reset-entitlement") +
         Do("increment-counter", "<Key>x</Key><Variable>X</Variable>") +
         Do("publish-message",
            "<MessageType>json</MessageType><Topic>state/third</Topic>"
            R"(<Data>{"id":1,"by":"{{AMPS_SCHEDULE_NAME}}"}</Data>)"));
  Action(On("startup") + Do("nothing") +
         Do("publish-message",
            "<MessageType>json</MessageType><Topic>state/boot</Topic>"
            R"(<Data>{"id":1,"name":"{{AMPS_INSTANCE_NAME}}"}</Data>)"));
  StartGateway();
  const auto query = [&](std::string_view topic) {
    Send(*watcher_, fmt::format(R"({{"c":"sow","cid":"q","query_id":"q","t":"{}"}})", topic));
    std::string body;
    while (true) {
      const auto frame = watcher_->ReadFrame();
      if (!frame.has_value() || frame->find("group_end") != std::string::npos) return body;
      if (frame->find(R"("c":"sow")") != std::string::npos) body = *frame;
    }
  };
  EXPECT_NE(query("state/boot").find(R"({"id":1,"name":"house"})"), std::string::npos);
  std::string third;
  while ((third = query("state/third")).empty()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_NE(third.find(R"({"id":1,"by":"tick"})"), std::string::npos) << third;
}

TEST_F(ActionsTest, FilesAreCompressedAndRemovedWhereTheyMay) {
  Action(OnTopic("compress") +
         Do("compress-files",
            fmt::format("<Pattern>{}/{{{{AMPS_CORRELATION_ID}}}}</Pattern>", directory_)) +
         Tell("compressed", R"({"files":{{AMPS_FILES}}})"));
  Action(OnTopic("remove") +
         Do("remove-files", fmt::format("<Pattern>{}/*.gz</Pattern><Age>0s</Age>", directory_)) +
         Tell("removed", R"({"files":{{AMPS_FILES}}})"));
  StartGateway();
  const std::string outside = directory_ + "-outside";
  std::ofstream(outside) << "x";
  for (const char* name : {"/a.log", "/b.log", "/c.txt"}) std::ofstream(directory_ + name) << "x";
  const auto compress = [&](std::string_view pattern) {
    Send(*watcher_, fmt::format(R"({{"c":"p","t":"compress","x":"{}"}}{{}})", pattern));
  };
  // A message that tries to leave the directory fails its run; the next one goes on.
  compress("../*-outside");
  compress("*.log");
  EXPECT_EQ(Told("compressed"), R"({"files":2})");
  EXPECT_TRUE(fs::exists(outside));
  EXPECT_TRUE(fs::exists(directory_ + "/a.log.gz"));
  EXPECT_FALSE(fs::exists(directory_ + "/a.log"));
  EXPECT_TRUE(fs::exists(directory_ + "/c.txt"));
  Publish("remove", "{}");
  EXPECT_EQ(Told("removed"), R"({"files":2})");
  EXPECT_FALSE(fs::exists(directory_ + "/a.log.gz"));
  fs::remove(outside);
}

TEST_F(ActionsTest, LogsAreRotated) {
  const std::string log = directory_ + "/gateway.log";
  ASSERT_TRUE(StartLogging({{"file", log, config::LogLevel::kInfo}}).ok());
  Action(OnTopic("rotate") +
         Do("echo-message", "<Message>before {{AMPS_TOPIC}}{{AMPS_BYTE_0A}}x</Message>") +
         Do("rotate-logs") + Do("echo-message", "<Message>after</Message>") +
         Tell("rotated", "{}"));
  StartGateway();
  Publish("rotate", "{}");
  EXPECT_EQ(Told("rotated"), "{}");
  const auto text = [](const fs::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_NE(text(log).find("after\n"), std::string::npos);
  EXPECT_EQ(text(log).find("before"), std::string::npos);
  int old = 0;
  for (const auto& entry : fs::directory_iterator(directory_)) {
    if (entry.path().string().rfind(log + ".", 0) != 0) continue;
    ++old;
    EXPECT_NE(text(entry.path()).find("before rotate x\n"), std::string::npos);
  }
  EXPECT_EQ(old, 1);
  gateway_.reset();
  ASSERT_TRUE(StartLogging({}).ok());
}

TEST_F(ActionsTest, ProgramsRunWithoutAShellUnlessAsked) {
  Action(OnTopic("run") +
         Do("execute-system", fmt::format("<Command>/usr/bin/touch</Command>"
                                          "<Argument>{}/{{{{AMPS_CORRELATION_ID}}}}</Argument>",
                                          directory_)) +
         Do("execute-system", fmt::format("<Command>printf %s \"$AMPS_DATA\" &gt; {}/data</Command>"
                                          "<Shell>true</Shell>",
                                          directory_)) +
         Tell("ran", "{}"));
  Action(OnTopic("fail") + Do("execute-system", "<Command>/bin/false</Command>") +
         Tell("ran", R"({"wrong":1})"));
  StartGateway();
  Publish("fail", "{}");
  Send(*watcher_, R"({"c":"p","t":"run","x":"$(id);x"}{"a":"$(id) "})");
  EXPECT_EQ(Told("ran"), "{}");
  EXPECT_TRUE(fs::exists(directory_ + "/$(id);x"));
  std::ifstream data(directory_ + "/data");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(data), {}), R"({"a":"$(id) "})");
}

// The gateway waits for what it does last.
TEST_F(ActionsTest, ShutdownActionsRunToTheirEnd) {
  Action(On("shutdown") +
         Do("execute-system", fmt::format("<Command>sleep 0.3; echo bye &gt; {}/bye</Command>"
                                          "<Shell>true</Shell>",
                                          directory_)));
  StartGateway();
  EXPECT_TRUE(gateway_->Stop());
  EXPECT_TRUE(fs::exists(directory_ + "/bye"));
}

TEST_F(ActionsTest, AnActionCanShutTheGatewayDown) {
  Action(OnTopic("stop") + Do("shutdown"));
  StartGateway();
  Publish("stop", "{}");
  EXPECT_TRUE(watcher_->ReadToEnd());
  gateway_->Stop();  // asked to a second time: at once
}

// A program that would run for long is ended when the gateway goes.
TEST_F(ActionsTest, AProgramDoesNotHoldUpTheEnd) {
  Action(OnTopic("hang") + Tell("hanging", "{}") +
         Do("execute-system",
            "<Command>/bin/sleep</Command><Argument>600</Argument>"
            "<Timeout>1h</Timeout>"));
  drain_timeout_ns_ = 500'000'000;
  StartGateway();
  Publish("hang", "{}");
  EXPECT_EQ(Told("hanging"), "{}");
  EXPECT_FALSE(gateway_->Stop());
  gateway_.reset();
}

}  // namespace
}  // namespace fluxgate::testing
