#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "modules/authentication-ldap/slapd.h"
#include "modules/testing/module_host.h"
#include "modules/testing/server_certificate.h"
#include "modules/testing/threads.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kLibrary[] = "modules/authentication-ldap/libauthentication_ldap.so";
constexpr char kTemplate[] = "uid={user},ou=people,dc=example";

class LdapTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { slapd_ = new Slapd; }
  static void TearDownTestSuite() {
    delete slapd_;
    slapd_ = nullptr;
  }

  LdapTest() : host_(kLibrary) { EXPECT_TRUE(host_.Init()); }

  static OptionList ByName(const std::string& url) {
    return {{"Url", url}, {"UserDN", kTemplate}, {"AllowPlaintext", "true"}};
  }
  static OptionList BySearch(const OptionList& more = {}) {
    OptionList options = {{"Url", slapd_->ldap()},
                          {"AllowPlaintext", "true"},
                          {"SearchBase", "ou=people,dc=example"},
                          {"BindDN", "cn=reader,dc=example"},
                          {"BindPassword", "reader's"}};
    options.insert(options.end(), more.begin(), more.end());
    return options;
  }

  // "" or why not.
  std::string Refusal(const OptionList& options, const std::string& user,
                      const std::string& password) const {
    const Context context = host_.Authentication(options);
    EXPECT_TRUE(context.made()) << host_.log();
    const Reply reply = context.Authenticate({.user = user, .password = password});
    return reply.ok() ? "" : reply.reason;
  }

  static Slapd* slapd_;
  ModuleHost host_;
};

Slapd* LdapTest::slapd_ = nullptr;

constexpr char kRefused[] = "the directory refuses name or password";
constexpr char kNobody[] = "the directory has no such user";

TEST_F(LdapTest, BindsAsTheUser) {
  const Context context = host_.Authentication(ByName(slapd_->ldap()));
  ASSERT_TRUE(context.made()) << host_.log();
  const Reply right = context.Authenticate({.user = "alice", .password = "alice's"});
  EXPECT_TRUE(right.ok()) << right.reason;
  EXPECT_EQ(right.user, "alice");
  EXPECT_EQ(context.Authenticate({.user = "alice", .password = "wrong"}).reason, kRefused);
  EXPECT_EQ(context.Authenticate({.user = "nobody", .password = "alice's"}).reason, kRefused);
  EXPECT_EQ(host_.log(), "");
  EXPECT_GT(ModuleHost::pings(), 0);
}

TEST_F(LdapTest, ANameHasOneSpelling) {
  const Context context = host_.Authentication(ByName(slapd_->ldap()));
  for (const char* user : {"ALICE", "Alice", " alice", "alice "}) {
    EXPECT_EQ(context.Authenticate({.user = user, .password = "alice's"}).user, "alice") << user;
  }
  OptionList options = ByName(slapd_->ldap());
  options.emplace_back("UserAttribute", "mail");
  EXPECT_EQ(
      host_.Authentication(options).Authenticate({.user = "alice", .password = "alice's"}).user,
      "alice@example.org");
}

TEST_F(LdapTest, NoPasswordIsNoBindAsNobody) {
  EXPECT_EQ(Refusal(ByName(slapd_->ldap()), "alice", ""), "no password");
  EXPECT_EQ(Refusal(BySearch(), "alice", ""), "no password");
  EXPECT_EQ(Refusal(BySearch(), "", "alice's"), "no user name");
  EXPECT_EQ(Refusal(BySearch(), "alice", std::string(1024, 'x')), kRefused);
  EXPECT_EQ(Refusal(BySearch(), "alice", std::string(1025, 'x')),
            "password is longer than 1024 bytes");
}

TEST_F(LdapTest, SearchesThenBinds) {
  const Context context = host_.Authentication(BySearch());
  ASSERT_TRUE(context.made()) << host_.log();
  EXPECT_EQ(context.Authenticate({.user = "alice", .password = "alice's"}).user, "alice");
  EXPECT_EQ(context.Authenticate({.user = "ALICE", .password = "alice's"}).user, "alice");
  EXPECT_EQ(context.Authenticate({.user = "j+o", .password = "jo's"}).user, "j+o");
  EXPECT_EQ(context.Authenticate({.user = "alice", .password = "jo's"}).reason, kRefused);
  EXPECT_EQ(context.Authenticate({.user = "nobody", .password = "x"}).reason, kNobody);
  EXPECT_EQ(context.Authenticate({.user = "twin", .password = "twin's"}).reason,
            "the directory has several users of that name");
}

