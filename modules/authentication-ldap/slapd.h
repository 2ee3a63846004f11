// A directory server for the test, on loopback, in a directory of its own.
#ifndef FLUXGATE_MODULES_AUTHENTICATION_LDAP_SLAPD_H_
#define FLUXGATE_MODULES_AUTHENTICATION_LDAP_SLAPD_H_

#include <memory>
#include <string>

#include "modules/testing/background_process.h"
#include "modules/testing/files.h"

namespace fluxgate::modules::testing {

// Holds ou=people,dc=example with
//   uid=alice              password "alice's"
//   uid=j\+o,ou=staff      a special character, one level below; "jo's"
//   cn=twins, cn=twins2    both with uid "twin"; "twin's"
//   cn=nameless            without uid
// and cn=reader,dc=example ("reader's"), who may search; nobody else may.
class Slapd {
 public:
  Slapd();

  std::string ldap() const { return "ldap://127.0.0.1:" + std::to_string(port_) + "/"; }
  std::string ldaps() const { return "ldaps://127.0.0.1:" + std::to_string(tls_port_) + "/"; }
  // What it is trusted by.
  std::string ca_file() const { return files_.Path("certificate"); }
  const TestFiles& files() const { return files_; }

 private:
  const TestFiles files_;
  int port_ = 0;
  int tls_port_ = 0;
  std::unique_ptr<BackgroundProcess> process_;
};

}  // namespace fluxgate::modules::testing

#endif  // FLUXGATE_MODULES_AUTHENTICATION_LDAP_SLAPD_H_
