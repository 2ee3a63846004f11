#include "modules/testing/module_host.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <set>

namespace {

std::atomic<int> ping_count = 0;

}  // namespace

// The module finds it in the program.
extern "C" __attribute__((visibility("default"))) void amps_thread_monitor_ping(void) {
  ++ping_count;
}

namespace fluxgate::modules::testing {
namespace {

struct Server {
  std::mutex mutex;
  std::string log;
  std::set<void*> memory;  // allocated, not freed
};

Server& TheServer() {
  static Server server;
  return server;
}

void WriteLog(amps_module_log_level, const char* message) {
  Server& server = TheServer();
  const std::lock_guard<std::mutex> lock(server.mutex);
  server.log += message;
  server.log += '\n';
}

void* Allocate(unsigned long bytes) {
  Server& server = TheServer();
  const std::lock_guard<std::mutex> lock(server.mutex);
  void* const memory = std::malloc(bytes);
  server.memory.insert(memory);
  return memory;
}

// Takes over what a module gave back.
std::optional<std::string> Take(char* text) {
  if (text == nullptr) return std::nullopt;
  Server& server = TheServer();
  const std::lock_guard<std::mutex> lock(server.mutex);
  const bool ours = server.memory.erase(text) == 1;
  EXPECT_TRUE(ours) << "a module has given back memory that is not of the server's allocator";
  std::string copy = text;
  if (ours) std::free(text);
  return copy;
}

class RawOptions {
 public:
  explicit RawOptions(const OptionList& options) {
    for (const auto& [key, value] : options) raw_.push_back({key.c_str(), value.c_str()});
    raw_.push_back({nullptr, nullptr});
  }
  amps_module_options get() const { return raw_.data(); }

 private:
  std::vector<amps_option> raw_;
};

}  // namespace

ModuleHost::ModuleHost(const std::string& library) {
  // As the server does: libraries write to sockets whose other end has gone.
  signal(SIGPIPE, SIG_IGN);
  library_ = dlopen(("./" + library).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) ADD_FAILURE() << dlerror();
  ClearLog();
}

ModuleHost::~ModuleHost() {
  if (library_ == nullptr) return;
  if (initialized_) {
    reinterpret_cast<decltype(&amps_module_terminate)>(Symbol("amps_module_terminate"))();
  }
  dlclose(library_);
  Server& server = TheServer();
  const std::lock_guard<std::mutex> lock(server.mutex);
  EXPECT_TRUE(server.memory.empty()) << "a module has lost memory of the server's allocator";
}

void* ModuleHost::Symbol(const char* name) const {
  void* const symbol = dlsym(library_, name);
  EXPECT_NE(symbol, nullptr) << name;
  return symbol;
}

bool ModuleHost::Init(const OptionList& options) {
  const auto version = reinterpret_cast<int (*)()>(Symbol("amps_module_abi_version"));
  EXPECT_EQ(version(), AMPS_MODULE_ABI_VERSION);
  const auto init = reinterpret_cast<decltype(&amps_module_init)>(Symbol("amps_module_init"));
  const RawOptions raw(options);
  initialized_ = init(raw.get(), &WriteLog, &Allocate) == AMPS_SUCCESS;
  return initialized_;
}

Context ModuleHost::Make(const char* create, const char* destroy, const OptionList& options) const {
  const RawOptions raw(options);
  void* const context = reinterpret_cast<void* (*)(amps_module_options)>(Symbol(create))(raw.get());
  return Context(this, context, reinterpret_cast<void (*)(void*)>(Symbol(destroy)));
}

Context ModuleHost::Authentication(const OptionList& options) const {
  return Make("amps_authentication_create_context", "amps_authentication_destroy_context", options);
}

Context ModuleHost::Entitlement(const OptionList& options) const {
  return Make("amps_entitlement_create_context", "amps_entitlement_destroy_context", options);
}

Context ModuleHost::Authenticator(const OptionList& options) const {
  return Make("amps_authenticator_create_context", "amps_authenticator_destroy_context", options);
}

std::string ModuleHost::log() {
  Server& server = TheServer();
  const std::lock_guard<std::mutex> lock(server.mutex);
  return server.log;
}

void ModuleHost::ClearLog() {
  Server& server = TheServer();
  const std::lock_guard<std::mutex> lock(server.mutex);
  server.log.clear();
}

int ModuleHost::pings() { return ping_count; }

Context::Context(Context&& other) noexcept
    : host_(other.host_),
      context_(std::exchange(other.context_, nullptr)),
      destroy_(other.destroy_) {}

Context::~Context() {
  if (context_ != nullptr) destroy_(context_);
}

Reply Context::Authenticate(const TestLogin& login) const {
  const auto call =
      reinterpret_cast<decltype(&amps_authenticate)>(host_->Symbol("amps_authenticate"));
  amps_authentication_request request = {};
  request.size = sizeof request;
  request.user_id = login.user.c_str();
  request.password = login.password.c_str();
  request.method = login.method.c_str();
  request.client_name = "test";
  request.connection_name = "tcp-1";
  request.remote_address = "127.0.0.1:40312";
  request.transport_name = "tcp";
  request.certificate_subject = login.certificate_subject.c_str();
  request.certificate_common_name = login.certificate_common_name.c_str();
  request.certificate_pem = login.certificate_pem.c_str();
  amps_authentication_reply raw = {};
  raw.size = sizeof raw;
  Reply reply;
  reply.code = call(context_, &request, &raw);
  reply.user = Take(raw.user_id);
  reply.password = Take(raw.password);
  Take(raw.challenge_state);
  reply.expires_at = raw.expires_at;
  reply.reason = Take(raw.reason).value_or("");
  return reply;
}

Reply Context::Check(const TestQuestion& question) const {
  const auto call =
      reinterpret_cast<decltype(&amps_entitlement_check)>(host_->Symbol("amps_entitlement_check"));
  amps_entitlement_request request = {};
  request.size = sizeof request;
  request.user_id = question.user.c_str();
  request.type = question.type;
  request.resource = question.resource.c_str();
  request.access = question.access;
  request.message_type = "json";
  request.transport_name = "tcp";
  request.remote_address = "127.0.0.1:40312";
  amps_entitlement_reply raw = {};
  raw.size = sizeof raw;
  Reply reply;
  reply.code = call(context_, &request, &raw);
  reply.filter = Take(raw.filter);
  reply.select = Take(raw.select_list);
  reply.ask_again_s = raw.ask_again_s;
  reply.reason = Take(raw.reason).value_or("");
  return reply;
}

Reply Context::MakeCredentials(const TestLogon& logon) const {
  const auto call = reinterpret_cast<decltype(&amps_authenticator_credentials)>(
      host_->Symbol("amps_authenticator_credentials"));
  amps_authenticator_request request = {};
  request.size = sizeof request;
  request.remote_address = logon.address.c_str();
  request.user_id = logon.user.c_str();
  request.password = logon.challenge.c_str();
  request.attempt = logon.attempt;
  amps_authenticator_reply raw = {};
  raw.size = sizeof raw;
  Reply reply;
  reply.code = call(context_, &request, &raw);
  reply.user = Take(raw.user_id);
  reply.password = Take(raw.password);
  return reply;
}

}  // namespace fluxgate::modules::testing
