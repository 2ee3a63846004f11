#include "modules/authentication-certificate/subject_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "modules/common/text.h"

namespace fluxgate::modules {

absl::StatusOr<std::shared_ptr<const SubjectMap>> SubjectMap::Parse(std::string_view text) {
  constexpr std::string_view kArrow = " => ";
  auto map = std::make_shared<SubjectMap>();
  size_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    // The last one: a name may have an arrow in it, a user has none.
    const size_t arrow = line.rfind(kArrow);
    if (arrow == std::string_view::npos) {
      return Failure(fmt::format("line {}: not of the form NAME => user", number));
    }
    const std::string_view name = Trim(line.substr(0, arrow));
    const std::string_view user = Trim(line.substr(arrow + kArrow.size()));
    if (const std::string wrong = WrongUserName(user); !wrong.empty()) {
      return Failure(fmt::format("line {}: {}", number, wrong));
    }
    if (!map->users_.emplace(name, user).second) {
      return Failure(fmt::format("line {}: '{}' is there twice", number, name));
    }
  }
  return map;
}

std::string SubjectMap::UserOf(const std::string& name) const {
  const auto found = users_.find(name);
  return found == users_.end() ? "" : found->second;
}

}  // namespace fluxgate::modules
