// Times as bookmarks: `20240321T220952.535075Z`, UTC, with or without fraction and Z. Source: User
// Guide, "Bookmarks".
#ifndef FLUXGATE_CORE_ENGINE_BOOKMARK_TIME_H_
#define FLUXGATE_CORE_ENGINE_BOOKMARK_TIME_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace fluxgate {

// Nanoseconds since 1970 UTC, to the microsecond; nullopt: no such time.
std::optional<int64_t> ParseBookmarkTime(std::string_view text);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_BOOKMARK_TIME_H_
