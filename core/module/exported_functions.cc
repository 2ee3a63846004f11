// What modules call in the server (amps_module.h, amps_api.h). Every function here is exported by
// the program (BUILD: EXPORTED_FUNCTIONS).
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "amps_api.h"
#include "core/base/thread_activity.h"
#include "core/base/units.h"
#include "core/module/module.h"
#include "core/module/module_services.h"
#include "core/module/server_identity.h"

struct amps_embedded_client {
  std::unique_ptr<fluxgate::EmbeddedClient> client;
};

namespace fluxgate {
namespace {

std::string_view TextOf(const char* text) { return text == nullptr ? std::string_view() : text; }
amps_text AmpsText(const char* text) { return {text, text == nullptr ? 0 : strlen(text)}; }

int CodeOf(const absl::Status& status) { return status.ok() ? AMPS_SUCCESS : AMPS_FAILURE; }

int64_t Number(const absl::StatusOr<uint64_t>& value) {
  if (!value.ok() || *value > static_cast<uint64_t>(INT64_MAX)) return -1;
  return static_cast<int64_t>(*value);
}

// Runs a method of the services with an optional transport's name.
int Administer(absl::Status (ModuleServices::*method)(std::string_view), const char* transport) {
  const std::shared_ptr<ModuleServices> services = CurrentModuleServices();
  if (services == nullptr) return AMPS_FAILURE;
  return CodeOf((services.get()->*method)(TextOf(transport)));
}

amps_command NewCommand(amps_command_type type) {
  amps_command command = {};
  command.size = sizeof(command);
  command.type = type;
  command.expiration_s = -1;
  return command;
}

}  // namespace
}  // namespace fluxgate

using fluxgate::AmpsText;
using fluxgate::CodeOf;
using fluxgate::ModuleServices;
using fluxgate::TextOf;

extern "C" {

void amps_thread_monitor_ping(void) { fluxgate::ThreadActivity::Ping(); }

int amps_register_startup_function(amps_startup_function function, void* user_data) {
  return fluxgate::Module::RegisterStartupFunction(function, user_data) ? AMPS_SUCCESS
                                                                        : AMPS_FAILURE;
}

amps_embedded_client* amps_client_create(const char* name, const char* message_type) {
  const std::shared_ptr<ModuleServices> services = fluxgate::CurrentModuleServices();
  if (services == nullptr) return nullptr;
  auto client = services->CreateClient(TextOf(name), TextOf(message_type));
  if (!client.ok()) return nullptr;
  return new amps_embedded_client{*std::move(client)};
}

void amps_client_destroy(amps_embedded_client* client) { delete client; }

int amps_client_execute(amps_embedded_client* client, const amps_command* command,
                        amps_message_handler handler, void* user_data) {
  if (client == nullptr || command == nullptr || command->size < sizeof(amps_command)) {
    return AMPS_FAILURE;
  }
  return CodeOf(client->client->Execute(*command, handler, user_data));
}

int amps_client_publish(amps_embedded_client* client, const char* topic, const char* body,
                        size_t length) {
  amps_command command = fluxgate::NewCommand(amps_command_publish);
  command.topic = AmpsText(topic);
  command.body = {body, length};
  return amps_client_execute(client, &command, nullptr, nullptr);
}

int amps_client_subscribe(amps_embedded_client* client, const char* sub_id, const char* topic,
                          const char* filter, amps_message_handler handler, void* user_data) {
  amps_command command = fluxgate::NewCommand(amps_command_subscribe);
  command.sub_id = AmpsText(sub_id);
  command.topic = AmpsText(topic);
  command.filter = AmpsText(filter);
  return amps_client_execute(client, &command, handler, user_data);
}

int amps_client_unsubscribe(amps_embedded_client* client, const char* sub_id) {
  amps_command command = fluxgate::NewCommand(amps_command_unsubscribe);
  command.sub_id = AmpsText(sub_id);
  return amps_client_execute(client, &command, nullptr, nullptr);
}

int amps_client_flush(amps_embedded_client* client, unsigned timeout_ms) {
  if (client == nullptr) return AMPS_FAILURE;
  return CodeOf(client->client->Flush(std::chrono::milliseconds(timeout_ms)));
}

int amps_reset_authentication(const char* transport) {
  return fluxgate::Administer(&ModuleServices::ResetAuthentication, transport);
}

int amps_reset_entitlement(const char* transport) {
  return fluxgate::Administer(&ModuleServices::ResetEntitlement, transport);
}

int amps_enable_transport(const char* transport) {
  return fluxgate::Administer(&ModuleServices::EnableTransport, transport);
}

int amps_disable_transport(const char* transport) {
  return fluxgate::Administer(&ModuleServices::DisableTransport, transport);
}

int amps_shutdown(void) {
  const std::shared_ptr<ModuleServices> services = fluxgate::CurrentModuleServices();
  return services == nullptr ? int{AMPS_FAILURE} : CodeOf(services->Shutdown());
}

const char* amps_server_version(void) { return fluxgate::ServerVersion(); }

const char* amps_instance_name(void) { return fluxgate::ServerInstanceName(); }

int64_t amps_parse_interval(const char* text) {
  return fluxgate::Number(fluxgate::ParseInterval(TextOf(text)));
}

int64_t amps_parse_size(const char* text) {
  return fluxgate::Number(fluxgate::ParseSize(TextOf(text)));
}

int amps_message_field(const char* message_type, const char* body, size_t length, const char* path,
                       amps_value* value, char* buffer, size_t buffer_size) {
  const std::shared_ptr<ModuleServices> services = fluxgate::CurrentModuleServices();
  if (services == nullptr || value == nullptr || (body == nullptr && length > 0)) {
    return AMPS_FAILURE;
  }
  return CodeOf(services->MessageField(TextOf(message_type), {body, length}, TextOf(path), *value,
                                       buffer, buffer_size));
}

}  // extern "C"
