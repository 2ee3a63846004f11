#include "modules/common/entitlement_module.h"

namespace m = fluxgate::modules;

extern "C" amps_entitlement_context amps_entitlement_create_context(amps_module_options raw) {
  std::optional<m::Options> options = m::ContextOptions(raw);
  if (!options.has_value()) return nullptr;
  auto context = m::CreateEntitlementContext(*options);
  const absl::Status& status = options->status().ok() ? context.status() : options->status();
  if (!status.ok()) {
    m::Log(amps_module_log_level_error, m::FailureText(status));
    return nullptr;
  }
  return context->release();
}

extern "C" void amps_entitlement_destroy_context(amps_entitlement_context context) {
  delete static_cast<m::EntitlementContext*>(context);
}

extern "C" int amps_entitlement_check(amps_entitlement_context context,
                                      const amps_entitlement_request* request,
                                      amps_entitlement_reply* reply) {
  m::PermissionQuestion question;
  question.user = m::OrEmpty(request->user_id);
  question.type = request->type;
  question.resource = m::OrEmpty(request->resource);
  question.access = request->access;
  const m::Permission permission = static_cast<m::EntitlementContext*>(context)->Check(question);
  reply->ask_again_s = permission.ask_again_s;
  if (!permission.allowed) {
    reply->reason = m::ServerText(permission.reason);
    return AMPS_FAILURE;
  }
  // A restriction that could not be handed over must not become no restriction.
  if (!permission.filter.empty()) {
    reply->filter = m::ServerText(permission.filter);
    if (reply->filter == nullptr) return AMPS_FAILURE;
  }
  if (!permission.select.empty()) {
    reply->select_list = m::ServerText(permission.select);
    if (reply->select_list == nullptr) return AMPS_FAILURE;
  }
  return AMPS_SUCCESS;
}
