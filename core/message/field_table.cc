#include "core/message/field_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"

namespace fluxgate {

absl::StatusOr<FieldSlot> FieldTable::Acquire(const FieldPath& path) {
  std::string key = path.ToString();
  if (const auto it = by_path_.find(key); it != by_path_.end()) {
    ++fields_[it->second].uses;
    return it->second;
  }
  if (in_use() >= fields_max_) {
    return MakeError(ErrorCode::kQuotaExceeded,
                     fmt::format("filters use more than {} different fields", fields_max_));
  }
  if (absl::Status status = CheckSubscripts(path); !status.ok()) return status;
  CountSubscripts(path, 1);
  FieldSlot slot;
  if (free_.empty()) {
    slot = slot_end();
    fields_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  fields_[slot] = {path, 1};
  by_path_.emplace(std::move(key), slot);
  return slot;
}

void FieldTable::Release(FieldSlot slot) {
  Field& field = fields_[slot];
  if (--field.uses > 0) return;
  by_path_.erase(field.path.ToString());
  CountSubscripts(field.path, -1);
  field.path = {};
  free_.push_back(slot);
}

absl::Status FieldTable::CheckSubscripts(const FieldPath& path) const {
  const SubscriptUses none;
  const SubscriptUses* uses = &none;
  if (!path.steps.empty()) {
    const auto found = subscripts_.find(path.steps[0].name);
    if (found != subscripts_.end()) uses = &found->second;
  }
  bool any = false;
  size_t combinations = 1;
  for (size_t level = 0; level < std::max(uses->size(), path.steps.size()); ++level) {
    size_t count = level < uses->size() ? (*uses)[level].size() : 0;
    const int32_t index = level < path.steps.size() ? path.steps[level].index : FieldStep::kEvery;
    if (index >= 0) {
      any = true;
      if (level >= kSubscriptLevelMax) {
        return MakeError(ErrorCode::kQuotaExceeded,
                         fmt::format("a subscript stands behind the first {} names of a field",
                                     kSubscriptLevelMax));
      }
      if (level >= uses->size() || !(*uses)[level].contains(index)) ++count;
    }
    combinations = std::min(combinations * (1 + count), kSubscriptCombinationsMax + 1);
  }
  if (!any || combinations <= kSubscriptCombinationsMax) return absl::OkStatus();
  return MakeError(ErrorCode::kQuotaExceeded,
                   fmt::format("filters use more than {} combinations of subscripts on fields "
                               "that begin alike",
                               kSubscriptCombinationsMax));
}

void FieldTable::CountSubscripts(const FieldPath& path, int change) {
  for (size_t level = 0; level < path.steps.size(); ++level) {
    const int32_t index = path.steps[level].index;
    if (index < 0) continue;
    SubscriptUses& uses = subscripts_[path.steps[0].name];
    if (uses.size() <= level) uses.resize(level + 1);
    const auto use = uses[level].try_emplace(index, 0).first;
    use->second += static_cast<uint32_t>(change);
    if (use->second == 0) uses[level].erase(use);
    const bool all_gone =
        std::all_of(uses.begin(), uses.end(), [](const auto& one) { return one.empty(); });
    if (all_gone) subscripts_.erase(path.steps[0].name);
  }
}

}  // namespace fluxgate