TEST_F(LdapTest, OneLevelAndOtherFilters) {
  EXPECT_EQ(Refusal(BySearch({{"SearchScope", "one"}}), "alice", "alice's"), "");
  EXPECT_EQ(Refusal(BySearch({{"SearchScope", "one"}}), "j+o", "jo's"), kNobody);
  const OptionList by_mail = BySearch({{"SearchFilter", "(&(objectClass=person)(mail={user}))"}});
  EXPECT_EQ(host_.Authentication(by_mail)
                .Authenticate({.user = "alice@example.org", .password = "alice's"})
                .user,
            "alice");
}

TEST_F(LdapTest, NamesCannotChangeTheQuestion) {
  // Unescaped each of them would find alice, or everybody.
  for (const char* user : {"*", "al*", "alice)(uid=*", "x)(|(uid=alice)", "\\61lice"}) {
    EXPECT_EQ(Refusal(BySearch(), user, "alice's"), kNobody) << user;
  }
  for (const char* user :
       {"alice,ou=people,dc=example", "x+uid=alice", "\\61lice", "#616c696365"}) {
    EXPECT_EQ(Refusal(ByName(slapd_->ldap()), user, "alice's"), kRefused) << user;
  }
  const OptionList below = {{"Url", slapd_->ldap()},
                            {"UserDN", "uid={user},ou=staff,ou=people,dc=example"},
                            {"AllowPlaintext", "true"}};
  EXPECT_EQ(Refusal(below, "j+o", "jo's"), "");
}

TEST_F(LdapTest, AnEntryWithoutAName) {
  OptionList options = {{"Url", slapd_->ldap()},
                        {"UserDN", "cn={user},ou=people,dc=example"},
                        {"AllowPlaintext", "true"}};
  EXPECT_EQ(Refusal(options, "nameless", "nameless's"),
            "the user's entry has no 'uid', several, or one that may not be read (option "
            "UserAttribute)");
}

TEST_F(LdapTest, LdapsAndStartTls) {
  const std::string ca = slapd_->ca_file();
  const std::string other = slapd_->files().Write("other", MakeServerCertificate().certificate);
  for (const bool start_tls : {false, true}) {
    const OptionList options = {{"Url", start_tls ? slapd_->ldap() : slapd_->ldaps()},
                                {"StartTLS", start_tls ? "true" : "false"},
                                {"UserDN", kTemplate}};
    OptionList trusting = options;
    trusting.emplace_back("CAFile", ca);
    EXPECT_EQ(Refusal(trusting, "alice", "alice's"), "");
    EXPECT_EQ(Refusal(trusting, "alice", "wrong"), kRefused);
    OptionList mistrusting = options;
    mistrusting.emplace_back("CAFile", other);
    EXPECT_NE(Refusal(mistrusting, "alice", "alice's"), "");
    EXPECT_NE(Refusal(options, "alice", "alice's"), "");
    // The certificate is that of 127.0.0.1.
    OptionList misnamed = trusting;
    misnamed[0].second.replace(misnamed[0].second.find("127.0.0.1"), 9, "localhost");
    EXPECT_NE(Refusal(misnamed, "alice", "alice's"), "");
  }
  EXPECT_EQ(host_.log().find("alice's"), std::string::npos);
}

TEST_F(LdapTest, ADirectoryThatIsNotThereOrDoesNotAnswer) {
  const std::string nobody = "ldap://127.0.0.1:" + std::to_string(FreePort()) + "/";
  EXPECT_EQ(Refusal(ByName(nobody), "alice", "alice's"), "connection: Can't contact LDAP server");
  EXPECT_EQ(host_.log(), "connection: Can't contact LDAP server\n");
  // Accepts, and says nothing.
  BackgroundProcess mute({"/usr/bin/env", "python3", "-c",
                          "import socket, time\n"
                          "s = socket.create_server(('127.0.0.1', 0))\n"
                          "print(s.getsockname()[1], flush=True)\n"
                          "time.sleep(600)\n"});
  const std::string port = mute.ReadLine();
  const std::vector<OptionList> ways = {
      {{"Url", "ldap://127.0.0.1:" + port + "/"}, {"AllowPlaintext", "true"}},
      {{"Url", "ldap://127.0.0.1:" + port + "/"}, {"StartTLS", "true"}},
      {{"Url", "ldaps://127.0.0.1:" + port + "/"}},
  };
  for (OptionList options : ways) {
    options.emplace_back("UserDN", kTemplate);
    options.emplace_back("Timeout", "200ms");
    EXPECT_NE(Refusal(options, "alice", "alice's"), "") << options[0].second;
  }
}

