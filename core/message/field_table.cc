#include "core/message/field_table.h"

#include <fmt/format.h>

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
  for (size_t step = kSubscriptLevelMax; step < path.steps.size(); ++step) {
    if (path.steps[step].index >= 0) {
      return MakeError(ErrorCode::kQuotaExceeded,
                       fmt::format("field {} has a subscript behind its first {} names", key,
                                   kSubscriptLevelMax));
    }
  }
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
  field.path = {};
  free_.push_back(slot);
}

}  // namespace fluxgate
