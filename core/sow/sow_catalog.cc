#include "core/sow/sow_catalog.h"

#include <fmt/format.h>

#include "core/base/error.h"

namespace fluxgate {

absl::Status SowCatalog::Add(std::unique_ptr<SowTopic> topic) {
  if (!by_name_.emplace(topic->name(), topic.get()).second) {
    return MakeError(ErrorCode::kBadOption,
                     fmt::format("stored topic {} is defined twice", topic->name()));
  }
  topics_.push_back(std::move(topic));
  return absl::OkStatus();
}

SowTopic* SowCatalog::Find(std::string_view topic) const {
  const auto named = by_name_.find(topic);
  if (named != by_name_.end() && !named->second->has_pattern()) return named->second;
  for (const auto& candidate : topics_) {
    if (candidate->has_pattern() && candidate->Holds(topic)) return candidate.get();
  }
  return nullptr;
}

SowTopic* SowCatalog::FindDefined(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

std::vector<SowTopic*> SowCatalog::Matching(const TopicPattern& pattern) const {
  std::vector<SowTopic*> matching;
  for (const auto& topic : topics_) {
    if (topic->has_pattern() || pattern.Matches(topic->name())) matching.push_back(topic.get());
  }
  return matching;
}

}  // namespace fluxgate