TEST_F(LdapTest, AReaderThatMayNotRead) {
  OptionList options = BySearch();
  options.back().second = "wrong";
  EXPECT_EQ(Refusal(options, "alice", "alice's"), "bind as BindDN: Invalid credentials");
  options.back() = {"BindPasswordFile", slapd_->files().Write("password", "reader's\n")};
  EXPECT_EQ(Refusal(options, "alice", "alice's"), "");
}

TEST_F(LdapTest, WrongOptions) {
  const std::string url = "ldaps://127.0.0.1/";
  const std::vector<std::pair<OptionList, std::string>> cases = {
      {{{"UserDN", kTemplate}}, "option 'Url' is missing"},
      {{{"Url", "http://a/"}, {"UserDN", kTemplate}},
       "option 'Url' does not begin with ldap://, ldaps:// or ldapi://"},
      {{{"Url", "ldap://a/"}, {"UserDN", kTemplate}},
       "option 'Url' begins with ldap://, which sends passwords as they are: use ldaps://, or set "
       "StartTLS or AllowPlaintext to true"},
      {{{"Url", url + " ldap://b/"}, {"UserDN", kTemplate}}, "option 'Url' is more than one URL"},
      {{{"Url", url}, {"StartTLS", "true"}, {"UserDN", kTemplate}},
       "option 'StartTLS' is for ldap:// only"},
      {{{"Url", url}}, "option 'UserDN' or 'SearchBase' is needed, one of them"},
      {{{"Url", url}, {"UserDN", "uid=x"}}, "option 'UserDN' has no {user} in it"},
      {{{"Url", url}, {"UserDN", kTemplate}, {"BindDN", "cn=x"}},
       "option 'BindDN' is for SearchBase only"},
      {{{"Url", url}, {"SearchBase", "dc=x"}, {"SearchFilter", "(uid=*)"}},
       "option 'SearchFilter' has no {user} in it"},
      {{{"Url", url}, {"SearchBase", "dc=x"}, {"SearchScope", "base"}},
       "option 'SearchScope' is 'base', not one of subtree, one"},
      {{{"Url", url}, {"SearchBase", "dc=x"}, {"BindDN", "cn=x"}},
       "option 'BindDN' takes one of BindPassword and BindPasswordFile, and they take BindDN"},
      {{{"Url", url}, {"SearchBase", "dc=x"}, {"BindDN", "cn=x"}, {"BindPassword", ""}},
       "option 'BindPassword' is empty"},
      {{{"Url", url}, {"UserDN", kTemplate}, {"UserAttribute", ""}},
       "option 'UserAttribute' is empty"},
      {{{"Url", url}, {"UserDN", kTemplate}, {"Timeout", "6m"}},
       "option 'Timeout' is '6m', not a time from 10ms to 300000ms (units are ms, s, m and h)"},
  };
  for (const auto& [options, message] : cases) {
    host_.ClearLog();
    EXPECT_FALSE(host_.Authentication(options).made());
    EXPECT_EQ(host_.log(), message + "\n");
  }
  host_.ClearLog();
  EXPECT_FALSE(host_.Authentication({{"Server", "x"}}).made());
  EXPECT_EQ(host_.log().substr(0, 24), "unknown option 'Server' ");
}

TEST_F(LdapTest, ManyThreads) {
  const Context context = host_.Authentication(BySearch());
  std::atomic<int> wrong = 0;
  InThreads(8, [&](int thread) {
    for (int i = 0; i < 10; ++i) {
      const bool alice = (thread + i) % 2 == 0;
      const Reply right = context.Authenticate(
          {.user = alice ? "alice" : "j+o", .password = alice ? "alice's" : "jo's"});
      if (right.user != (alice ? "alice" : "j+o")) ++wrong;
      if (context.Authenticate({.user = "alice", .password = "jo's"}).ok()) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0) << host_.log();
}

}  // namespace
}  // namespace fluxgate::modules::testing
