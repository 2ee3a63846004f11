// Steps that work on files, on the helper thread.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "core/base/error.h"
#include "core/base/thread_activity.h"
#include "gateway/actions/action_services.h"
#include "gateway/actions/built_in_actions.h"
#include "gateway/actions/managed_files.h"
#include "gateway/actions/option_reader.h"

namespace fluxgate {
namespace {

class DoRotateLogs final : public ActionStep {
 public:
  Place place() const override { return Place::kHelper; }
  absl::Status Run(ActionContext& context) override {
    return context.services().control().rotate_logs();
  }
};

class DoFiles final : public ActionStep {
 public:
  enum class What : uint8_t { kCompress, kRemove };

  DoFiles(What what, std::string pattern, uint64_t age_ns)
      : what_(what), pattern_(std::move(pattern)), age_ns_(age_ns) {}

  Place place() const override { return Place::kHelper; }

  absl::Status Run(ActionContext& context) override {
    const auto pattern = context.Expand(pattern_);
    if (!pattern.ok()) return pattern.status();
    ActionServices& services = context.services();
    const int64_t older_than_ns = services.clock().WallNs() - static_cast<int64_t>(age_ns_);
    const auto files = FindFiles(services.directories(), *pattern, older_than_ns);
    if (!files.ok()) return files.status();
    size_t done = 0;
    absl::Status status;
    for (const std::string& name : files->names) {
      if (services.stopping()) break;
      ThreadActivity::Ping();
      if (what_ == What::kRemove) {
        status = RemoveFile(files->directory, name);
      } else if (!name.ends_with(".gz")) {
        status = CompressFile(files->directory, name, [&] {
          ThreadActivity::Ping();
          return services.stopping();
        });
      } else {
        continue;
      }
      if (!status.ok()) break;
      ++done;
    }
    if (done > 0) {
      spdlog::info("{} files {} in {}", done, what_ == What::kRemove ? "removed" : "compressed",
                   files->path);
    }
    if (!status.ok()) return status;
    return context.Set("AMPS_FILES", fmt::format("{}", done));
  }

 private:
  const What what_;
  const std::string pattern_;
  const uint64_t age_ns_;
};

StepPtr Make(DoFiles::What what, OptionReader& options) {
  if (options.config().action_directories.empty()) {
    options.Fail("", "needs a Directory in Actions, below which it may touch files");
  }
  std::string pattern = options.Required("Pattern");
  // Without variables it can be told at once.
  if (!pattern.empty() && pattern.front() != '/' && !pattern.starts_with("{{")) {
    options.Fail("Pattern", "is no absolute path", "/directory/name, the name with * ? []");
  }
  // Files are removed by age only, so that a pattern that fits too much does less harm.
  if (what == DoFiles::What::kRemove && !options.Has("Age")) {
    options.Fail("", "needs the option Age");
  }
  return std::make_unique<DoFiles>(what, std::move(pattern), options.Interval("Age", 0, 0));
}

}  // namespace

StepPtr MakeDoRotateLogs(OptionReader&) { return std::make_unique<DoRotateLogs>(); }
StepPtr MakeDoCompressFiles(OptionReader& options) {
  return Make(DoFiles::What::kCompress, options);
}
StepPtr MakeDoRemoveFiles(OptionReader& options) { return Make(DoFiles::What::kRemove, options); }

}  // namespace fluxgate
