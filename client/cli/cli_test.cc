// The command line as a user meets it: what it prints and how it exits.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <string>
#include <vector>

#include "client/cli/exit_code.h"
#include "client/cli/process.h"
#include "client/cpp/client.h"
#include "modules/common/password_hash.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::cli {
namespace {

using testing::TestGateway;

constexpr char kFluxgate[] = "client/cli/fluxgate";

std::vector<std::string> Command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kFluxgate);
  return arguments;
}

struct Result {
  int code;
  std::string out, err;
};

Result Fluxgate(std::vector<std::string> arguments, const std::string& input = "") {
  Process process(Command(std::move(arguments)), input);
  const int code = process.Wait();
  return {code, process.output(), process.errors()};
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Cli, HelpExplainsAndSucceeds) {
  const Result all = Fluxgate({"--help"});
  EXPECT_EQ(all.code, kOk);
  for (const char* part :
       {"ping", "publish", "subscribe", "sow", "delete", "bench", "demo", "password",
        "Examples:", "Exit codes:", "grpc://", "tcp://", "unix://"}) {
    EXPECT_TRUE(Has(all.out, part)) << part;
  }
  for (const char* command :
       {"ping", "publish", "subscribe", "sow", "delete", "bench", "demo", "password"}) {
    const Result one = Fluxgate({command, "--help"});
    EXPECT_EQ(one.code, kOk) << command;
    EXPECT_TRUE(Has(one.out, "Example")) << command;
  }
  EXPECT_TRUE(Has(Fluxgate({"--version"}).out, "fluxgate 0.1"));
}

TEST(Cli, WrongArguments) {
  const std::vector<std::vector<std::string>> cases = {
      {},
      {"teleport"},
      {"ping"},
      {"publish", "tcp://localhost:1/amps/json"},
      {"subscribe", "tcp://localhost:1/amps/json", "t", "-n", "0"},
      {"subscribe", "tcp://localhost:1/amps/json", "t", "--delimiter", "\\q"},
      {"publish", "tcp://localhost:1/amps/json", "t", "--file", "/no/such/file"},
      {"bench", "tcp://localhost:1/amps/json", "--size", "63"},
      {"demo", "--grpc", "grpc://localhost:1"},
  };
  for (const auto& arguments : cases) {
    const Result result = Fluxgate(arguments);
    EXPECT_EQ(result.code, kUsage) << result.err;
    EXPECT_FALSE(result.err.empty());
  }
}

TEST(Cli, PasswordHashMakesALineThatHoldsThePassword) {
  const Result made = Fluxgate({"password", "hash", "--user", "alice"}, "s3cret\nrest\n");
  EXPECT_EQ(made.code, kOk) << made.err;
  ASSERT_EQ(made.out.substr(0, 14), "alice:$scrypt$");
  ASSERT_EQ(made.out.back(), '\n');
  std::string why;
  const auto hash = modules::ParsePasswordHash(made.out.substr(6, made.out.size() - 7), &why);
  ASSERT_TRUE(hash.has_value()) << why;
  EXPECT_TRUE(modules::VerifyPassword("s3cret", *hash));
  EXPECT_FALSE(Has(made.out + made.err, "s3cret"));
}

TEST(Cli, PasswordHashRefusesWhatNoLineCanHold) {
  const std::string longest(1024, 'p');
  EXPECT_EQ(Fluxgate({"password", "hash", "--user", "alice"}, longest + "\n").code, kOk);
  EXPECT_EQ(Fluxgate({"password", "hash", "--user", "alice"}, longest + "p\n").code, kUsage);
  EXPECT_EQ(Fluxgate({"password", "hash", "--user", "alice"}, "\n").code, kUsage);
  EXPECT_EQ(Fluxgate({"password", "hash", "--user", "alice"}, "").code, kUsage);
  for (const char* user : {"", "a:b", "#a", "a\nb"}) {
    EXPECT_EQ(Fluxgate({"password", "hash", "--user", user}, "s3cret\n").code, kUsage) << user;
  }
  EXPECT_EQ(Fluxgate({"password", "hash"}, "s3cret\n").code, kUsage);
}

TEST(Cli, WrongUris) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"localhost:9007", "no scheme"},
      {"http://localhost:9007", "unknown scheme 'http'"},
      {"wss://localhost:9007/amps/json", "not built yet"},
      {"tcp://localhost/amps/json", "port missing"},
      {"tcp://localhost:9007/json", "/amps/<message type>"},
      {"tcp://localhost:9007/amps/json?colour=red", "unknown option 'colour'"},
  };
  for (const auto& [uri, part] : cases) {
    const Result result = Fluxgate({"ping", uri});
    EXPECT_EQ(result.code, kUsage) << uri;
    EXPECT_TRUE(Has(result.err, part)) << result.err;
  }
  EXPECT_FALSE(Has(Fluxgate({"ping", "tcp://me:secret@localhost/amps/json"}).err, "secret"));
}

