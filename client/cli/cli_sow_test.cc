// Stored topics on the command line: what it prints and how it exits.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/cli/exit_code.h"
#include "client/cli/process.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::cli {
namespace {

using testing::TestGateway;

std::vector<std::string> Command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "client/cli/fluxgate");
  return arguments;
}

struct Result {
  int code;
  std::string out, err;
};

Result Fluxgate(std::vector<std::string> arguments) {
  Process process(Command(std::move(arguments)), "");
  const int code = process.Wait();
  return {code, process.output(), process.errors()};
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(CliSow, WrongArguments) {
  const std::string uri = "tcp://localhost:1/amps/json";
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"sow", uri},
           {"sow", uri, "t", "--top-n", "0"},
           {"sow", uri, "t", "--delimiter", "\\q"},
           {"delete", uri, "t"},
           {"delete", uri, "t", "--filter", "/a = 1", "--key", "k"},
           {"subscribe", uri, "t", "--order-by", "/a"},
           {"subscribe", uri, "t", "--top-n", "1"},
           {"publish", uri, "t", "{}", "--expire", "-1"},
       }) {
    const Result result = Fluxgate(arguments);
    EXPECT_EQ(result.code, kUsage) << result.err;
    EXPECT_FALSE(result.err.empty());
  }
}

class CliSowTest : public ::testing::TestWithParam<const char*> {
 protected:
  CliSowTest() : gateway_(testing::DefineStateTopics) {
    const std::string protocol = GetParam();
    uri_ = protocol == "tcp"    ? gateway_.tcp_uri()
           : protocol == "unix" ? gateway_.unix_uri()
                                : gateway_.grpc_uri();
  }

  // Its output; it must succeed.
  std::string Run(const std::string& command, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {command, uri_});
    const Result result = Fluxgate(std::move(arguments));
    EXPECT_EQ(result.code, kOk) << result.err;
    return result.out;
  }

  std::string MustFail(const std::string& command, std::vector<std::string> arguments, int code) {
    arguments.insert(arguments.begin(), {command, uri_});
    const Result result = Fluxgate(std::move(arguments));
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_EQ(result.out, "");
    return result.err;
  }

  TestGateway gateway_;
  std::string uri_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, CliSowTest, ::testing::Values("tcp", "unix", "grpc"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(CliSowTest, RecordsArePrintedOnePerLine) {
  Run("publish", {"state/x", R"({"id":1,"p":10})", R"({"id":2,"p":30})", R"({"id":3,"p":20})",
                  R"({"id":1,"p":15})"});
  EXPECT_EQ(Run("sow", {"state/x", "--order-by", "/p DESC"}),
            "{\"id\":2,\"p\":30}\n{\"id\":3,\"p\":20}\n{\"id\":1,\"p\":15}\n");
  EXPECT_EQ(Run("sow", {"state/x", "--filter", "/p < 30", "--order-by", "/p", "--top-n", "1",
                        "--with-topic", "--delimiter", ";"}),
            "state/x\t{\"id\":1,\"p\":15};");
  EXPECT_EQ(Run("sow", {"state/x", "--order-by", "/p", "--skip-n", "1", "--fields", "/p,/q"}),
            "{\"p\":20}\n{\"p\":30}\n");
  const Result told = Fluxgate({"sow", uri_, "^state/", "--filter", "/p > 99"});
  EXPECT_EQ(told.code, kOk);
  EXPECT_EQ(told.out, "");
  EXPECT_TRUE(Has(told.err, "0 records of ^state/ in ")) << told.err;
  EXPECT_EQ(Fluxgate({"sow", uri_, "state/x", "-q"}).err, "");
}

TEST_P(CliSowTest, KeysDeltasAndDeletes) {
  Run("publish", {"named", R"({"x":1,"y":1})", "--key", "a"});
  Run("publish", {"named", R"({"y":2})", "--key", "a", "--delta"});
  Run("publish", {"named", R"({"x":3})", "--key", "b", "--expire", "1000"});
  Run("publish", {"named", R"({"x":4})", "--key", "c"});
  EXPECT_EQ(Run("sow", {"named", "--with-key", "--order-by", "/x"}),
            "a\t{\"x\":1,\"y\":2}\nb\t{\"x\":3}\nc\t{\"x\":4}\n");
  const Result one = Fluxgate({"delete", uri_, "named", "--key", "a", "--key", "nobody"});
  EXPECT_EQ(one.code, kOk);
  EXPECT_EQ(one.err, "deleted 1 record\n");
  EXPECT_EQ(Fluxgate({"delete", uri_, "named", "--filter", "/x > 0"}).err, "deleted 2 records\n");
  EXPECT_EQ(Fluxgate({"delete", uri_, "named", "--filter", "/x > 0", "-q"}).err, "");
  EXPECT_EQ(Run("sow", {"named"}), "");
}

TEST_P(CliSowTest, SnapshotChangesAndWhatLeaves) {
  Run("publish", {"named", R"({"p":1})", "--key", "a"});
  Run("publish", {"named", R"({"p":2})", "--key", "b"});
  Process subscriber(
      Command({"subscribe", uri_, "named", "--sow", "--oof", "--filter", "/p > 0", "--order-by",
               "/p DESC", "--with-key", "-n", "5", "--timeout", "20"}));
  ASSERT_TRUE(subscriber.WaitForErrors("subscribed to named")) << subscriber.errors();
  Run("publish", {"named", R"({"p":3})", "--key", "c"});
  Run("publish", {"named", R"({"p":0})", "--key", "a"});
  Run("delete", {"named", "--key", "b"});
  EXPECT_EQ(subscriber.Wait(), kOk) << subscriber.errors();
  EXPECT_EQ(subscriber.output(),
            "b\t{\"p\":2}\na\t{\"p\":1}\nc\t{\"p\":3}\n"
            "oof match a {\"p\":0}\noof deleted b {\"p\":2}\n");
  EXPECT_TRUE(Has(subscriber.errors(), "received 5 messages")) << subscriber.errors();
}

TEST_P(CliSowTest, DeltasOfChosenRecords) {
  Run("publish", {"state/x", R"({"id":1,"p":1,"q":1})", R"({"id":2,"p":2,"q":1})"});
  Process subscriber(Command({"subscribe", uri_, "state/x", "--sow", "--delta", "--order-by", "/p",
                              "--top-n", "1", "-n", "2", "--timeout", "20"}));
  ASSERT_TRUE(subscriber.WaitForErrors("subscribed to state/x")) << subscriber.errors();
  Run("publish", {"state/x", R"({"id":1,"p":1,"q":2})"});
  EXPECT_EQ(subscriber.Wait(), kOk) << subscriber.errors();
  EXPECT_EQ(subscriber.output(), "{\"id\":1,\"p\":1,\"q\":1}\n{\"id\":1,\"q\":2}\n");
}

TEST_P(CliSowTest, RefusalsAreTold) {
  EXPECT_TRUE(Has(MustFail("sow", {"orders"}, kRefused), "not stored"));
  EXPECT_TRUE(Has(MustFail("sow", {"state/x", "--filter", "/p >"}, kRefused), "refused by"));
  EXPECT_TRUE(Has(MustFail("sow", {"state/x", "--as-of", "20261122T093000Z"}, kRefused),
                  "keeps no history"));
  EXPECT_TRUE(Has(MustFail("delete", {"orders", "--key", "a"}, kRefused), "refused by"));
  MustFail("publish", {"named", "{}"}, kRefused);
}

}  // namespace
}  // namespace fluxgate::cli
