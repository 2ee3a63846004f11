// Which user a certificate's name stands for: lines `NAME => user`, empty lines, and lines that
// begin with '#'.
#ifndef FLUXGATE_MODULES_AUTHENTICATION_CERTIFICATE_SUBJECT_MAP_H_
#define FLUXGATE_MODULES_AUTHENTICATION_CERTIFICATE_SUBJECT_MAP_H_

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "modules/common/failure.h"

namespace fluxgate::modules {

// Immutable; for any thread.
class SubjectMap {
 public:
  // Errors name the line.
  static absl::StatusOr<std::shared_ptr<const SubjectMap>> Parse(std::string_view text);

  // "": not there.
  std::string UserOf(const std::string& name) const;

 private:
  std::unordered_map<std::string, std::string> users_;
};

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_AUTHENTICATION_CERTIFICATE_SUBJECT_MAP_H_