TEST(Cli, NobodyThere) {
  std::vector<std::string> uris;
  {
    TestGateway gateway;
    uris = {gateway.tcp_uri(), gateway.grpc_uri(), gateway.unix_uri()};
  }
  for (const std::string& uri : uris) {
    const Result result = Fluxgate({"ping", uri});
    EXPECT_EQ(result.code, kCannotConnect) << uri;
    EXPECT_TRUE(Has(result.err, "cannot connect to")) << result.err;
    EXPECT_TRUE(Has(result.err, "is the gateway running")) << result.err;
  }
}

class CliTest : public ::testing::Test {
 protected:
  std::vector<std::string> Uris() const {
    return {gateway_.tcp_uri(), gateway_.unix_uri(), gateway_.grpc_uri()};
  }
  TestGateway gateway_;
};

TEST_F(CliTest, Pings) {
  for (const std::string& uri : Uris()) {
    const Result result = Fluxgate({"ping", uri, "-n", "2", "--interval", "0.01"});
    EXPECT_EQ(result.code, kOk) << result.err;
    EXPECT_TRUE(Has(result.out, "answer in ")) << result.out;
    EXPECT_TRUE(Has(result.out, "2 answers")) << result.out;
  }
}

TEST_F(CliTest, WhatIsPublishedIsPrintedByWhoWantsIt) {
  for (const std::string& from : Uris()) {
    for (const std::string& to : Uris()) {
      Process subscriber(Command(
          {"subscribe", to, "orders", "--filter", "/id > 1", "-n", "2", "--timeout", "20"}));
      ASSERT_TRUE(subscriber.WaitForErrors("subscribed to orders")) << subscriber.errors();
      const Result published =
          Fluxgate({"publish", from, "orders", R"({"id":1})", R"({"id":2})", R"({"id":3})"});
      EXPECT_EQ(published.code, kOk) << published.err;
      EXPECT_TRUE(Has(published.err, "published 3 messages to orders")) << published.err;
      EXPECT_EQ(subscriber.Wait(), kOk) << subscriber.errors();
      EXPECT_EQ(subscriber.output(), "{\"id\":2}\n{\"id\":3}\n") << from << " " << to;
      EXPECT_TRUE(Has(subscriber.errors(), "received 2 messages"));
      // Nothing for terminals where there is none.
      EXPECT_FALSE(Has(subscriber.errors() + published.err, "\r"));
    }
  }
}

TEST_F(CliTest, InputFromFilesAndStandardInput) {
  const std::string file = ::testing::TempDir() + "/lines";
  std::ofstream(file) << "1\n2\n\n3";
  Process subscriber(Command({"subscribe", gateway_.tcp_uri(), "^t", "-n", "11", "--with-topic",
                              "--timeout", "20", "--delimiter", ";"}));
  ASSERT_TRUE(subscriber.WaitForErrors("subscribed to"));
  EXPECT_EQ(Fluxgate({"publish", gateway_.tcp_uri(), "t1", "--file", file}).code, kOk);
  const Result quiet = Fluxgate({"publish", gateway_.tcp_uri(), "t2", "-d", ",", "-q"}, "4,5,");
  EXPECT_EQ(quiet.code, kOk);
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(Fluxgate({"publish", gateway_.grpc_uri(), "t3", "--repeat", "2", "-f", file}).code,
            kOk);
  EXPECT_EQ(subscriber.Wait(), kOk) << subscriber.errors();
  EXPECT_EQ(subscriber.output(),
            "t1\t1;t1\t2;t1\t3;t2\t4;t2\t5;t3\t1;t3\t2;t3\t3;t3\t1;t3\t2;t3\t3;");
}

TEST_F(CliTest, RefusalsAreTold) {
  for (const std::string& uri : Uris()) {
    const Result filter = Fluxgate({"subscribe", uri, "t", "--filter", "/a >"});
    EXPECT_EQ(filter.code, kRefused) << uri;
    EXPECT_TRUE(Has(filter.err, "refused by")) << filter.err;
    const Result topic = Fluxgate({"publish", uri, "t(", "{}"});
    EXPECT_EQ(topic.code, kRefused) << uri;
    EXPECT_TRUE(Has(topic.err, "refused by")) << topic.err;
  }
  // An amps client on a gRPC port, and the other way round.
  EXPECT_NE(
      Fluxgate({"ping", "tcp://127.0.0.1:" + std::to_string(gateway_.grpc_port()) + "/amps/json"})
          .code,
      kOk);
  EXPECT_NE(Fluxgate({"ping", "grpc://127.0.0.1:" + std::to_string(gateway_.tcp_port())}).code,
            kOk);
}

