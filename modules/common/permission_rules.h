// An ordered list of rules: the first that speaks of the resource and of the access decides; when
// none does, it is denied. Patterns are RE2 and have to match the whole name.
#ifndef FLUXGATE_MODULES_COMMON_PERMISSION_RULES_H_
#define FLUXGATE_MODULES_COMMON_PERMISSION_RULES_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "modules/common/failure.h"
#include "modules/common/permission.h"

namespace re2 {
class RE2;
}

namespace fluxgate::modules {

// For logons the access plays no part.
struct PermissionRule {
  amps_resource_type type = amps_resource_topic;
  std::string pattern;
  bool read = false;
  bool write = false;
  bool replicate = false;
  bool allow = false;
  std::string filter;  // with `allow`, topics only
  std::string select;
};

// Immutable once filled; then for any thread.
class PermissionRules {
 public:
  static constexpr size_t kPatternMax = 1024;                // bytes of one pattern
  static constexpr int64_t kPatternMemoryMax = 1024 * 1024;  // bytes of one compiled pattern

  PermissionRules();
  ~PermissionRules();
  PermissionRules(PermissionRules&&) noexcept;
  PermissionRules& operator=(PermissionRules&&) noexcept;

  // Errors: a pattern that does not compile, or is too long.
  absl::Status Add(PermissionRule rule);

  // Null: no rule speaks of it.
  const PermissionRule* Find(const PermissionQuestion& question) const;

  size_t size() const;

 private:
  struct Compiled;
  std::vector<Compiled> rules_;
};

// What a rule that was found says.
Permission PermissionOf(const PermissionRule& rule);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_PERMISSION_RULES_H_
