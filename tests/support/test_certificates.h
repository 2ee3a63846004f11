// Certificates made on the spot: a CA, what it issues, and files of it. EC keys, so that making
// them takes no time.
#ifndef FLUXGATE_TESTS_SUPPORT_TEST_CERTIFICATES_H_
#define FLUXGATE_TESTS_SUPPORT_TEST_CERTIFICATES_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fluxgate::testing {

struct CertificateSpec {
  std::string common_name;
  std::string organization = {};               // empty: none
  std::vector<std::string> alternatives = {};  // "DNS:localhost", "email:a@b", "URI:x:y", "IP:..."
  int valid_from_days = -1;                    // from now
  int valid_to_days = 1;
};

struct IssuedCertificate {
  std::string certificate_pem;
  std::string private_key_pem;
};

class TestCa {
 public:
  explicit TestCa(const std::string& name);
  ~TestCa();

  // Of its own certificate.
  const std::string& pem() const { return pem_; }
  IssuedCertificate Issue(const CertificateSpec& spec) const;

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
  std::string pem_;
};

// A directory of its own, removed at the end.
class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  // The path of the file that now holds `text`.
  std::string Write(const std::string& name, std::string_view text) const;
  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace fluxgate::testing

#endif  // FLUXGATE_TESTS_SUPPORT_TEST_CERTIFICATES_H_
