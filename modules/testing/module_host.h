// Plays the server for one shipped module: loads the shared object, calls its entry points,
// collects its log, and checks that what it hands back is of the server's allocator. For tests; the
// calls of a context may come from any thread, everything else from the test's.
#ifndef FLUXGATE_MODULES_TESTING_MODULE_HOST_H_
#define FLUXGATE_MODULES_TESTING_MODULE_HOST_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#define AMPS_MODULE_HOST
#include "amps_authentication_module.h"
#include "amps_authenticator_module.h"
#include "amps_entitlement_module.h"
#include "amps_module.h"

namespace fluxgate::modules::testing {

using OptionList = std::vector<std::pair<std::string, std::string>>;

struct TestLogin {
  std::string user = {};
  std::string password = {};
  std::string method = "password";
  std::string certificate_subject = {};
  std::string certificate_common_name = {};
  std::string certificate_pem = {};
};

struct TestQuestion {
  std::string user = {};
  amps_resource_type type = amps_resource_topic;
  std::string resource = {};
  amps_access access = amps_access_read;
};

struct TestLogon {
  std::string address = "127.0.0.1:9007";
  std::string user = {};
  std::string challenge = {};
  unsigned attempt = 1;
};

// What came back; nothing for a NULL.
struct Reply {
  int code = AMPS_FAILURE;
  std::optional<std::string> user;
  std::optional<std::string> password;
  std::optional<std::string> filter;
  std::optional<std::string> select;
  std::string reason;
  int64_t expires_at = 0;
  unsigned ask_again_s = 0;
  bool ok() const { return code == AMPS_SUCCESS; }
};

class ModuleHost;

// A context; destroyed with this object. Null when the module made none.
class Context {
 public:
  Context(const ModuleHost* host, void* context, void (*destroy)(void*))
      : host_(host), context_(context), destroy_(destroy) {}
  ~Context();
  Context(Context&& other) noexcept;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  bool made() const { return context_ != nullptr; }
  Reply Authenticate(const TestLogin& login) const;
  Reply Check(const TestQuestion& question) const;
  Reply MakeCredentials(const TestLogon& logon) const;

 private:
  const ModuleHost* host_;
  void* context_;
  void (*destroy_)(void*);
};

class ModuleHost {
 public:
  // `library`: path from the workspace's root. A library that does not load fails the test.
  explicit ModuleHost(const std::string& library);
  ~ModuleHost();  // terminates and unloads; fails the test when memory was lost
  ModuleHost(const ModuleHost&) = delete;
  ModuleHost& operator=(const ModuleHost&) = delete;

  bool Init(const OptionList& options = {});
  // Init must have succeeded.
  Context Authentication(const OptionList& options = {}) const;
  Context Entitlement(const OptionList& options = {}) const;
  Context Authenticator(const OptionList& options = {}) const;

  void* Symbol(const char* name) const;

  // All lines so far, with line ends.
  static std::string log();
  static void ClearLog();
  // How often the module has reported progress.
  static int pings();

 private:
  Context Make(const char* create, const char* destroy, const OptionList& options) const;

  void* library_ = nullptr;
  bool initialized_ = false;
};

}  // namespace fluxgate::modules::testing

#endif  // FLUXGATE_MODULES_TESTING_MODULE_HOST_H_
