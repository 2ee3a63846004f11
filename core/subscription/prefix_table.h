// The beginnings of texts that filters on one field are filed under. A message's text is cut at
// every length that occurs, and each piece looked up. Reactor thread only.
#ifndef FLUXGATE_CORE_SUBSCRIPTION_PREFIX_TABLE_H_
#define FLUXGATE_CORE_SUBSCRIPTION_PREFIX_TABLE_H_

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "core/subscription/constant_table.h"
#include "core/subscription/value_dictionary.h"

namespace fluxgate {

class PrefixTable {
 public:
  // Longer ones are filed under this much of them. Bounds the look-ups of a message.
  static constexpr size_t kBytesMax = 16;
  static std::string_view Cut(std::string_view prefix) { return prefix.substr(0, kBytesMax); }

  PrefixTable() = default;
  ~PrefixTable() = default;  // all have been released
  PrefixTable(const PrefixTable&) = delete;
  PrefixTable& operator=(const PrefixTable&) = delete;

  // `prefix` has been cut and is not empty. `now`: messages so far.
  Constant* Acquire(std::string_view prefix, uint64_t now);
  void Release(std::string_view prefix);
  Constant* Find(std::string_view prefix) const;  // null: not there

  // Calls `found` for every prefix that `text` begins with.
  template <typename Found>
  void ForEachOf(std::string_view text, Found found) const {
    for (uint32_t rest = lengths_; rest != 0; rest &= rest - 1) {
      const auto length = static_cast<size_t>(std::countr_zero(rest));
      if (length > text.size()) return;
      if (Constant* constant = Find(text.substr(0, length))) found(*constant);
    }
  }

  size_t size() const { return table_.size(); }
  size_t memory_bytes() const { return table_.memory_bytes() + constant_bytes_; }

 private:
  ConstantTable table_;
  std::array<uint32_t, kBytesMax + 1> of_length_{};  // by length, how many
  uint32_t lengths_ = 0;                             // those of which there are some, as bits
  size_t constant_bytes_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SUBSCRIPTION_PREFIX_TABLE_H_
