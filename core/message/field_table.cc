#include "core/message/field_table.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/error.h"

namespace fluxgate {
namespace {

// Steps may hold any byte, so their lengths keep two different paths apart.
std::string KeyOf(const FieldPath& path) {
  std::string key;
  for (const std::string& step : path.steps) {
    const auto size = static_cast<uint32_t>(step.size());
    for (int shift = 0; shift < 32; shift += 8) key += static_cast<char>(size >> shift);
    key += step;
  }
  return key;
}

}  // namespace

std::string FieldPath::ToString() const {
  std::string text;
  for (const std::string& step : steps) {
    text += '/';
    text += step;
  }
  return text;
}

absl::StatusOr<FieldSlot> FieldTable::Acquire(const FieldPath& path) {
  std::string key = KeyOf(path);
  if (const auto it = by_path_.find(key); it != by_path_.end()) {
    ++fields_[it->second].uses;
    return it->second;
  }
  if (in_use() >= fields_max_) {
    return MakeError(ErrorCode::kQuotaExceeded,
                     fmt::format("filters use more than {} different fields", fields_max_));
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
  by_path_.erase(KeyOf(field.path));
  field.path.steps.clear();
  free_.push_back(slot);
}

}  // namespace fluxgate
