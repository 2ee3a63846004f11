// Authentication by the certificate that TLS has verified.
#include "modules/authentication-certificate/certificate_name.h"
#include "modules/authentication-certificate/subject_map.h"
#include "modules/common/authentication_module.h"
#include "modules/common/file.h"
#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

constexpr size_t kMapMax = 8 * 1024 * 1024;

class Certificate : public AuthenticationContext {
 public:
  Certificate(std::string source, bool require_claimed,
              std::unique_ptr<ReloadingFile<SubjectMap>> map)
      : source_(std::move(source)), require_claimed_(require_claimed), map_(std::move(map)) {}

  Verdict Authenticate(const Login& login) override {
    if (login.certificate_subject.empty() && login.certificate_pem.empty()) {
      return Verdict::Refuse("no certificate");
    }
    absl::StatusOr<std::string> name = NameOf(login);
    if (!name.ok()) return Verdict::Refuse(FailureText(name.status()));
    std::string user = map_ == nullptr ? *name : map_->Get()->UserOf(*name);
    if (map_ != nullptr && user.empty()) {
      return Verdict::Refuse("the map has no user for '" + Printable(*name) + "'");
    }
    if (std::string wrong = WrongUserName(user); !wrong.empty()) {
      return Verdict::Refuse("of the certificate: " + wrong);
    }
    if (require_claimed_ && !login.user.empty() && login.user != user) {
      return Verdict::Refuse("claims another name than its certificate, which is of '" +
                             Printable(user) + "'");
    }
    return Verdict::Accept(std::move(user));
  }

 private:
  absl::StatusOr<std::string> NameOf(const Login& login) const {
    if (source_ == "common-name") return std::string(login.certificate_common_name);
    if (source_ == "subject") return std::string(login.certificate_subject);
    const AlternativeName kind = source_ == "san-email" ? AlternativeName::kEmail
                                 : source_ == "san-dns" ? AlternativeName::kDns
                                                        : AlternativeName::kUri;
    return AlternativeNameOf(login.certificate_pem, kind);
  }

  const std::string source_;
  const bool require_claimed_;
  const std::unique_ptr<ReloadingFile<SubjectMap>> map_;
};

constexpr OptionName kOptions[] = {{"User"}, {"ClaimedName"}, {"Map"}};

}  // namespace

OptionNames KnownOptions() { return kOptions; }

absl::StatusOr<std::unique_ptr<AuthenticationContext>> CreateAuthenticationContext(
    Options& options) {
  const std::string source =
      options.Choice("User", {"common-name", "subject", "san-email", "san-dns", "san-uri"});
  const bool require_claimed =
      options.Choice("ClaimedName", {"must-match", "ignore"}) == "must-match";
  const bool mapped = options.Has("Map");
  const std::string path = mapped ? options.Required("Map") : "";
  if (!options.status().ok()) return options.status();
  std::unique_ptr<ReloadingFile<SubjectMap>> map;
  if (mapped) {
    auto opened = ReloadingFile<SubjectMap>::Open(path, kMapMax, &SubjectMap::Parse);
    if (!opened.ok()) return opened.status();
    map = *std::move(opened);
  }
  return std::make_unique<Certificate>(source, require_claimed, std::move(map));
}

}  // namespace fluxgate::modules
