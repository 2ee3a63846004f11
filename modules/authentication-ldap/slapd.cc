#include "modules/authentication-ldap/slapd.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "modules/testing/server_certificate.h"

namespace fluxgate::modules::testing {
namespace {

constexpr char kConfiguration[] = R"(
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {0}/pid
argsfile {0}/args
TLSCACertificateFile {0}/certificate
TLSCertificateFile {0}/certificate
TLSCertificateKeyFile {0}/key
database mdb
maxsize 16777216
suffix "dc=example"
directory {0}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=example" read by self read by * none
)";

constexpr char kEntries[] = R"(
dn: dc=example
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: cn=reader,dc=example
objectClass: person
cn: reader
sn: reader
userPassword: reader's

dn: ou=people,dc=example
objectClass: organizationalUnit
ou: people

dn: uid=alice,ou=people,dc=example
objectClass: inetOrgPerson
uid: alice
cn: Alice
sn: A
mail: alice@example.org
userPassword: alice's

dn: ou=staff,ou=people,dc=example
objectClass: organizationalUnit
ou: staff

dn: uid=j\+o,ou=staff,ou=people,dc=example
objectClass: inetOrgPerson
uid: j+o
cn: Jo
sn: J
userPassword: jo's

dn: cn=twins,ou=people,dc=example
objectClass: inetOrgPerson
uid: twin
cn: twins
sn: T
userPassword: twin's

dn: cn=twins2,ou=people,dc=example
objectClass: inetOrgPerson
uid: twin
cn: twins2
sn: T
userPassword: twin's

dn: cn=nameless,ou=people,dc=example
objectClass: inetOrgPerson
cn: nameless
sn: N
userPassword: nameless's
)";

}  // namespace

Slapd::Slapd() {
  const ServerCertificate made = MakeServerCertificate();
  files_.Write("certificate", made.certificate);
  files_.Write("key", made.key);
  const std::string configuration =
      files_.Write("slapd.conf", fmt::format(kConfiguration, files_.directory()));
  std::filesystem::create_directory(files_.Path("data"));
  BackgroundProcess load(
      {"/usr/sbin/slapadd", "-f", configuration, "-l", files_.Write("entries", kEntries)});
  EXPECT_EQ(load.Wait(), 0);
  // Somebody else may take a port that was free.
  constexpr int kTries = 5;
  for (int i = 0; i < kTries; ++i) {
    port_ = FreePort();
    tls_port_ = FreePort();
    process_ = std::make_unique<BackgroundProcess>(std::vector<std::string>{
        "/usr/sbin/slapd", "-d", "0", "-f", configuration, "-h", ldap() + " " + ldaps()});
    while (process_->running()) {
      if (Accepts(port_) && Accepts(tls_port_)) return;
      usleep(10'000);
    }
  }
  ADD_FAILURE() << "slapd does not start";
}

}  // namespace fluxgate::modules::testing
