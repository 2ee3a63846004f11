#include "core/module/module.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/base/quoted.h"
#include "fmt/format.h"

namespace fluxgate {
namespace {

thread_local Module* registering_module = nullptr;

// Faults of one module that are logged each; of later ones every one whose number is a power of
// two.
constexpr uint64_t kReportedEach = 64;

absl::Status LoadError(const ModuleDefinition& definition, std::string_view text) {
  return MakeError(ErrorCode::kBadOption, fmt::format("module {} ({}) {}", Quoted(definition.name),
                                                      definition.library, text));
}

std::string DynamicLinkerError() {
  const char* const text = dlerror();
  return OneLine(text == nullptr ? "" : text, 1024);
}

// Without a slash the dynamic linker would look everywhere but here.
std::string PathOf(const std::string& library) {
  return library.find('/') == std::string::npos ? "./" + library : library;
}

}  // namespace

Module::RegistrationScope::RegistrationScope(Module* module) : outer_(registering_module) {
  registering_module = module;
}

Module::RegistrationScope::~RegistrationScope() { registering_module = outer_; }

Module::Module(std::string name, std::string library, void* handle, LogFunction log)
    : name_(std::move(name)), library_(std::move(library)), handle_(handle), log_(std::move(log)) {}

absl::StatusOr<std::shared_ptr<Module>> Module::Load(const ModuleDefinition& definition,
                                                     LogFunction log) {
  const std::unique_ptr<char, decltype(&free)> path(
      realpath(PathOf(definition.library).c_str(), nullptr), &free);
  if (path == nullptr) {
    return LoadError(definition, fmt::format("cannot be found: {}", strerror(errno)));
  }
  // Everything is resolved now, so that nothing is found missing later; nothing of it is visible to
  // other modules.
  void* const handle = dlopen(path.get(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return LoadError(definition, fmt::format("cannot be loaded: {}", DynamicLinkerError()));
  }
  std::shared_ptr<Module> module(new Module(definition.name, path.get(), handle, std::move(log)));
  if (absl::Status status = module->Check(); !status.ok()) return status;
  if (absl::Status status = module->Initialize(definition.options); !status.ok()) return status;
  return module;
}

absl::Status Module::Check() {
  const auto version = EntryPoint<int()>("amps_module_abi_version");
  if (!version.ok()) {
    return Error("does not define amps_module_abi_version: it was not built with amps_module.h");
  }
  const int found = Call("amps_module_abi_version", -1, [&] { return (*version)(); });
  if (found / 1000 != AMPS_MODULE_ABI_MAJOR || found % 1000 > AMPS_MODULE_ABI_MINOR || found < 0) {
    return Error(fmt::format(
        "was built for version {}.{} of the module headers (amps_module_abi_version), this "
        "server has {}.{}",
        found / 1000, found % 1000, AMPS_MODULE_ABI_MAJOR, AMPS_MODULE_ABI_MINOR));
  }
  if (const auto init = EntryPoint<decltype(amps_module_init)>("amps_module_init"); !init.ok()) {
    return init.status();
  }
  return EntryPoint<decltype(amps_module_terminate)>("amps_module_terminate").status();
}

absl::Status Module::Initialize(const ModuleOptions& options) {
  logger_ = ModuleLogger::Take(name_, log_);
  if (logger_ == nullptr) {
    return Error(fmt::format("is one too many: at most {} modules can be loaded", kModulesMax));
  }
  const auto init = EntryPoint<decltype(amps_module_init)>("amps_module_init");
  const auto terminate = EntryPoint<decltype(amps_module_terminate)>("amps_module_terminate");
  const OptionArray array(options);
  init_called_ = true;
  const int result = CallWithRegistration("amps_module_init", int{AMPS_FAILURE}, [&] {
    return (*init)(array.get(), logger_->function(), &AllocateForModule);
  });
  if (result != AMPS_SUCCESS) {
    return Error("failed to initialize (amps_module_init); what it logged says why");
  }
  terminate_ = *terminate;
  return absl::OkStatus();
}

Module::~Module() {
  if (terminate_ != nullptr) CallVoid("amps_module_terminate", [this] { terminate_(); });
  if (!init_called_) dlclose(handle_);
}

void* Module::Find(const char* symbol) const {
  void* const address = dlsym(handle_, symbol);
  if (address == nullptr) return nullptr;
  link_map* own = nullptr;
  if (dlinfo(handle_, RTLD_DI_LINKMAP, &own) != 0) return nullptr;
  Dl_info info;
  link_map* owner = nullptr;
  if (dladdr1(address, &info, reinterpret_cast<void**>(&owner), RTLD_DL_LINKMAP) == 0 ||
      owner != own) {
    return nullptr;
  }
  // A variable of that name must not be called.
  const ElfW(Sym)* entry = nullptr;
  if (dladdr1(address, &info, const_cast<void**>(reinterpret_cast<const void**>(&entry)),
              RTLD_DL_SYMENT) != 0 &&
      entry != nullptr && ELF64_ST_TYPE(entry->st_info) == STT_OBJECT) {
    return nullptr;
  }
  return address;
}

std::optional<OwnedText> Module::TakeText(const char* function, const char* what, char* text,
                                          size_t bytes_max) const {
  OwnedText owned;
  const OwnedText::Fault fault = OwnedText::TakeText(text, bytes_max, owned);
  if (fault == OwnedText::Fault::kNone) return owned;
  ReportFault(fault, function, what);
  return std::nullopt;
}

std::optional<OwnedText> Module::TakeBytes(const char* function, const char* what, char* bytes,
                                           size_t size, size_t bytes_max) const {
  OwnedText owned;
  const OwnedText::Fault fault = OwnedText::TakeBytes(bytes, size, bytes_max, owned);
  if (fault == OwnedText::Fault::kNone) return owned;
  ReportFault(fault, function, what);
  return std::nullopt;
}

void Module::ReportFault(OwnedText::Fault fault, const char* function, const char* what) const {
  const char* const reason =
      fault == OwnedText::Fault::kForeign    ? "that does not come from the allocator it was given"
      : fault == OwnedText::Fault::kTooShort ? "that ends before its text does"
                                             : "that is over the limit";
  Report(function, fmt::format("gave back a {} {}; it is not used", what, reason));
}

void Module::ReportException(const char* function, const char* text) const {
  Report(function, fmt::format("was left by an exception, which counts as a failure: {}", text));
}

void Module::Report(const char* function, std::string_view what) const {
  const uint64_t number = reports_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (number > kReportedEach && (number & (number - 1)) != 0) return;
  Log(amps_module_log_level_error,
      fmt::format("{} {} (fault {} of this module)", function, what, number));
}

void Module::Log(amps_module_log_level level, std::string_view text) const {
  LogModuleLine(log_, level, name_, text);
}

absl::Status Module::Error(std::string_view text) const {
  return MakeError(ErrorCode::kBadOption,
                   fmt::format("module {} ({}) {}", Quoted(name_), library_, text));
}

bool Module::RegisterStartupFunction(amps_startup_function function, void* user_data) {
  static std::atomic<uint64_t> sequence = 0;
  Module* const module = registering_module;
  if (module == nullptr || function == nullptr) return false;
  const std::lock_guard lock(module->startup_mutex_);
  if (module->startup_closed_) return false;
  if (module->startup_functions_.size() >= kStartupFunctionsMax) return false;
  module->startup_functions_.push_back({++sequence, function, user_data});
  return true;
}

std::vector<StartupFunction> Module::CloseStartupFunctions() {
  const std::lock_guard lock(startup_mutex_);
  startup_closed_ = true;
  return std::exchange(startup_functions_, {});
}

}  // namespace fluxgate
