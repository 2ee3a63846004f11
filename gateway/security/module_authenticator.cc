#include "gateway/security/module_authenticator.h"

#include <fmt/format.h>

#include <utility>

#include "amps_authenticator_module.h"
#include "core/module/module_context.h"
#include "gateway/security/module_text.h"

namespace fluxgate {
namespace {

constexpr char kCredentials[] = "amps_authenticator_credentials";
constexpr char kCompleted[] = "amps_authenticator_completed";

class ModuleAuthenticator final : public Authenticator {
 public:
  ModuleAuthenticator(std::shared_ptr<ModuleContext> context,
                      decltype(amps_authenticator_credentials)* credentials,
                      decltype(amps_authenticator_completed)* completed)
      : context_(std::move(context)), credentials_(credentials), completed_(completed) {}

  absl::StatusOr<OutgoingCredentials> MakeCredentials(const OutgoingLogon& logon) override {
    amps_authenticator_request request{};
    request.size = sizeof request;
    request.remote_address = logon.remote_address.c_str();
    request.user_id = logon.user_id.c_str();
    request.password = logon.challenge.c_str();
    request.attempt = logon.attempt;
    amps_authenticator_reply reply{};
    reply.size = sizeof reply;
    const Module& module = context_->module();
    const int code = module.Call(kCredentials, int{AMPS_FAILURE},
                                 [&] { return credentials_(context_->get(), &request, &reply); });
    ReplyTexts texts(module, kCredentials);
    OutgoingCredentials made;
    made.user_id = texts.Take("user_id", reply.user_id);
    made.password = texts.Take("password", reply.password);
    if (!texts.is_sound()) return module.Error(kUnsoundReply);
    if (code == AMPS_SUCCESS) return made;
    return module.Error(
        fmt::format("has no credentials for {}, attempt {}; what it logged says why",
                    logon.remote_address, logon.attempt));
  }

  void Completed(bool accepted, std::string_view reason) override {
    if (completed_ == nullptr) return;
    const std::string text(reason);
    context_->module().CallVoid(
        kCompleted, [&] { completed_(context_->get(), accepted ? 1 : 0, text.c_str()); });
  }

 private:
  const std::shared_ptr<ModuleContext> context_;
  decltype(amps_authenticator_credentials)* const credentials_;
  decltype(amps_authenticator_completed)* const completed_;  // null: the module has none
};

}  // namespace

absl::StatusOr<std::unique_ptr<Authenticator>> MakeModuleAuthenticator(
    std::shared_ptr<Module> module, const ModuleOptions& options) {
  auto credentials = module->EntryPoint<decltype(amps_authenticator_credentials)>(kCredentials);
  if (!credentials.ok()) return credentials.status();
  decltype(amps_authenticator_completed)* completed = nullptr;
  if (module->Has(kCompleted)) {
    completed = *module->EntryPoint<decltype(amps_authenticator_completed)>(kCompleted);
  }
  auto context =
      ModuleContext::Create(std::move(module), options, "amps_authenticator_create_context",
                            "amps_authenticator_destroy_context");
  if (!context.ok()) return context.status();
  return std::make_unique<ModuleAuthenticator>(*std::move(context), *credentials, completed);
}

}  // namespace fluxgate
