#include <gtest/gtest.h>

#include <atomic>

#include "modules/testing/background_process.h"
#include "modules/testing/files.h"
#include "modules/testing/module_host.h"
#include "modules/testing/server_certificate.h"
#include "modules/testing/threads.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/authentication-http/libauthentication_http.so";

class HttpTest : public ::testing::Test {
 protected:
  HttpTest()
      : server_({"/usr/bin/env", "python3", "modules/testing/http_server.py"}), host_(kLibrary) {
    url_ = "http://127.0.0.1:" + server_.ReadLine();
    EXPECT_TRUE(host_.Init({{"AllowPlaintext", "true"}}));
  }

  Context Make(const std::string& path, OptionList options = {}) const {
    options.emplace_back("Url", url_ + path);
    return host_.Authentication(options);
  }

  // What comes of a logon that would be right, where the service answers like this.
  Reply Ask(const std::string& path, const OptionList& options = {}) const {
    return Make(path, options).Authenticate({.user = "alice", .password = "right"});
  }

  BackgroundProcess server_;
  ModuleHost host_;
  std::string url_;
};

TEST_F(HttpTest, BasicAndJson) {
  for (const char* credentials : {"basic", "json"}) {
    const Context context = Make("/auth", {{"Credentials", credentials}});
    ASSERT_TRUE(context.made()) << host_.log();
    const Reply right = context.Authenticate({.user = "alice", .password = "right"});
    EXPECT_TRUE(right.ok()) << right.reason;
    EXPECT_EQ(right.user, "alice");
    EXPECT_EQ(context.Authenticate({.user = "bob", .password = "right"}).user, "robert");
    EXPECT_EQ(context.Authenticate({.user = "j\xc3\xb6rg", .password = "r\xc3\xafght"}).user,
              "j\xc3\xb6rg");
    EXPECT_EQ(context.Authenticate({.user = "alice", .password = "wrong"}).reason,
              "refused with status 401");
    EXPECT_EQ(context.Authenticate({.user = "forbidden", .password = "right"}).reason,
              "refused with status 403");
    EXPECT_FALSE(context.Authenticate({.user = "alice\"}", .password = "right"}).ok());
  }
  EXPECT_EQ(host_.log(), "");
  EXPECT_GT(ModuleHost::pings(), 0);
}

TEST_F(HttpTest, BearerTokens) {
  const Context context = Make("/auth");
  EXPECT_EQ(context.Authenticate({.user = "", .password = "good-token", .method = "bearer"}).user,
            "tina");
  EXPECT_FALSE(
      context.Authenticate({.user = "", .password = "bad-token", .method = "bearer"}).ok());
  // A second header line in it.
  EXPECT_EQ(
      context
          .Authenticate({.user = "", .password = "good-token\r\nX-Admin: true", .method = "bearer"})
          .reason,
      "not a token");
}

TEST_F(HttpTest, NoNameNoPasswordOrTooMuchOfThem) {
  const Context context = Make("/auth");
  EXPECT_EQ(context.Authenticate({.user = "", .password = "right"}).reason, "no user name");
  EXPECT_FALSE(context.Authenticate({.user = "alice", .password = ""}).ok());
  EXPECT_EQ(context.Authenticate({.user = "alice", .password = std::string(1024, 'x')}).reason,
            "refused with status 401");
  EXPECT_EQ(context.Authenticate({.user = "alice", .password = std::string(1025, 'x')}).reason,
            "no password, or one of more than 1024 bytes");
  // The service would take it for alice with the password "right:x".
  EXPECT_EQ(context.Authenticate({.user = "alice:right", .password = "x"}).reason,
            "':' in the user name");
}

TEST_F(HttpTest, OtherAnswersAreErrors) {
  EXPECT_EQ(Ask("/status?500").reason, "the web service answers with status 500");
  EXPECT_EQ(host_.log(), "the web service answers with status 500\n");
  EXPECT_FALSE(Ask("/status?204").ok());
  EXPECT_FALSE(Ask("/none").ok());
  EXPECT_FALSE(Ask("/json?{\"user\":1}").ok());
  EXPECT_FALSE(Ask("/json?{\"user\":\"\"}").ok());
  EXPECT_FALSE(Ask("/json?{\"user\":\"a%0Ab\"}").ok());
  EXPECT_FALSE(Ask("/json?nonsense").ok());
  EXPECT_EQ(Ask("/json?{}").user, "alice");
}

