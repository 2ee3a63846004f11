// What modules may ask of the server that runs them: the interface behind amps_api.h. Implemented
// where everything is wired together; this process has one at a time, or none.
#ifndef FLUXGATE_CORE_MODULE_MODULE_SERVICES_H_
#define FLUXGATE_CORE_MODULE_MODULE_SERVICES_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "amps_api.h"

namespace fluxgate {

// A client inside the server. Any thread, one at a time. Its end waits for a handler that runs;
// none runs afterwards. May outlive the server that made it: then every call fails.
class EmbeddedClient {
 public:
  virtual ~EmbeddedClient() = default;
  // Queues a copy of the command.
  virtual absl::Status Execute(const amps_command& command, amps_message_handler handler,
                               void* user_data) = 0;
  // Until everything queued has been done; an error after `timeout`.
  virtual absl::Status Flush(std::chrono::milliseconds timeout) = 0;
};

// Everything from any thread, also from inside a call of a module. Administration is done when the
// call returns, or has failed. `transport` empty: all of them.
class ModuleServices {
 public:
  virtual ~ModuleServices() = default;

  virtual absl::StatusOr<std::unique_ptr<EmbeddedClient>> CreateClient(
      std::string_view name, std::string_view message_type) = 0;

  virtual absl::Status ResetAuthentication(std::string_view transport) = 0;
  virtual absl::Status ResetEntitlement(std::string_view transport) = 0;
  virtual absl::Status EnableTransport(std::string_view transport) = 0;
  virtual absl::Status DisableTransport(std::string_view transport) = 0;
  virtual absl::Status Shutdown() = 0;

  // As amps_message_field.
  virtual absl::Status MessageField(std::string_view message_type, std::string_view body,
                                    std::string_view path, amps_value& value, char* buffer,
                                    size_t buffer_size) = 0;
};

// Whom amps_api.h reaches from now on; null: nobody, its functions fail. Calls that are under way
// keep the one they have.
void SetModuleServices(std::shared_ptr<ModuleServices> services);
std::shared_ptr<ModuleServices> CurrentModuleServices();

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_MODULE_SERVICES_H_
