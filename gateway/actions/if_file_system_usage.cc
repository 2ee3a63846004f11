// amps-action-if-file-system-usage: how full a file system is.
#include <fmt/format.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/error.h"
#include "core/base/units.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/option_reader.h"

namespace fluxgate {
namespace {

class IfFileSystemUsage final : public ActionCondition {
 public:
  IfFileSystemUsage(std::string path, uint64_t percent, bool above)
      : path_(std::move(path)), percent_(percent), above_(above) {}

  absl::StatusOr<bool> Holds(ActionContext& context) override {
    struct statvfs info;
    if (statvfs(path_.c_str(), &info) != 0) {
      return MakeError(ErrorCode::kStorageFailed,
                       fmt::format("cannot look at {}: {}", path_, std::strerror(errno)));
    }
    // As df counts: what is kept for the administrator is neither used nor free.
    const uint64_t used = info.f_blocks - info.f_bfree;
    const uint64_t all = used + info.f_bavail;
    const uint64_t percent = all == 0 ? 0 : (used * 100 + all - 1) / all;
    const absl::Status status = context.Set("AMPS_FILE_SYSTEM_USAGE", fmt::format("{}", percent));
    if (!status.ok()) return status;
    return above_ ? percent > percent_ : percent < percent_;
  }

 private:
  const std::string path_;
  const uint64_t percent_;
  const bool above_;
};

}  // namespace

ConditionPtr MakeIfFileSystemUsage(OptionReader& options) {
  std::string path = options.Required("Path");
  const bool above = options.Has("GreaterThan");
  const std::string_view name = above ? "GreaterThan" : "LessThan";
  if (above == options.Has("LessThan")) {
    options.Optional("GreaterThan");
    options.Optional("LessThan");
    options.Fail("", "needs one of the options GreaterThan and LessThan");
    return nullptr;
  }
  options.Optional(above ? "LessThan" : "GreaterThan");
  const auto percent = ParsePercent(options.Required(name));
  if (!percent.ok() || *percent > 100) options.Fail(name, "is no share", "0% to 100%");
  return std::make_unique<IfFileSystemUsage>(std::move(path), percent.ok() ? *percent : 0, above);
}

}  // namespace fluxgate
