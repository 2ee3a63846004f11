#include "modules/authentication-ldap/directory.h"

#include <fmt/format.h>
#include <ldap.h>

#include <memory>
#include <utility>

#include "modules/authentication-ldap/escape.h"
#include "modules/common/server.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

constexpr std::string_view kUserPlace = "{user}";
// Two are as many as it takes to see that it is not one.
constexpr int kEntriesMax = 2;

struct Release {
  void operator()(LDAP* connection) const { ldap_unbind_ext_s(connection, nullptr, nullptr); }
  void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
  void operator()(char* text) const { ldap_memfree(text); }
  void operator()(berval** values) const { ldap_value_free_len(values); }
};
using Connection = std::unique_ptr<LDAP, Release>;

struct Entry {
  std::string dn;
  std::string user;
};

absl::Status UserToBlame(const std::string& text) { return absl::UnauthenticatedError(text); }

absl::Status DirectoryToBlame(std::string_view step, int code) {
  return Failure(fmt::format("{}: {}", step, ldap_err2string(code)));
}

timeval TimeOf(std::chrono::milliseconds time) {
  timeval value;
  value.tv_sec = time.count() / 1000;
  value.tv_usec = time.count() % 1000 * 1000;
  return value;
}

// Everything is set on the connection: what /etc/ldap/ldap.conf and the environment say must not
// weaken it.
absl::StatusOr<Connection> Open(const DirectorySettings& settings) {
  LDAP* raw = nullptr;
  const int opened = ldap_initialize(&raw, settings.url.c_str());
  Connection connection(raw);
  if (opened != LDAP_SUCCESS) return DirectoryToBlame("connection", opened);
  const int version = LDAP_VERSION3;
  const int demand = LDAP_OPT_X_TLS_DEMAND;
  const int tls_min = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
  const int client = 0;
  const timeval timeout = TimeOf(settings.timeout);
  int code = ldap_set_option(raw, LDAP_OPT_PROTOCOL_VERSION, &version);
  const auto set = [&](int option, const void* value) {
    if (code == LDAP_OPT_SUCCESS) code = ldap_set_option(raw, option, value);
  };
  set(LDAP_OPT_NETWORK_TIMEOUT, &timeout);
  set(LDAP_OPT_TIMEOUT, &timeout);
  set(LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
  set(LDAP_OPT_X_TLS_PROTOCOL_MIN, &tls_min);
  if (!settings.ca_file.empty()) set(LDAP_OPT_X_TLS_CACERTFILE, settings.ca_file.c_str());
  set(LDAP_OPT_X_TLS_NEWCTX, &client);
  if (code != LDAP_OPT_SUCCESS) return Failure("connection: TLS cannot be set up");
  if (settings.start_tls) {
    const int secured = ldap_start_tls_s(raw, nullptr, nullptr);
    if (secured != LDAP_SUCCESS) return DirectoryToBlame("StartTLS", secured);
  }
  return connection;
}

int Bind(LDAP* connection, const std::string& dn, const std::string& password) {
  Ping();
  berval credentials;
  // libldap takes it as not constant and leaves it alone.
  credentials.bv_val = const_cast<char*>(password.data());
  credentials.bv_len = password.size();
  const int code = ldap_sasl_bind_s(connection, dn.c_str(), LDAP_SASL_SIMPLE, &credentials, nullptr,
                                    nullptr, nullptr);
  Ping();
  return code;
}

absl::Status BindAsUser(LDAP* connection, const std::string& dn, const std::string& password) {
  const int code = Bind(connection, dn, password);
  switch (code) {
    case LDAP_SUCCESS:
      return absl::OkStatus();
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_INAPPROPRIATE_AUTH:
      return UserToBlame("the directory refuses name or password");
    default:
      return DirectoryToBlame("bind", code);
  }
}

// The one entry that matches, with the one value of its user attribute.
absl::StatusOr<Entry> Find(LDAP* connection, const DirectorySettings& settings,
                           const std::string& base, int scope, const std::string& filter) {
  Ping();
  std::string attribute = settings.user_attribute;
  char* attributes[] = {attribute.data(), nullptr};
  timeval timeout = TimeOf(settings.timeout);
  LDAPMessage* raw = nullptr;
  const int code = ldap_search_ext_s(connection, base.c_str(), scope, filter.c_str(), attributes, 0,
                                     nullptr, nullptr, &timeout, kEntriesMax, &raw);
  Ping();
  const std::unique_ptr<LDAPMessage, Release> result(raw);
  if (code == LDAP_NO_SUCH_OBJECT) return UserToBlame("the directory has no such user");
  if (code != LDAP_SUCCESS && code != LDAP_SIZELIMIT_EXCEEDED) {
    return DirectoryToBlame("search", code);
  }
  const int count = ldap_count_entries(connection, result.get());
  if (count == 0) return UserToBlame("the directory has no such user");
  if (count != 1 || code == LDAP_SIZELIMIT_EXCEEDED) {
    return UserToBlame("the directory has several users of that name");
  }
  LDAPMessage* const found = ldap_first_entry(connection, result.get());
  const std::unique_ptr<char, Release> dn(ldap_get_dn(connection, found));
  const std::unique_ptr<berval*, Release> values(
      ldap_get_values_len(connection, found, attribute.c_str()));
  if (dn == nullptr || values == nullptr || ldap_count_values_len(values.get()) != 1) {
    return Failure(fmt::format(
        "the user's entry has no '{}', several, or one that may not be read (option UserAttribute)",
        attribute));
  }
  const berval* const value = values.get()[0];
  return Entry{dn.get(), std::string(value->bv_val, value->bv_len)};
}

}  // namespace

Directory::Directory(DirectorySettings settings) : settings_(std::move(settings)) {}

Directory::~Directory() { Wipe(&settings_.bind_password); }

absl::StatusOr<std::string> Directory::LogOn(std::string_view user,
                                             const std::string& password) const {
  // A bind with a name and no password succeeds as nobody (RFC 4513, section 5.1.2).
  if (password.empty()) return UserToBlame("no password");
  absl::StatusOr<Connection> connection = Open(settings_);
  if (!connection.ok()) return connection.status();
  LDAP* const ldap = connection->get();
  if (!settings_.user_dn.empty()) {
    const std::string dn = ReplaceAll(settings_.user_dn, kUserPlace, EscapeDnValue(user));
    if (absl::Status status = BindAsUser(ldap, dn, password); !status.ok()) return status;
    // "ALICE" and "alice " bind as alice: who it is, is what the entry says.
    absl::StatusOr<Entry> entry = Find(ldap, settings_, dn, LDAP_SCOPE_BASE, "(objectClass=*)");
    if (!entry.ok()) return entry.status();
    return entry->user;
  }
  if (!settings_.bind_dn.empty()) {
    const int code = Bind(ldap, settings_.bind_dn, settings_.bind_password);
    if (code != LDAP_SUCCESS) return DirectoryToBlame("bind as BindDN", code);
  }
  const std::string filter =
      ReplaceAll(settings_.search_filter, kUserPlace, EscapeFilterValue(user));
  absl::StatusOr<Entry> entry =
      Find(ldap, settings_, settings_.search_base,
           settings_.search_subtree ? LDAP_SCOPE_SUBTREE : LDAP_SCOPE_ONELEVEL, filter);
  if (!entry.ok()) return entry.status();
  if (absl::Status status = BindAsUser(ldap, entry->dn, password); !status.ok()) return status;
  return entry->user;
}

}  // namespace fluxgate::modules
