#include "modules/authentication-ldap/directory.h"

#include <fmt/format.h>
#include <ldap.h>

#include <memory>
#include <utility>

#include "modules/authentication-ldap/escape.h"
#include "modules/authentication-ldap/watchdog.h"
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

// Where to connect to, always as ldap:// or ldapi://: TLS begins when we say so.
struct Address {
  std::string url;
  bool tls_first = false;
};

absl::StatusOr<Address> AddressOf(const std::string& url) {
  struct Free {
    void operator()(LDAPURLDesc* parts) const { ldap_free_urldesc(parts); }
  };
  LDAPURLDesc* raw = nullptr;
  if (ldap_url_parse(url.c_str(), &raw) != LDAP_URL_SUCCESS) return Failure("the URL is wrong");
  const std::unique_ptr<LDAPURLDesc, Free> parts(raw);
  if (std::string_view(parts->lud_scheme) != "ldaps") return Address{url, false};
  const std::string_view host = parts->lud_host == nullptr ? "" : parts->lud_host;
  const bool ipv6 = host.find(':') != std::string_view::npos;
  const int port = parts->lud_port == 0 ? LDAPS_PORT : parts->lud_port;
  return Address{fmt::format("ldap://{}{}{}:{}", ipv6 ? "[" : "", host, ipv6 ? "]" : "", port),
                 true};
}

// Everything is set on the connection: what /etc/ldap/ldap.conf and the environment say must not
// weaken it.
int SetOptions(LDAP* connection, const DirectorySettings& settings) {
  const int version = LDAP_VERSION3;
  const int demand = LDAP_OPT_X_TLS_DEMAND;
  const int tls_min = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
  const int client = 0;
  const timeval timeout = TimeOf(settings.timeout);
  int code = ldap_set_option(connection, LDAP_OPT_PROTOCOL_VERSION, &version);
  const auto set = [&](int option, const void* value) {
    if (code == LDAP_OPT_SUCCESS) code = ldap_set_option(connection, option, value);
  };
  set(LDAP_OPT_NETWORK_TIMEOUT, &timeout);
  set(LDAP_OPT_TIMEOUT, &timeout);
  set(LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
  set(LDAP_OPT_X_TLS_PROTOCOL_MIN, &tls_min);
  if (!settings.ca_file.empty()) set(LDAP_OPT_X_TLS_CACERTFILE, settings.ca_file.c_str());
  set(LDAP_OPT_X_TLS_NEWCTX, &client);
  return code;
}

// Connected, with nothing said yet.
absl::StatusOr<Connection> Open(const DirectorySettings& settings, const Address& address) {
  LDAP* raw = nullptr;
  int code = ldap_initialize(&raw, address.url.c_str());
  Connection connection(raw);
  if (code != LDAP_SUCCESS) return DirectoryToBlame("connection", code);
  if (SetOptions(raw, settings) != LDAP_OPT_SUCCESS) {
    return Failure("connection: TLS cannot be set up (option CAFile)");
  }
  Ping();
  code = ldap_connect(raw);
  if (code != LDAP_SUCCESS) return DirectoryToBlame("connection", code);
  // With a time limit the socket does not block in the handshake, and libldap with GnuTLS asks it
  // over and over without waiting, for ever. From here on the watchdog has the time.
  ldap_set_option(raw, LDAP_OPT_NETWORK_TIMEOUT, nullptr);
  return connection;
}

absl::Status Secure(LDAP* connection, const DirectorySettings& settings, const Address& address) {
  if (!settings.start_tls && !address.tls_first) return absl::OkStatus();
  Ping();
  const int code = settings.start_tls ? ldap_start_tls_s(connection, nullptr, nullptr)
                                      : ldap_install_tls(connection);
  if (code != LDAP_SUCCESS) {
    return DirectoryToBlame(settings.start_tls ? "StartTLS" : "TLS", code);
  }
  return absl::OkStatus();
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
  const absl::StatusOr<Address> address = AddressOf(settings_.url);
  if (!address.ok()) return address.status();
  const absl::StatusOr<Connection> connection = Open(settings_, *address);
  if (!connection.ok()) return connection.status();
  LDAP* const ldap = connection->get();
  int socket = -1;
  ldap_get_option(ldap, LDAP_OPT_DESC, &socket);
  const Watchdog watchdog(socket, settings_.timeout);
  if (absl::Status status = Secure(ldap, settings_, *address); !status.ok()) return status;
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