TEST_F(CliTest, TooFewMessagesInTime) {
  const Result few =
      Fluxgate({"subscribe", gateway_.tcp_uri(), "t", "-n", "1", "--timeout", "0.1"});
  EXPECT_EQ(few.code, kTimeout);
  EXPECT_TRUE(Has(few.err, "0 of 1 message")) << few.err;
  // Without a count the time is the end that was asked for.
  EXPECT_EQ(Fluxgate({"subscribe", gateway_.tcp_uri(), "t", "--timeout", "0.1"}).code, kOk);
}

TEST_F(CliTest, InterruptEndsWithASummary) {
  Process subscriber(Command({"subscribe", gateway_.tcp_uri(), "t"}));
  ASSERT_TRUE(subscriber.WaitForErrors("subscribed to t"));
  Process publisher(Command(
      {"publish", gateway_.grpc_uri(), "t", "1", "2", "--rate", "10", "--repeat", "1000000"}));
  ASSERT_TRUE(subscriber.WaitForOutput("1\n2\n1\n"));
  publisher.Signal(SIGINT);
  EXPECT_EQ(publisher.Wait(), kInterrupted);
  EXPECT_TRUE(Has(publisher.errors(), "published ")) << publisher.errors();
  subscriber.Signal(SIGINT);
  EXPECT_EQ(subscriber.Wait(), kOk);
  EXPECT_TRUE(Has(subscriber.errors(), "received ")) << subscriber.errors();
}

TEST_F(CliTest, LostConnection) {
  Process tcp(Command({"subscribe", gateway_.tcp_uri(), "t"}));
  Process grpc(Command({"subscribe", gateway_.grpc_uri(), "t"}));
  ASSERT_TRUE(tcp.WaitForErrors("subscribed to t"));
  ASSERT_TRUE(grpc.WaitForErrors("subscribed to t"));
  ASSERT_TRUE(gateway_.Stop());
  EXPECT_EQ(tcp.Wait(), kConnectionLost) << tcp.errors();
  EXPECT_EQ(grpc.Wait(), kConnectionLost) << grpc.errors();
}

TEST_F(CliTest, BenchCountsEveryMessage) {
  for (const std::string& uri : Uris()) {
    const Result result = Fluxgate({"bench", uri, "--seconds", "0.2", "-p", "2", "-s", "2",
                                    "--rate", "5000", "--size", "100"});
    EXPECT_EQ(result.code, kOk) << result.err;
    EXPECT_TRUE(Has(result.out, "latency    50 % ")) << result.out;
  }
}

TEST_F(CliTest, DemoCountsEveryMessage) {
  const Result result =
      Fluxgate({"demo", "--grpc", gateway_.grpc_uri(), "--tcp", gateway_.tcp_uri(), "--rate", "0"});
  EXPECT_EQ(result.code, kOk) << result.out << result.err;
  EXPECT_TRUE(Has(result.out, "published by gRPC: 4000 messages, by tcp: 4000 messages"));
  EXPECT_FALSE(Has(result.out, "MISMATCH")) << result.out;
}

TEST_F(CliTest, DemoNoticesAMessageTooMany) {
  Process demo(Command({"demo", "--grpc", gateway_.grpc_uri(), "--tcp", gateway_.tcp_uri(),
                        "--rate", "1000", "--orders", "1000", "--quotes", "1000"}));
  // A stranger publishes to the same topic while it runs.
  const auto client = client::Connect(*client::Uri::Parse(gateway_.tcp_uri()));
  ASSERT_TRUE(client.ok());
  ASSERT_TRUE((*client)->Subscribe("demo-orders", "").ok());
  client::Message message;
  ASSERT_TRUE(*(*client)->Next(&message, std::chrono::seconds(20)));
  ASSERT_TRUE((*client)->PublishChecked("demo-orders", R"({"id":1,"side":"buy"})").ok());
  EXPECT_EQ(demo.Wait(), kMismatch);
  EXPECT_TRUE(Has(demo.output(), "MISMATCH: 1 wrong or doubled")) << demo.output();
}

}  // namespace
}  // namespace fluxgate::cli
