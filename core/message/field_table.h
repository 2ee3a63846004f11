// Field paths that filters use, numbered. A slot is the index of a field in the value array of one
// evaluation; slots are shared by all filters of one message type and counted, so that a field
// nobody uses any more frees its slot. Reactor thread only.
#ifndef FLUXGATE_CORE_MESSAGE_FIELD_TABLE_H_
#define FLUXGATE_CORE_MESSAGE_FIELD_TABLE_H_

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/strings.h"
#include "core/message/field_path.h"

namespace fluxgate {

using FieldSlot = uint32_t;

class FieldTable {
 public:
  explicit FieldTable(uint32_t fields_max = 4096) : fields_max_(fields_max) {}

  // Subscripts may stand in the first names of a path only, ...
  static constexpr size_t kSubscriptLevelMax = 8;
  // ... and of all paths that begin with the same name, the subscripts of one level, and one, times
  // those of the next, and so on, may be this many: an extractor keeps a node for each combination.
  static constexpr size_t kSubscriptCombinationsMax = 128;

  // The slot of `path`, one use more. kQuotaExceeded when `fields_max` fields are in use, and for
  // subscripts beyond the limits above.
  absl::StatusOr<FieldSlot> Acquire(const FieldPath& path);
  void Release(FieldSlot slot);

  const FieldPath& path(FieldSlot slot) const { return fields_[slot].path; }
  // Every slot in use is below this: the size a value array must have.
  uint32_t slot_end() const { return static_cast<uint32_t>(fields_.size()); }
  uint32_t in_use() const { return static_cast<uint32_t>(by_path_.size()); }

 private:
  struct Field {
    FieldPath path;
    uint32_t uses = 0;
  };
  // How many fields in use have a subscript, by level and subscript.
  using SubscriptUses = std::vector<std::map<int32_t, uint32_t>>;

  absl::Status CheckSubscripts(const FieldPath& path) const;
  void CountSubscripts(const FieldPath& path, int change);

  uint32_t fields_max_;
  std::vector<Field> fields_;
  std::vector<FieldSlot> free_;
  StringMap<FieldSlot> by_path_;
  StringMap<SubscriptUses> subscripts_;  // by the first name of the paths
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_FIELD_TABLE_H_
