// Authentication by a directory server.
#include <memory>
#include <utility>

#include "modules/authentication-ldap/directory.h"
#include "modules/common/authentication_module.h"
#include "modules/common/file.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""min;

class LdapAuthentication : public AuthenticationContext {
 public:
  explicit LdapAuthentication(DirectorySettings settings) : directory_(std::move(settings)) {}

  Verdict Authenticate(const Login& login) override {
    if (std::string wrong = WrongUserName(login.user); !wrong.empty()) {
      return Verdict::Refuse(std::move(wrong));
    }
    if (std::string wrong = WrongPassword(login.password); !wrong.empty()) {
      return Verdict::Refuse(std::move(wrong));
    }
    std::string password(login.password);
    const absl::StatusOr<std::string> user = directory_.LogOn(login.user, password);
    Wipe(&password);
    if (!user.ok()) {
      const std::string why = FailureText(user.status());
      if (!absl::IsUnauthenticated(user.status())) Log(amps_module_log_level_warning, why);
      return Verdict::Refuse(why);
    }
    if (std::string wrong = WrongUserName(*user); !wrong.empty()) {
      return Verdict::Refuse("of the directory's entry: " + wrong);
    }
    return Verdict::Accept(*user);
  }

 private:
  const Directory directory_;
};

constexpr OptionName kOptions[] = {
    {"Url"},          {"StartTLS"},         {"CAFile"},       {"AllowPlaintext"}, {"Timeout"},
    {"UserDN"},       {"SearchBase"},       {"SearchFilter"}, {"SearchScope"},    {"BindDN"},
    {"BindPassword"}, {"BindPasswordFile"}, {"UserAttribute"}};

void ReadUrl(Options& options, DirectorySettings* settings) {
  settings->url = options.Required("Url");
  settings->start_tls = options.Flag("StartTLS", false);
  const bool allow_plaintext = options.Flag("AllowPlaintext", false);
  const bool plain = settings->url.starts_with("ldap://");
  if (!plain && !settings->url.starts_with("ldaps://") && !settings->url.starts_with("ldapi://")) {
    options.Wrong("Url", "does not begin with ldap://, ldaps:// or ldapi://");
  } else if (settings->url.find_first_of(" ,") != std::string::npos) {
    options.Wrong("Url", "is more than one URL");
  } else if (settings->start_tls && !plain) {
    options.Wrong("StartTLS", "is for ldap:// only");
  } else if (plain && !settings->start_tls && !allow_plaintext) {
    options.Wrong("Url",
                  "begins with ldap://, which sends passwords as they are: use ldaps://, or set "
                  "StartTLS or AllowPlaintext to true");
  }
}

void ReadWhere(Options& options, DirectorySettings* settings) {
  constexpr std::string_view kUserPlace = "{user}";
  if (options.Has("UserDN") == options.Has("SearchBase")) {
    options.Wrong("UserDN", "or 'SearchBase' is needed, one of them");
    return;
  }
  if (options.Has("UserDN")) {
    settings->user_dn = options.Required("UserDN");
    if (settings->user_dn.find(kUserPlace) == std::string::npos) {
      options.Wrong("UserDN", "has no {user} in it");
    }
    for (const char* name :
         {"SearchFilter", "SearchScope", "BindDN", "BindPassword", "BindPasswordFile"}) {
      if (options.Has(name)) options.Wrong(name, "is for SearchBase only");
    }
    return;
  }
  settings->search_base = options.Required("SearchBase");
  settings->search_filter = options.Text("SearchFilter", "(uid={user})");
  if (settings->search_filter.find(kUserPlace) == std::string::npos) {
    options.Wrong("SearchFilter", "has no {user} in it");
  }
  settings->search_subtree = options.Choice("SearchScope", {"subtree", "one"}) == "subtree";
  settings->bind_dn = options.Text("BindDN");
  settings->bind_password = options.Text("BindPassword");
  const int passwords =
      (options.Has("BindPassword") ? 1 : 0) + (options.Has("BindPasswordFile") ? 1 : 0);
  if (passwords != (settings->bind_dn.empty() ? 0 : 1)) {
    options.Wrong("BindDN", "takes one of BindPassword and BindPasswordFile, and they take BindDN");
  }
}

}  // namespace

OptionNames KnownOptions() { return kOptions; }

absl::StatusOr<std::unique_ptr<AuthenticationContext>> CreateAuthenticationContext(
    Options& options) {
  DirectorySettings settings;
  ReadUrl(options, &settings);
  ReadWhere(options, &settings);
  settings.ca_file = options.Text("CAFile");
  settings.timeout = options.Time("Timeout", settings.timeout, 10ms, 5min);
  if (options.Has("UserAttribute")) settings.user_attribute = options.Required("UserAttribute");
  const std::string path = options.Text("BindPasswordFile");
  if (!options.status().ok()) return options.status();
  if (!path.empty()) {
    absl::StatusOr<std::string> password = ReadSecretLine(path, kPasswordMax);
    if (!password.ok()) return password.status();
    settings.bind_password = *std::move(password);
  }
  if (!settings.bind_dn.empty() && settings.bind_password.empty()) {
    return Failure("option 'BindPassword' is empty");
  }
  return std::make_unique<LdapAuthentication>(std::move(settings));
}

}  // namespace fluxgate::modules
