// Entitlement by a file of rules, read when a context is made.
#include "modules/common/file.h"

#include <utility>

#include "modules/common/entitlement_module.h"
#include "modules/entitlement-file/rule_file.h"

namespace fluxgate::modules {
namespace {

class File : public EntitlementContext {
 public:
  explicit File(RuleFile rules) : rules_(std::move(rules)) {}
  Permission Check(const PermissionQuestion& question) override { return rules_.Check(question); }

 private:
  const RuleFile rules_;
};

constexpr OptionName kOptions[] = {{"File"}};

}  // namespace

OptionNames KnownOptions() { return kOptions; }

absl::StatusOr<std::unique_ptr<EntitlementContext>> CreateEntitlementContext(Options& options) {
  const std::string path = options.Required("File");
  if (!options.status().ok()) return options.status();
  const absl::StatusOr<std::string> text = ReadFile(path, RuleFile::kBytesMax);
  if (!text.ok()) return text.status();
  absl::StatusOr<RuleFile> rules = RuleFile::Parse(path, *text);
  if (!rules.ok()) return rules.status();
  return std::make_unique<File>(*std::move(rules));
}

}  // namespace fluxgate::modules
