// One loaded module: a shared object, checked, initialized, called and ended as the server module
// document says. Held by whoever calls it; its end comes with the last holder, so after all
// contexts.
//
// Once its init has been called the shared object stays mapped for the life of the process: threads
// and thread-local data of the libraries that it uses may outlive it. So nothing that was a
// module's is ever a pointer to nowhere.
//
// Source: the server module document, "Module Load and Initialization"; modules/sdk.
#ifndef FLUXGATE_CORE_MODULE_MODULE_H_
#define FLUXGATE_CORE_MODULE_MODULE_H_

#include <cxxabi.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "amps_api.h"
#include "core/base/thread_activity.h"
#include "core/module/module_log.h"
#include "core/module/module_memory.h"
#include "core/module/option_array.h"

namespace fluxgate {

struct ModuleDefinition {
  std::string name;
  std::string library;  // a path; without a slash: in the working directory
  ModuleOptions options;
};

// Startup functions that one module may register.
inline constexpr size_t kStartupFunctionsMax = 64;

struct StartupFunction {
  uint64_t sequence;  // in the order of registration, over all modules
  amps_startup_function function;
  void* user_data;
};

class Module {
 public:
  // Loads the shared object, checks its version and entry points and calls amps_module_init. One
  // thread at a time. Every error says which module, which file, and which symbol or why.
  static absl::StatusOr<std::shared_ptr<Module>> Load(const ModuleDefinition& definition,
                                                      LogFunction log);
  // Calls amps_module_terminate.
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  const std::string& name() const { return name_; }
  const std::string& library() const { return library_; }

  // Whether this very file defines the symbol; what it is linked to does not count.
  bool Has(const char* symbol) const { return Find(symbol) != nullptr; }
  // F: a function type. kBadOption when this file does not define it.
  template <class F>
  absl::StatusOr<F*> EntryPoint(const char* symbol) const {
    void* const address = Find(symbol);
    if (address == nullptr) return Error(std::string("does not define ") + symbol);
    return reinterpret_cast<F*>(address);
  }

  // Runs `call`, which calls the module's `function` (a literal, or KeptText). Any thread.
  // What leaves it as an exception is logged, and `fallback` returned.
  template <class R, class F>
  R Call(const char* function, R fallback, F&& call) const {
    const ActivityScope activity(function, name_);
    try {
      return call();
    } catch (abi::__forced_unwind&) {  // the thread is being cancelled; may not be swallowed
      throw;
    } catch (const std::exception& exception) {
      ReportException(function, exception.what());
    } catch (...) {
      ReportException(function, "of a type that is not a std::exception");
    }
    return fallback;
  }
  template <class F>
  void CallVoid(const char* function, F&& call) const {
    Call(function, 0, [&call] {
      call();
      return 0;
    });
  }
  // As Call, where the module may register startup functions: its init and the creation of its
  // contexts.
  template <class R, class F>
  R CallWithRegistration(const char* function, R fallback, F&& call) {
    const RegistrationScope scope(this);
    return Call(function, std::move(fallback), std::forward<F>(call));
  }

  // What `function` gave back as `what` ("user_id"). Nothing: a fault, which has been logged.
  std::optional<OwnedText> TakeText(const char* function, const char* what, char* text,
                                    size_t bytes_max) const;
  std::optional<OwnedText> TakeBytes(const char* function, const char* what, char* bytes,
                                     size_t size, size_t bytes_max) const;

  // `function` of the module "did something wrong". Any thread; a module that does so for every
  // message does not fill the log.
  void Report(const char* function, std::string_view what) const;
  void Log(amps_module_log_level level, std::string_view text) const;
  // kBadOption: "module 'name' (file) " and the text.
  absl::Status Error(std::string_view text) const;

  // Any thread. False: nothing may be registered now, or kStartupFunctionsMax are.
  static bool RegisterStartupFunction(amps_startup_function function, void* user_data);
  // Those that were registered; none can be from now on.
  std::vector<StartupFunction> CloseStartupFunctions();

 private:
  // The calling thread is where this module may register startup functions.
  class RegistrationScope {
   public:
    explicit RegistrationScope(Module* module);
    ~RegistrationScope();

   private:
    Module* const outer_;
  };

  Module(std::string name, std::string library, void* handle, LogFunction log);

  absl::Status Check();
  absl::Status Initialize(const ModuleOptions& options);
  void* Find(const char* symbol) const;
  void ReportException(const char* function, const char* text) const;
  void ReportFault(OwnedText::Fault fault, const char* function, const char* what) const;

  const std::string name_;
  const std::string library_;
  void* const handle_;
  const LogFunction log_;
  std::unique_ptr<ModuleLogger> logger_;
  bool init_called_ = false;
  void (*terminate_)() = nullptr;  // set once initialized
  mutable std::atomic<uint64_t> reports_ = 0;

  std::mutex startup_mutex_;
  bool startup_closed_ = false;
  std::vector<StartupFunction> startup_functions_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_MODULE_H_
