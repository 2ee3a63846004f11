#include "modules/common/authentication_module.h"

namespace m = fluxgate::modules;

extern "C" amps_authentication_context amps_authentication_create_context(amps_module_options raw) {
  std::optional<m::Options> options = m::ContextOptions(raw);
  if (!options.has_value()) return nullptr;
  auto context = m::CreateAuthenticationContext(*options);
  const absl::Status& status = options->status().ok() ? context.status() : options->status();
  if (!status.ok()) {
    m::Log(amps_module_log_level_error, m::FailureText(status));
    return nullptr;
  }
  return context->release();
}

extern "C" void amps_authentication_destroy_context(amps_authentication_context context) {
  delete static_cast<m::AuthenticationContext*>(context);
}

extern "C" int amps_authenticate(amps_authentication_context context,
                                 const amps_authentication_request* request,
                                 amps_authentication_reply* reply) {
  m::Login login;
  login.user = m::OrEmpty(request->user_id);
  login.password = m::OrEmpty(request->password);
  login.method = m::OrEmpty(request->method);
  login.client_name = m::OrEmpty(request->client_name);
  login.remote_address = m::OrEmpty(request->remote_address);
  login.transport = m::OrEmpty(request->transport_name);
  login.certificate_subject = m::OrEmpty(request->certificate_subject);
  login.certificate_common_name = m::OrEmpty(request->certificate_common_name);
  login.certificate_pem = m::OrEmpty(request->certificate_pem);
  const m::Verdict verdict = static_cast<m::AuthenticationContext*>(context)->Authenticate(login);
  if (!verdict.accepted) {
    reply->reason = m::ServerText(verdict.reason);
    return AMPS_FAILURE;
  }
  // A server of before this member was there has a smaller reply.
  if (reply->size >= sizeof *reply) reply->expires_at = verdict.expires_at;
  reply->user_id = m::ServerText(verdict.user);
  // Without memory for the name it would be the one that was claimed.
  return reply->user_id == nullptr ? AMPS_FAILURE : AMPS_SUCCESS;
}
