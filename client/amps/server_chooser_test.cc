#include "amps/server_chooser.h"

#include <gtest/gtest.h>

namespace AMPS {
namespace {

TEST(DefaultServerChooserTest, WithoutAddressesThereIsNone) {
  DefaultServerChooser chooser;
  EXPECT_EQ(chooser.getCurrentURI(), "");
  chooser.reportFailure("nothing to connect to");
  EXPECT_EQ(chooser.getCurrentURI(), "");
  EXPECT_EQ(chooser.getError(), "nothing to connect to");
}

TEST(DefaultServerChooserTest, GoesRoundAfterEachFailure) {
  DefaultServerChooser chooser({"tcp://a:1/amps"});
  chooser.add("tcp://b:1/amps").add("tcp://c:1/amps");
  for (const char* uri : {"tcp://a:1/amps", "tcp://b:1/amps", "tcp://c:1/amps"}) {
    EXPECT_EQ(chooser.getCurrentURI(), uri);
    EXPECT_EQ(chooser.getCurrentURI(), uri);
    chooser.reportFailure(std::string("no ") + uri);
    EXPECT_EQ(chooser.getError(), std::string("no ") + uri);
  }
  EXPECT_EQ(chooser.getCurrentURI(), "tcp://a:1/amps");
  chooser.reportSuccess();
  EXPECT_EQ(chooser.getCurrentURI(), "tcp://a:1/amps");
  EXPECT_EQ(chooser.getError(), "");
}

class Tokens final : public Authenticator {
 public:
  std::string authenticate(const std::string&, const std::string&) override { return "token"; }
  std::string retry(const std::string&, const std::string&) override { return ""; }
  void completed(const std::string&, const std::string&, const std::string&) override {}
};

TEST(DefaultServerChooserTest, HasTheAuthenticatorThatWasSetOrThePasswordOfTheUri) {
  DefaultServerChooser chooser;
  EXPECT_EQ(chooser.getCurrentAuthenticator().authenticate("joe", "secret"), "secret");
  chooser.setAuthenticator(std::make_shared<Tokens>());
  EXPECT_EQ(chooser.getCurrentAuthenticator().authenticate("joe", "secret"), "token");
}

}  // namespace
}  // namespace AMPS
