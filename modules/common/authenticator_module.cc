#include "modules/common/authenticator_module.h"

#include "modules/common/text.h"

namespace m = fluxgate::modules;

extern "C" amps_authenticator_context amps_authenticator_create_context(amps_module_options raw) {
  std::optional<m::Options> options = m::ContextOptions(raw);
  if (!options.has_value()) return nullptr;
  auto context = m::CreateAuthenticatorContext(*options);
  const absl::Status& status = options->status().ok() ? context.status() : options->status();
  if (!status.ok()) {
    m::Log(amps_module_log_level_error, m::FailureText(status));
    return nullptr;
  }
  return context->release();
}

extern "C" void amps_authenticator_destroy_context(amps_authenticator_context context) {
  delete static_cast<m::AuthenticatorContext*>(context);
}

extern "C" int amps_authenticator_credentials(amps_authenticator_context context,
                                              const amps_authenticator_request* request,
                                              amps_authenticator_reply* reply) {
  m::OutgoingLogon logon;
  logon.remote_address = m::OrEmpty(request->remote_address);
  logon.user = m::OrEmpty(request->user_id);
  logon.challenge = m::OrEmpty(request->password);
  logon.attempt = request->attempt;
  auto credentials = static_cast<m::AuthenticatorContext*>(context)->Make(logon);
  if (!credentials.ok()) {
    m::Log(amps_module_log_level_error, m::FailureText(credentials.status()));
    return AMPS_FAILURE;
  }
  reply->user_id = m::ServerText(credentials->user);
  reply->password = m::ServerText(credentials->password);
  m::Wipe(&credentials->password);
  return reply->user_id == nullptr || reply->password == nullptr ? AMPS_FAILURE : AMPS_SUCCESS;
}
