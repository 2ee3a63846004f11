#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

#include "modules/testing/background_process.h"
#include "modules/testing/files.h"
#include "modules/testing/module_host.h"
#include "modules/testing/threads.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/entitlement-http/libentitlement_http.so";

class HttpTest : public ::testing::Test {
 protected:
  HttpTest()
      : server_({"/usr/bin/env", "python3", "modules/testing/http_server.py"}), host_(kLibrary) {
    port_ = std::stoi(server_.ReadLine());
    url_ = "http://127.0.0.1:" + std::to_string(port_);
    EXPECT_TRUE(host_.Init());
  }

  Context Make(const std::string& path = "/permissions/{user}", OptionList options = {}) const {
    options.emplace_back("Url", url_ + path);
    return host_.Entitlement(options);
  }

  // One plain request to the web service; its whole answer.
  std::string Talk(const std::string& request) const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(write(socket, request.data(), request.size()), static_cast<ssize_t>(request.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t count; (count = read(socket, buffer, sizeof buffer)) > 0;) {
      answer.append(buffer, static_cast<size_t>(count));
    }
    close(socket);
    return answer;
  }

  // Sets users' documents: {"alice": {...}}.
  void Permit(const std::string& documents) const {
    Talk("POST /permissions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
         std::to_string(documents.size()) + "\r\n\r\n" + documents);
  }

