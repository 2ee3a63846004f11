#include "gateway/security/module_authentication.h"

#include <fmt/format.h>

#include <utility>

#include "amps_authentication_module.h"
#include "core/module/module_context.h"
#include "gateway/security/module_text.h"

namespace fluxgate {
namespace {

constexpr char kAuthenticate[] = "amps_authenticate";

const char* MethodName(Credentials::Method method) {
  switch (method) {
    case Credentials::Method::kPassword:
      return "password";
    case Credentials::Method::kBearer:
      return "bearer";
    case Credentials::Method::kCertificate:
      return "certificate";
  }
  return "password";
}

class ModuleAuthentication final : public Authentication {
 public:
  ModuleAuthentication(std::shared_ptr<ModuleContext> context,
                       decltype(amps_authenticate)* authenticate)
      : context_(std::move(context)), authenticate_(authenticate) {}

  AuthenticationResult Authenticate(const Credentials& credentials) override {
    amps_authentication_request request{};
    request.size = sizeof request;
    request.user_id = credentials.user_id.c_str();
    request.password = credentials.password.c_str();
    request.method = MethodName(credentials.method);
    request.client_name = credentials.client_name.c_str();
    request.connection_name = credentials.connection_name.c_str();
    request.remote_address = credentials.remote_address.c_str();
    request.transport_name = credentials.transport_name.c_str();
    request.certificate_subject = credentials.certificate_subject.c_str();
    request.certificate_common_name = credentials.certificate_common_name.c_str();
    request.certificate_pem = credentials.certificate_pem.c_str();
    request.challenge_state =
        credentials.is_challenged ? credentials.challenge_state.c_str() : nullptr;
    amps_authentication_reply reply{};
    reply.size = sizeof reply;
    const Module& module = context_->module();
    const int code = module.Call(kAuthenticate, int{AMPS_FAILURE},
                                 [&] { return authenticate_(context_->get(), &request, &reply); });
    ReplyTexts texts(module, kAuthenticate);
    AuthenticationResult result;
    const bool names_user = reply.user_id != nullptr;
    result.user_id = texts.Take("user_id", reply.user_id);
    result.challenge = texts.Take("password", reply.password);
    result.challenge_state = texts.Take("challenge_state", reply.challenge_state);
    result.reason = texts.Take("reason", reply.reason);
    if (!names_user) result.user_id = credentials.user_id;
    if (!texts.is_sound()) {
      result.reason = fmt::format("the module {}", kUnsoundReply);
    } else if (code == AMPS_SUCCESS) {
      result.outcome = AuthenticationResult::Outcome::kAccepted;
      result.expires_at_s = reply.expires_at;
    } else if (code == AMPS_CHALLENGE) {
      result.outcome = AuthenticationResult::Outcome::kChallenge;
    }
    return result;
  }

 private:
  const std::shared_ptr<ModuleContext> context_;
  decltype(amps_authenticate)* const authenticate_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<Authentication>> MakeModuleAuthentication(
    std::shared_ptr<Module> module, const ModuleOptions& options) {
  auto authenticate = module->EntryPoint<decltype(amps_authenticate)>(kAuthenticate);
  if (!authenticate.ok()) return authenticate.status();
  auto context =
      ModuleContext::Create(std::move(module), options, "amps_authentication_create_context",
                            "amps_authentication_destroy_context");
  if (!context.ok()) return context.status();
  return std::make_shared<ModuleAuthentication>(*std::move(context), *authenticate);
}

}  // namespace fluxgate
