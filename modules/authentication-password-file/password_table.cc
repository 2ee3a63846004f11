#include "modules/authentication-password-file/password_table.h"

#include <fmt/format.h>

#include "modules/common/text.h"

namespace fluxgate::modules {
namespace {

uint64_t WorkOf(const ScryptCost& cost) {
  return (static_cast<uint64_t>(cost.block) << cost.log2_n) * static_cast<uint64_t>(cost.parallel);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const PasswordTable>> PasswordTable::Parse(std::string_view text) {
  auto table = std::make_shared<PasswordTable>();
  ScryptCost dearest;
  size_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      return Failure(fmt::format("line {}: not of the form user:hash", number));
    }
    const std::string_view user = line.substr(0, colon);
    if (const std::string wrong = WrongUserName(user); !wrong.empty()) {
      return Failure(fmt::format("line {}: {}", number, wrong));
    }
    std::string why;
    auto hash = ParsePasswordHash(line.substr(colon + 1), &why);
    if (!hash.has_value()) {
      return Failure(fmt::format("line {}: hash of user '{}': {}", number, user, why));
    }
    if (table->users_.empty() || WorkOf(hash->cost) > WorkOf(dearest)) dearest = hash->cost;
    if (!table->users_.emplace(user, *std::move(hash)).second) {
      return Failure(fmt::format("line {}: user '{}' is there twice", number, user));
    }
  }
  table->nobody_ = UnmatchableHash(dearest);
  return table;
}

std::string PasswordTable::Check(std::string_view user, std::string_view password,
                                 const Verify& verify) const {
  const auto found = users_.find(std::string(user));
  const bool known = found != users_.end();
  const bool right = verify(password, known ? found->second : nobody_);
  if (!known) return "unknown user";
  return right ? "" : "wrong password";
}

}  // namespace fluxgate::modules
