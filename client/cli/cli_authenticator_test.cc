// The command line with an authenticator module against gateways that ask who it is.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "client/cli/exit_code.h"
#include "client/cli/process.h"
#include "modules/common/password_hash.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::cli {
namespace {

using testing::TestGateway;

struct Result {
  int code;
  std::string out, err;
};

Result Fluxgate(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "client/cli/fluxgate");
  Process process(arguments);
  const int code = process.Wait();
  return {code, process.output(), process.errors()};
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string File(const std::string& name, const std::string& text) {
  const std::string path = ::testing::TempDir() + "/" + name;
  std::ofstream(path) << text;
  return path;
}

void UseModule(config::Config& config, const std::string& library, const config::Options& options) {
  config::ModuleConfig module;
  module.name = "users";
  module.library = library;
  config.modules = {module};
  config.authentication.module = "users";
  config.authentication.options = options;
}

class CliAuthenticatorTest : public ::testing::Test {
 protected:
  TestGateway gateway_{[](config::Config& config) {
    UseModule(config, "./modules/shipped/libauthentication_password_file.so",
              {{"File", File("users", "ann:" + *modules::HashPassword("s3cret") + "\n")}});
  }};
};

TEST_F(CliAuthenticatorTest, LogsOnWithWhatAFileSays) {
  const std::string good =
      "modules/shipped/libauthenticator_file.so,File=" + File("good", "ann:s3cret\n");
  const std::string bad =
      "modules/shipped/libauthenticator_file.so,File=" + File("bad", "ann:other\n");
  for (const std::string& uri : {gateway_.tcp_uri(), gateway_.grpc_uri()}) {
    EXPECT_EQ(Fluxgate({"ping", uri}).code, kRefused) << uri;
    const Result before = Fluxgate({"--authenticator", good, "ping", uri});
    EXPECT_EQ(before.code, kOk) << uri << before.err;
    const Result behind = Fluxgate({"ping", uri, "--authenticator", good});
    EXPECT_EQ(behind.code, kOk) << uri << behind.err;
    const Result refused = Fluxgate({"ping", uri, "--authenticator", bad});
    EXPECT_EQ(refused.code, kRefused) << uri << refused.err;
    EXPECT_FALSE(Has(refused.out + refused.err, "other")) << refused.err;
  }
}

TEST_F(CliAuthenticatorTest, EveryConnectionOfACommandLogsOn) {
  const Result result = Fluxgate({"bench", gateway_.tcp_uri(), "--seconds", "0.2", "-p", "2", "-s",
                                  "2", "--rate", "1000", "--size", "100", "--authenticator",
                                  "modules/shipped/libauthenticator_static.so,User=ann,"
                                  "Password=s3cret"});
  EXPECT_EQ(result.code, kOk) << result.err;
}

TEST_F(CliAuthenticatorTest, AShippedModuleByItsName) {
  const Result result = Fluxgate({"ping", gateway_.tcp_uri(), "--authenticator",
                                  "libauthenticator_static.so,User=ann,Password=s3cret"});
  EXPECT_EQ(result.code, kOk) << result.err;
}

TEST_F(CliAuthenticatorTest, WhatIsWrongWithAModuleIsToldWithItsFile) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "names no module"},
      {"/nowhere/at/all.so", "/nowhere/at/all.so"},
      {"libno_such_module.so", "libno_such_module.so"},
      {"modules/shipped/libentitlement_file.so", "does not define amps_authenticator_credentials"},
      {"modules/shipped/libauthenticator_file.so,File=/nowhere", "/nowhere: cannot be read"},
      {"modules/shipped/libauthenticator_file.so,Colour=blue", "unknown option 'Colour'"},
      {"modules/shipped/libauthenticator_file.so,blue", "is not Option=Value"},
  };
  for (const auto& [authenticator, message] : cases) {
    const Result result = Fluxgate({"ping", gateway_.tcp_uri(), "--authenticator", authenticator});
    EXPECT_EQ(result.code, kUsage) << authenticator;
    EXPECT_TRUE(Has(result.err, message)) << result.err;
  }
}

TEST(CliChallengeTest, AnswersByACommand) {
  TestGateway gateway([](config::Config& config) {
    UseModule(config, "./tests/integration/libtesting_module.so", {});
  });
  const std::string script = File("answer", R"(#!/bin/sh
if [ "$FLUXGATE_ATTEMPT" = 1 ]; then echo hello; fi
if [ "$FLUXGATE_CHALLENGE" = "what?" ]; then echo that!; fi
)");
  const std::string command =
      "modules/shipped/libauthenticator_command.so,Command=/bin/sh,Argument=" + script + ",User=";
  const Result answered =
      Fluxgate({"ping", gateway.tcp_uri(), "--authenticator", command + "riddle"});
  EXPECT_EQ(answered.code, kOk) << answered.err;
  // The second challenge has no answer here.
  const Result endless =
      Fluxgate({"ping", gateway.tcp_uri(), "--authenticator", command + "endless"});
  EXPECT_EQ(endless.code, kUsage) << endless.err;
  EXPECT_TRUE(Has(endless.err, "attempt 2")) << endless.err;
  // A fixed password is not sent again.
  const Result fixed = Fluxgate(
      {"ping", "tcp://riddle:x@127.0.0.1:" + std::to_string(gateway.tcp_port()) + "/amps/json"});
  EXPECT_EQ(fixed.code, kRefused);
  EXPECT_TRUE(Has(fixed.err, "asks for the answer to a challenge")) << fixed.err;
}

}  // namespace
}  // namespace fluxgate::cli
