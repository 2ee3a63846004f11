// A file of permissions, by user and group; README.md says what stands in it.
#ifndef FLUXGATE_MODULES_ENTITLEMENT_FILE_RULE_FILE_H_
#define FLUXGATE_MODULES_ENTITLEMENT_FILE_RULE_FILE_H_

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "modules/common/failure.h"
#include "modules/common/permission.h"
#include "modules/common/permission_rules.h"

namespace fluxgate::modules {

// Immutable; for any thread.
class RuleFile {
 public:
  static constexpr size_t kBytesMax = 8 * 1024 * 1024;
  static constexpr size_t kRulesMax = 10'000;

  // Errors are "name:line: what is wrong".
  static absl::StatusOr<RuleFile> Parse(const std::string& name, std::string_view text);

  Permission Check(const PermissionQuestion& question) const;

 private:
  friend class RuleFileParser;

  std::vector<PermissionRules> sections_;
  // Of a user: its own section, if any, then those of its groups, in the order of the file.
  std::unordered_map<std::string, std::vector<size_t>> sections_of_;
  PermissionRules everybody_;
};

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_ENTITLEMENT_FILE_RULE_FILE_H_
