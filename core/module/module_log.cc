#include "core/module/module_log.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "core/base/quoted.h"
#include "core/module/raw_number.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

struct Slot {
  std::shared_mutex mutex;  // shared by writers of lines
  bool taken = false;
  uint64_t released = 0;  // the slot that has been free for longest is taken first
  std::string name;
  LogFunction log;
};

struct Slots {
  std::mutex mutex;  // of taken and released
  uint64_t releases = 0;
  std::array<Slot, kModulesMax> all;
};

// Never destroyed: threads of modules may log until the process is gone.
Slots& AllSlots() {
  static Slots& slots = *new Slots;
  return slots;
}

void Write(size_t index, int level, const char* message) noexcept {
  Slot& slot = AllSlots().all[index];
  const std::shared_lock lock(slot.mutex);
  if (!slot.log) return;
  // A module may hand over any number.
  const auto known = static_cast<amps_module_log_level>(
      std::clamp<int>(level, amps_module_log_level_developer, amps_module_log_level_emergency));
  LogModuleLine(slot.log, known, slot.name, message == nullptr ? std::string_view() : message);
}

template <size_t kSlot>
void WriteOf(amps_module_log_level level, const char* message) {
  Write(kSlot, RawNumber(level), message);
}

template <size_t... kSlot>
constexpr std::array<amps_module_logger, sizeof...(kSlot)> Writers(std::index_sequence<kSlot...>) {
  return {&WriteOf<kSlot>...};
}

constexpr std::array<amps_module_logger, kModulesMax> kWriters =
    Writers(std::make_index_sequence<kModulesMax>());

}  // namespace

void LogModuleLine(const LogFunction& log, amps_module_log_level level, std::string_view name,
                   std::string_view text) {
  if (!log) return;
  log(level, fmt::format("module {}: {}", name, OneLine(text, kModuleLogLineBytesMax)));
}

std::unique_ptr<ModuleLogger> ModuleLogger::Take(std::string_view name, LogFunction log) {
  Slots& slots = AllSlots();
  const std::lock_guard lock(slots.mutex);
  size_t best = kModulesMax;
  for (size_t i = 0; i < kModulesMax; ++i) {
    if (slots.all[i].taken) continue;
    if (best == kModulesMax || slots.all[i].released < slots.all[best].released) best = i;
  }
  if (best == kModulesMax) return nullptr;
  Slot& slot = slots.all[best];
  slot.taken = true;
  const std::unique_lock slot_lock(slot.mutex);
  slot.name = name;
  slot.log = std::move(log);
  return std::unique_ptr<ModuleLogger>(new ModuleLogger(best));
}

ModuleLogger::~ModuleLogger() {
  Slots& slots = AllSlots();
  const std::lock_guard lock(slots.mutex);
  Slot& slot = slots.all[slot_];
  {
    const std::unique_lock slot_lock(slot.mutex);
    slot.log = nullptr;
    slot.name.clear();
  }
  slot.taken = false;
  slot.released = ++slots.releases;
}

amps_module_logger ModuleLogger::function() const { return kWriters[slot_]; }

}  // namespace fluxgate
