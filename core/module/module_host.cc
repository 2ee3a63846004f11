#include "core/module/module_host.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/quoted.h"
#include "core/module/unique_symbols.h"
#include "fmt/format.h"

namespace fluxgate {

absl::Status ModuleHost::Load(std::span<const ModuleDefinition> definitions) {
  for (const ModuleDefinition& definition : definitions) {
    if (absl::Status status = LoadOne(definition); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ModuleHost::LoadOne(const ModuleDefinition& definition) {
  struct stat file = {};
  // A file that is not there is Module::Load's to report.
  const bool exists = stat(definition.library.c_str(), &file) == 0;
  for (const Loaded& other : modules_) {
    if (other.module->name() == definition.name) {
      return MakeError(ErrorCode::kBadOption,
                       fmt::format("there are two modules {}", Quoted(definition.name)));
    }
    if (exists && other.device == file.st_dev && other.inode == file.st_ino) {
      return MakeError(
          ErrorCode::kBadOption,
          fmt::format("modules {} and {} are the same file {}; a file is one module, which may be "
                      "used in several places",
                      Quoted(other.module->name()), Quoted(definition.name), definition.library));
    }
  }
  absl::StatusOr<std::shared_ptr<Module>> module = Module::Load(definition, log_);
  if (!module.ok()) return module.status();
  Loaded loaded{*std::move(module), file.st_dev, file.st_ino, {}};
  loaded.unique_symbols = UniqueSymbols(loaded.module->library());
  WarnOfSharedSymbols(loaded);
  modules_.push_back(std::move(loaded));
  return absl::OkStatus();
}

void ModuleHost::WarnOfSharedSymbols(const Loaded& loaded) const {
  for (const Loaded& other : modules_) {
    for (const std::string& symbol : loaded.unique_symbols) {
      if (!other.unique_symbols.contains(symbol)) continue;
      loaded.module->Log(
          amps_module_log_level_warning,
          fmt::format("and module {} have the variable {} in common; build them with "
                      "-fvisibility=hidden or -fno-gnu-unique to give each its own",
                      other.module->name(), symbol));
      break;  // one is enough to say what to do
    }
  }
}

absl::StatusOr<std::shared_ptr<Module>> ModuleHost::Find(std::string_view name) const {
  for (const Loaded& loaded : modules_) {
    if (loaded.module->name() == name) return loaded.module;
  }
  return MakeError(ErrorCode::kBadOption, fmt::format("there is no module {}", Quoted(name)));
}

absl::Status ModuleHost::RunStartupFunctions() {
  std::vector<std::pair<StartupFunction, const Module*>> functions;
  for (const Loaded& loaded : modules_) {
    for (const StartupFunction& function : loaded.module->CloseStartupFunctions()) {
      functions.emplace_back(function, loaded.module.get());
    }
  }
  std::sort(functions.begin(), functions.end(),
            [](const auto& a, const auto& b) { return a.first.sequence < b.first.sequence; });
  for (const auto& entry : functions) {
    const StartupFunction& function = entry.first;
    const Module* const module = entry.second;
    const int result = module->Call("a startup function", int{AMPS_FAILURE},
                                    [&] { return function.function(function.user_data); });
    if (result != AMPS_SUCCESS) return module->Error("failed in a startup function");
  }
  return absl::OkStatus();
}

ModuleHost::~ModuleHost() {
  while (!modules_.empty()) {
    const std::shared_ptr<Module> last = std::move(modules_.back().module);
    modules_.pop_back();
    if (last.use_count() > 1) {
      last->Log(amps_module_log_level_warning, "is still in use and ends later");
    }
  }
}

}  // namespace fluxgate
