// One logon against a directory server. Each logon has a connection of its own, so that nothing of
// one user is left for the next.
#ifndef FLUXGATE_MODULES_AUTHENTICATION_LDAP_DIRECTORY_H_
#define FLUXGATE_MODULES_AUTHENTICATION_LDAP_DIRECTORY_H_

#include <chrono>
#include <string>
#include <string_view>

#include "modules/common/failure.h"

namespace fluxgate::modules {

struct DirectorySettings {
  std::string url;  // ldap://, ldaps:// or ldapi://
  bool start_tls = false;
  std::string ca_file;  // "": the system's
  // To connect, and again for everything that comes after it.
  std::chrono::milliseconds timeout{5000};
  // Where the user is: a name with {user} in it, or a search.
  std::string user_dn;
  std::string search_base;
  std::string search_filter;
  bool search_subtree = true;
  std::string bind_dn;  // as whom to search; "": as nobody
  std::string bind_password;
  // Its value is the user's name in its true spelling.
  std::string user_attribute = "uid";
};

class Directory {
 public:
  explicit Directory(DirectorySettings settings);
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  // The user's name as the directory spells it. Errors: kUnauthenticated for what the user is to
  // blame for, anything else for the directory and its configuration. Any thread; waits.
  absl::StatusOr<std::string> LogOn(std::string_view user, const std::string& password) const;

 private:
  DirectorySettings settings_;
};

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_AUTHENTICATION_LDAP_DIRECTORY_H_
