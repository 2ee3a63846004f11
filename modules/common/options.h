// The <Options> of a module and of its contexts, checked. What is wrong is reported with the
// option's name; values are repeated in messages only where they cannot be secrets (numbers, times,
// choices).
//
//   const std::string file = options.Required("File");
//   const auto timeout = options.Time("Timeout", 5s, 100ms, 60s);
//   if (!options.status().ok()) return options.status();
//
// Not thread-safe; used while a context is made.
#ifndef FLUXGATE_MODULES_COMMON_OPTIONS_H_
#define FLUXGATE_MODULES_COMMON_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "amps_module.h"
#include "modules/common/failure.h"

namespace fluxgate::modules {

struct OptionName {
  std::string_view name;
  bool repeatable = false;
};
using OptionNames = std::span<const OptionName>;

class Options {
 public:
  // Bytes of one value.
  static constexpr size_t kValueMax = 64 * 1024;

  Options() = default;
  // Fails on a name that is not among `known`, on one given twice that is not repeatable, and on a
  // value that is too long.
  static absl::StatusOr<Options> Read(amps_module_options raw, OptionNames known);

  // These, with what `over` has in place of the options of the same name.
  Options OverriddenBy(const Options& over) const;

  bool Has(std::string_view name) const;
  // Each notes the first thing that is wrong in status(), and gives back `otherwise` then.
  std::string Text(std::string_view name, std::string_view otherwise = "");
  std::string Required(std::string_view name);  // there, and not empty
  bool Flag(std::string_view name, bool otherwise);
  int64_t Number(std::string_view name, int64_t otherwise, int64_t least, int64_t most);
  // "250ms", "10s", "5m", "1h".
  std::chrono::milliseconds Time(std::string_view name, std::chrono::milliseconds otherwise,
                                 std::chrono::milliseconds least, std::chrono::milliseconds most);
  // The first choice when the option is not there.
  std::string Choice(std::string_view name, std::initializer_list<std::string_view> choices);
  std::vector<std::string> All(std::string_view name) const;

  // For what a module checks itself.
  void Wrong(std::string_view name, std::string_view why);
  const absl::Status& status() const { return status_; }

 private:
  const std::string* Find(std::string_view name) const;

  std::vector<std::pair<std::string, std::string>> values_;
  absl::Status status_;
};

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_OPTIONS_H_
