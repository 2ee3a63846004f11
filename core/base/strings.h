// The project's string view is std::string_view. Debian's Abseil was built with a view type of
// its own that does not convert; ToAbsl is the one adapter, StringMap the one map keyed by text.
#ifndef FLUXGATE_CORE_BASE_STRINGS_H_
#define FLUXGATE_CORE_BASE_STRINGS_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace fluxgate {

inline absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view ToStd(absl::string_view s) { return {s.data(), s.size()}; }

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view s) const { return absl::Hash<absl::string_view>{}(ToAbsl(s)); }
};

// Keyed by std::string, looked up by std::string_view without a copy.
template <typename V>
using StringMap = absl::flat_hash_map<std::string, V, StringHash, std::equal_to<>>;
using StringSet = absl::flat_hash_set<std::string, StringHash, std::equal_to<>>;

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_STRINGS_H_
