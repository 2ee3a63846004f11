// Owns the modules of one server: loads them in the order of the configuration, runs what they have
// registered for the start, and ends them in the opposite order. One thread, but where said.
#ifndef FLUXGATE_CORE_MODULE_MODULE_HOST_H_
#define FLUXGATE_CORE_MODULE_MODULE_HOST_H_

#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/module/module.h"

namespace fluxgate {

class ModuleHost {
 public:
  explicit ModuleHost(LogFunction log) : log_(std::move(log)) {}
  // Everything that holds a context or a module of this host goes first: a module that is still
  // held ends with its last holder, and is logged here.
  ~ModuleHost();
  ModuleHost(const ModuleHost&) = delete;
  ModuleHost& operator=(const ModuleHost&) = delete;

  // After an error those before it are loaded; the server does not start.
  absl::Status Load(std::span<const ModuleDefinition> definitions);

  // Any thread once loaded. kBadOption: no module has that name.
  absl::StatusOr<std::shared_ptr<Module>> Find(std::string_view name) const;

  // Once, on a worker thread, when everything accepts: all startup functions in the order in which
  // they were registered. None can be registered afterwards. The first that fails ends it.
  absl::Status RunStartupFunctions();

 private:
  struct Loaded {
    std::shared_ptr<Module> module;
    uint64_t device;
    uint64_t inode;
    std::set<std::string> unique_symbols;
  };

  absl::Status LoadOne(const ModuleDefinition& definition);
  // Logs it when two modules share a variable without wanting to (unique_symbols.h).
  void WarnOfSharedSymbols(const Loaded& loaded) const;

  const LogFunction log_;
  std::vector<Loaded> modules_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_MODULE_HOST_H_
