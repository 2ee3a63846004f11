// SOW keys: what makes two messages the same record. Computed ones are a hash of the key domain and
// the key fields, opaque to clients, shown as decimal digits; a publisher's own are text. Source:
// public User Guide, "SOW Keys".
#ifndef FLUXGATE_CORE_SOW_SOW_KEY_H_
#define FLUXGATE_CORE_SOW_SOW_KEY_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "core/message/field_table.h"
#include "core/message/value.h"
#include "core/sow/record.h"

namespace fluxgate {

// Longest key that a publisher may give.
inline constexpr size_t kSowKeyBytesMax = 256;

// The key of a message with these key fields; nullopt when all of them are NULL. 1, 1.0 and '1' are
// the same. `scratch` is overwritten.
std::optional<uint64_t> ComputeSowKey(std::string_view domain, std::span<const FieldSlot> slots,
                                      std::span<const Value> values, std::string& scratch);

// kBadCommand unless `text` is 1 to kSowKeyBytesMax letters, digits and `+/=-_.`.
absl::Status CheckPublisherKey(std::string_view text);
// `domain`: what such keys are distinct in beside themselves; may be empty.
uint64_t HashPublisherKey(std::string_view domain, std::string_view text);

// The key a decimal text stands for; nullopt: none.
std::optional<uint64_t> ParseComputedKey(std::string_view text);

struct SowKeyBuffer {
  char bytes[24];
};
// As clients see it.
std::string_view SowKeyText(const Record& record, SowKeyBuffer& buffer);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_KEY_H_