  // How often the service was asked about this user.
  int Asked(const std::string& user) const {
    const std::string answer =
        Talk("GET /asked?" + user + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    return std::stoi(answer.substr(answer.find("\r\n\r\n") + 4));
  }

  BackgroundProcess server_;
  ModuleHost host_;
  const TestFiles files_;
  int port_ = 0;
  std::string url_;
};

TEST_F(HttpTest, AsksAndRemembers) {
  Permit(R"({"alice":{"logon":true,"topic":[{"pattern":"orders","read":"/a = 1",)"
         R"("write":{"select":"+/a"}}]}})");
  const Context context = Make();
  ASSERT_TRUE(context.made()) << host_.log();
  const Reply read = context.Check({.user = "alice", .resource = "orders"});
  EXPECT_TRUE(read.ok()) << read.reason;
  EXPECT_EQ(read.filter, "/a = 1");
  EXPECT_EQ(
      context.Check({.user = "alice", .resource = "orders", .access = amps_access_write}).select,
      "+/a");
  EXPECT_TRUE(
      context.Check({.user = "alice", .type = amps_resource_logon, .resource = "tcp"}).ok());
  EXPECT_EQ(context.Check({.user = "alice", .resource = "payroll"}).reason,
            "no permission says so");
  EXPECT_EQ(Asked("alice"), 1);
  // A new context, as after a reset, asks again.
  Permit(R"({"alice":{}})");
  EXPECT_TRUE(context.Check({.user = "alice", .resource = "orders"}).ok());
  EXPECT_FALSE(Make().Check({.user = "alice", .resource = "orders"}).ok());
  EXPECT_EQ(Asked("alice"), 2);
}

TEST_F(HttpTest, RemembersNothingWhenTold) {
  Permit(R"({"alice":{"logon":true}})");
  const Context context = Make("/permissions/{user}", {{"CacheTime", "0s"}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(context.Check({.user = "alice", .type = amps_resource_logon}).ok());
  }
  EXPECT_EQ(Asked("alice"), 3);
}

TEST_F(HttpTest, RemembersSoManyUsers) {
  Permit(R"({"a":{"logon":true},"b":{"logon":true}})");
  const Context context = Make("/permissions/{user}", {{"CacheUsersMax", "1"}});
  for (const char* user : {"a", "a", "b", "a"}) {
    EXPECT_TRUE(context.Check({.user = user, .type = amps_resource_logon}).ok());
  }
  EXPECT_EQ(Asked("a"), 2);
  EXPECT_EQ(Asked("b"), 1);
}

TEST_F(HttpTest, NamesCannotChangeTheQuestion) {
  Permit(R"({"alice":{"logon":true},"../x?y=z&#%":{"logon":true}})");
  const Context context = Make();
  EXPECT_TRUE(context.Check({.user = "../x?y=z&#%", .type = amps_resource_logon}).ok());
  for (const char* user : {"x/../alice", "./alice", "alice?", "alice#", "%61lice", "..", ".", ""}) {
    EXPECT_FALSE(context.Check({.user = user, .type = amps_resource_logon}).ok()) << user;
  }
}

TEST_F(HttpTest, UnknownUsersMayDoNothing) {
  const Context context = Make();
  EXPECT_FALSE(context.Check({.user = "mallory", .type = amps_resource_logon}).ok());
  EXPECT_FALSE(context.Check({.user = "mallory", .type = amps_resource_logon}).ok());
  EXPECT_EQ(Asked("mallory"), 1);
  EXPECT_EQ(host_.log(), "");
}

TEST_F(HttpTest, FailuresAllowNothingAndAreNotRemembered) {
  Permit(R"({"alice":{"logon":"perhaps"}})");
  const Context context = Make();
  const Reply failed = context.Check({.user = "alice", .type = amps_resource_logon});
  EXPECT_EQ(failed.reason, "permission document: logon: not true or false");
  EXPECT_EQ(failed.ask_again_s, 5u);
  EXPECT_EQ(context.Check({.user = "bob", .type = amps_resource_logon}).ask_again_s, 0u);
  EXPECT_EQ(host_.log(), "permission document: logon: not true or false\n");
  Permit(R"({"alice":{"logon":true}})");
  EXPECT_TRUE(context.Check({.user = "alice", .type = amps_resource_logon}).ok());
  const auto ask = [&](const std::string& path, const OptionList& options = {}) {
    return Make(path, options).Check({.user = "500", .type = amps_resource_logon}).reason;
  };
  EXPECT_EQ(ask("/status?{user}"), "the web service answers with status 500");
  EXPECT_NE(ask("/slow?{user}", {{"Timeout", "200ms"}}).find("Timeout"), std::string::npos);
  EXPECT_NE(ask("/bytes?{user}", {{"ResponseMax", "499"}}).find("larger than 499"),
            std::string::npos);
  EXPECT_EQ(ask("/bytes?{user}", {{"ResponseMax", "500"}}),
            "permission document: not JSON (line 1, column 500)");
  EXPECT_EQ(ask("/redirect?{user}"), "the web service answers with status 302");
}

TEST_F(HttpTest, LogsOnToTheService) {
  const OptionList login = {{"User", "service"},
                            {"PasswordFile", files_.Write("password", "s3cret\n")},
                            {"AllowPlaintext", "true"}};
  EXPECT_TRUE(
      Make("/protected/{user}", login).Check({.user = "alice", .type = amps_resource_logon}).ok());
  EXPECT_FALSE(
      Make("/protected/{user}").Check({.user = "alice", .type = amps_resource_logon}).ok());
  EXPECT_EQ(host_.log(), "the web service answers with status 401\n");
}

TEST_F(HttpTest, WrongOptions) {
  const std::string place = "option 'Url' has no {user} in its path or query\n";
  const std::vector<std::pair<OptionList, std::string>> cases = {
      {{}, "option 'Url' is missing\n"},
      {{{"Url", "http://a/permissions"}}, place},
      {{{"Url", "http://{user}/permissions"}}, place},
      {{{"Url", "http://{user}"}}, place},
      {{{"Url", "ftp://a/{user}"}},
       "option 'Url' is not a URL that begins with http:// or https:// and names a host\n"},
      {{{"Url", "http://a/{user}"}, {"User", "x"}},
       "option 'PasswordFile' is missing: they go together\n"},
      {{{"Url", "http://a/{user}"}, {"User", "x"}, {"PasswordFile", "y"}},
       "option 'Url' begins with http://, which sends passwords as they are: use https://, or set "
       "AllowPlaintext to true\n"},
      {{{"Url", "http://a/{user}"}, {"CacheTime", "25h"}},
       "option 'CacheTime' is '25h', not a time from 0ms to 86400000ms (units are ms, s, m and "
       "h)\n"},
      {{{"Url", "http://a/{user}"}, {"CacheUsersMax", "0"}},
       "option 'CacheUsersMax' is '0', not a number from 1 to 1000000\n"},
  };
  for (const auto& [options, message] : cases) {
    host_.ClearLog();
    EXPECT_FALSE(host_.Entitlement(options).made());
    EXPECT_EQ(host_.log(), message);
  }
  EXPECT_FALSE(host_.Entitlement({{"Uri", "x"}}).made());
}

TEST_F(HttpTest, ManyThreads) {
  std::string documents = "{";
  for (int i = 0; i < 10; ++i) {
    documents += (i > 0 ? ",\"u" : "\"u") + std::to_string(i) + R"(":{"topic":[{"pattern":"t)" +
                 std::to_string(i) + R"(","read":true}]})";
  }
  Permit(documents + "}");
  const Context context = Make("/permissions/{user}", {{"CacheUsersMax", "5"}});
  std::atomic<int> wrong = 0;
  InThreads(8, [&](int thread) {
    for (int i = 0; i < 40; ++i) {
      const std::string number = std::to_string((thread + i) % 10);
      const std::string other = std::to_string((thread + i + 1) % 10);
      if (!context.Check({.user = "u" + number, .resource = "t" + number}).ok()) ++wrong;
      if (context.Check({.user = "u" + number, .resource = "t" + other}).ok()) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0) << host_.log();
}

}  // namespace
}  // namespace fluxgate::modules::testing
