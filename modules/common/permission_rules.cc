#include "modules/common/permission_rules.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <utility>

namespace fluxgate::modules {

struct PermissionRules::Compiled {
  PermissionRule rule;
  std::unique_ptr<const re2::RE2> pattern;
};

PermissionRules::PermissionRules() = default;
PermissionRules::~PermissionRules() = default;
PermissionRules::PermissionRules(PermissionRules&&) noexcept = default;
PermissionRules& PermissionRules::operator=(PermissionRules&&) noexcept = default;

absl::Status PermissionRules::Add(PermissionRule rule) {
  if (rule.pattern.size() > kPatternMax) {
    return Failure(fmt::format("pattern is longer than {} bytes", kPatternMax));
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  // A name is one text, line ends in it or not.
  options.set_dot_nl(true);
  options.set_max_mem(kPatternMemoryMax);
  auto pattern = std::make_unique<const RE2>(rule.pattern, options);
  if (!pattern->ok()) {
    return Failure(fmt::format("pattern '{}': {}", rule.pattern, pattern->error()));
  }
  rules_.push_back({std::move(rule), std::move(pattern)});
  return absl::OkStatus();
}

const PermissionRule* PermissionRules::Find(const PermissionQuestion& question) const {
  const bool logon =
      question.type == amps_resource_logon || question.type == amps_resource_replication_logon;
  for (const Compiled& one : rules_) {
    if (one.rule.type != question.type) continue;
    const bool speaks = logon || (question.access == amps_access_read && one.rule.read) ||
                        (question.access == amps_access_write && one.rule.write) ||
                        (question.access == amps_access_replicate && one.rule.replicate);
    if (!speaks) continue;
    const re2::StringPiece name(question.resource.data(), question.resource.size());
    if (RE2::FullMatch(name, *one.pattern)) return &one.rule;
  }
  return nullptr;
}

size_t PermissionRules::size() const { return rules_.size(); }

Permission PermissionOf(const PermissionRule& rule) {
  if (!rule.allow) return Permission::Deny(fmt::format("denied by rule '{}'", rule.pattern));
  Permission permission;
  permission.allowed = true;
  permission.filter = rule.filter;
  permission.select = rule.select;
  return permission;
}

}  // namespace fluxgate::modules