TEST_F(HttpTest, FollowsNoRedirects) {
  EXPECT_EQ(Ask("/redirect").reason, "the web service answers with status 302");
  EXPECT_EQ(Ask("/redirect-to-file").reason, "the web service answers with status 302");
}

TEST_F(HttpTest, LargestAnswer) {
  EXPECT_TRUE(Ask("/bytes?1000", {{"ResponseMax", "1000"}}).ok());
  const Reply larger = Ask("/bytes?1001", {{"ResponseMax", "1000"}});
  EXPECT_FALSE(larger.ok());
  EXPECT_NE(larger.reason.find("larger than 1000 bytes"), std::string::npos) << larger.reason;
  EXPECT_TRUE(Ask("/headers?60").ok());
  EXPECT_FALSE(Ask("/headers?70").ok());
}

TEST_F(HttpTest, DoesNotWaitForEver) {
  const Reply slow = Ask("/slow", {{"Timeout", "200ms"}});
  EXPECT_FALSE(slow.ok());
  EXPECT_NE(slow.reason.find("Timeout was reached"), std::string::npos) << slow.reason;
  const Context nobody =
      host_.Authentication({{"Url", "http://127.0.0.1:" + std::to_string(FreePort())}});
  const Reply reply = nobody.Authenticate({.user = "alice", .password = "s3cret"});
  EXPECT_FALSE(reply.ok());
  EXPECT_NE(reply.reason.find("Couldn't connect"), std::string::npos) << reply.reason;
  EXPECT_EQ(host_.log().find("s3cret"), std::string::npos);
}

TEST_F(HttpTest, TrustsThoseThatItIsToldToTrust) {
  const TestFiles files;
  const ServerCertificate made = MakeServerCertificate();
  const std::string certificate = files.Write("certificate", made.certificate);
  const std::string other = files.Write("other", MakeServerCertificate().certificate);
  BackgroundProcess server({"/usr/bin/env", "python3", "modules/testing/http_server.py",
                            certificate, files.Write("key", made.key)});
  const std::string url = "https://127.0.0.1:" + server.ReadLine() + "/auth";
  const auto ask = [&](const OptionList& more) {
    OptionList options = {{"Url", url}, {"AllowPlaintext", "false"}};
    options.insert(options.end(), more.begin(), more.end());
    return host_.Authentication(options).Authenticate({.user = "alice", .password = "right"});
  };
  const Reply right = ask({{"CAFile", certificate}});
  EXPECT_TRUE(right.ok()) << right.reason;
  EXPECT_FALSE(ask({{"CAFile", other}}).ok());
  EXPECT_FALSE(ask({}).ok());
}

TEST_F(HttpTest, WrongOptions) {
  const std::vector<std::pair<OptionList, std::string>> cases = {
      {{}, "option 'Url' is missing\n"},
      {{{"Url", "file:///etc/passwd"}},
       "option 'Url' is not a URL that begins with http:// or https:// and names a host\n"},
      {{{"Url", "http:///path"}},
       "option 'Url' is not a URL that begins with http:// or https:// and names a host\n"},
      {{{"Url", "https://a:s3cret@b/"}}, "option 'Url' has a user name in it\n"},
      {{{"Url", "http://a/"}, {"AllowPlaintext", "false"}},
       "option 'Url' begins with http://, which sends passwords as they are: use https://, or set "
       "AllowPlaintext to true\n"},
      {{{"Url", "http://a/"}, {"Credentials", "form"}},
       "option 'Credentials' is 'form', not one of basic, json\n"},
      {{{"Url", "http://a/"}, {"ResponseMax", "0"}},
       "option 'ResponseMax' is '0', not a number from 1 to 67108864\n"},
      {{{"URL", "http://a/"}},
       "unknown option 'URL' (known are Url, Credentials, Timeout, ResponseMax, ConnectTimeout, "
       "CAFile, AllowPlaintext)\n"},
  };
  for (const auto& [options, message] : cases) {
    host_.ClearLog();
    EXPECT_FALSE(host_.Authentication(options).made());
    EXPECT_EQ(host_.log(), message);
  }
}

TEST_F(HttpTest, ManyThreads) {
  const Context context = Make("/auth");
  std::atomic<int> wrong = 0;
  InThreads(20, [&](int thread) {
    for (int i = 0; i < 10; ++i) {
      const bool right = (thread + i) % 2 == 0;
      const Reply reply = context.Authenticate(
          {.user = right ? "bob" : "alice", .password = right ? "right" : "wrong"});
      if (reply.ok() != right || (right && reply.user != "robert")) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0) << host_.log();
}

}  // namespace
}  // namespace fluxgate::modules::testing
