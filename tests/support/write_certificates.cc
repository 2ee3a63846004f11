// Writes certificates for tests that are not in C++: a CA, a server's for localhost, a client's,
// and another CA. usage: write_certificates DIRECTORY
#include <fstream>
#include <string>

#include "tests/support/test_certificates.h"

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  const std::string directory = argv[1];
  const auto write = [&directory](const std::string& name, const std::string& text) {
    std::ofstream(directory + "/" + name) << text;
  };
  const fluxgate::testing::TestCa ca("ca");
  write("ca.pem", ca.pem());
  write("other.pem", fluxgate::testing::TestCa("other").pem());
  const auto server = ca.Issue({.common_name = "gateway", .alternatives = {"DNS:localhost"}});
  write("server.pem", server.certificate_pem);
  write("server.key", server.private_key_pem);
  const auto client = ca.Issue({.common_name = "client"});
  write("client.pem", client.certificate_pem);
  write("client.key", client.private_key_pem);
  return 0;
}
