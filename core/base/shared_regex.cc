#include "core/base/shared_regex.h"

#include <fmt/format.h>

#include <mutex>
#include <string>
#include <utility>

#include "core/base/literal_pattern.h"
#include "core/base/strings.h"

namespace fluxgate {
namespace {

class Registry {
 public:
  std::shared_ptr<const Regex> Find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = regexes_.find(key);
    return found == regexes_.end() ? nullptr : found->second.lock();
  }

  // What another thread entered meanwhile wins.
  std::shared_ptr<const Regex> Enter(std::string key, std::shared_ptr<const Regex> regex) {
    const Regex* const object = regex.get();
    std::shared_ptr<const Regex> shared(object, [this, key, regex](const Regex*) { Leave(key); });
    std::shared_ptr<const Regex> other;  // outlives the lock: the last holder calls Leave
    const std::lock_guard lock(mutex_);
    std::weak_ptr<const Regex>& entry = regexes_[std::move(key)];
    other = entry.lock();
    if (other != nullptr) return other;
    entry = shared;
    return shared;
  }

 private:
  void Leave(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = regexes_.find(key);
    // It may have been entered anew.
    if (found != regexes_.end() && found->second.expired()) regexes_.erase(found);
  }

  std::mutex mutex_;
  StringMap<std::weak_ptr<const Regex>> regexes_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Regex>> CompileSharedRegex(std::string_view pattern,
                                                                ErrorCode error,
                                                                const RegexLimits& limits) {
  static Registry& registry = *new Registry;  // never destroyed: others may be as late
  if (FindLiteral(pattern).has_value()) return Regex::Compile(pattern, error, limits);
  std::string key =
      fmt::format("{},{},{},{},{}:{}", limits.pattern_bytes_max, limits.program_bytes_max,
                  limits.match_steps_max, limits.match_depth_max, limits.scan_steps_max, pattern);
  if (std::shared_ptr<const Regex> shared = registry.Find(key)) return shared;
  auto compiled = Regex::Compile(pattern, error, limits);
  if (!compiled.ok()) return compiled.status();
  return registry.Enter(std::move(key), *std::move(compiled));
}

}  // namespace fluxgate
