#include "core/engine/bookmark_time.h"

#include <cmath>

#include "core/filter/functions/time_text.h"

namespace fluxgate {

std::optional<int64_t> ParseBookmarkTime(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  constexpr size_t kWholeBytes = 15;  // 20240321T220952
  if (text.size() < kWholeBytes || (text.size() > kWholeBytes && text[kWholeBytes] != '.')) {
    return std::nullopt;
  }
  const std::optional<double> seconds = ReadTime(text.substr(0, kWholeBytes), "%Y%m%dT%H%M%S");
  if (!seconds.has_value() || std::abs(*seconds) > 9e9) return std::nullopt;
  int64_t ns = static_cast<int64_t>(*seconds) * 1'000'000'000;
  int64_t unit = 100'000'000;
  if (text.size() == kWholeBytes + 1) return std::nullopt;
  for (size_t i = kWholeBytes + 1; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9' || unit == 0) return std::nullopt;
    ns += (text[i] - '0') * unit;
    unit /= 10;
  }
  return ns;
}

}  // namespace fluxgate
