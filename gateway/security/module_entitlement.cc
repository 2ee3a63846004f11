#include "gateway/security/module_entitlement.h"

#include <fmt/format.h>

#include <utility>

#include "amps_entitlement_module.h"
#include "core/module/module_context.h"
#include "gateway/security/module_text.h"

namespace fluxgate {
namespace {

constexpr char kCheck[] = "amps_entitlement_check";
// In place of what the module says, when it could not say anything.
constexpr int kFailed = -1;
constexpr uint32_t kAskAgainS = 10;
static_assert(kFailed != AMPS_SUCCESS && kFailed != AMPS_FAILURE);

amps_resource_type TypeOf(EntitlementRequest::Resource resource) {
  switch (resource) {
    case EntitlementRequest::Resource::kLogon:
      return amps_resource_logon;
    case EntitlementRequest::Resource::kReplicationLogon:
      return amps_resource_replication_logon;
    case EntitlementRequest::Resource::kTopic:
      return amps_resource_topic;
    case EntitlementRequest::Resource::kAdmin:
      return amps_resource_admin;
  }
  return amps_resource_topic;
}

class ModuleEntitlement final : public Entitlement {
 public:
  ModuleEntitlement(std::shared_ptr<ModuleContext> context, decltype(amps_entitlement_check)* check)
      : context_(std::move(context)), check_(check) {}

  EntitlementResult Check(const EntitlementRequest& asked) override {
    amps_entitlement_request request{};
    request.size = sizeof request;
    request.user_id = asked.user_id.c_str();
    request.type = TypeOf(asked.type);
    request.resource = asked.resource.c_str();
    request.access = asked.access == AccessKind::kRead ? amps_access_read : amps_access_write;
    request.message_type = asked.message_type.c_str();
    request.transport_name = asked.transport_name.c_str();
    request.remote_address = asked.remote_address.c_str();
    amps_entitlement_reply reply{};
    reply.size = sizeof reply;
    const Module& module = context_->module();
    const int code =
        module.Call(kCheck, kFailed, [&] { return check_(context_->get(), &request, &reply); });
    ReplyTexts texts(module, kCheck);
    EntitlementResult result;
    result.decision.filter = texts.Take("filter", reply.filter);
    result.decision.select_list = texts.Take("select_list", reply.select_list);
    result.reason = texts.Take("reason", reply.reason);
    result.decision.is_allowed = texts.is_sound() && code == AMPS_SUCCESS;
    if (!texts.is_sound()) result.reason = fmt::format("the module {}", kUnsoundReply);
    result.ask_again_s = texts.is_sound() && code != kFailed ? reply.ask_again_s : kAskAgainS;
    return result;
  }

 private:
  const std::shared_ptr<ModuleContext> context_;
  decltype(amps_entitlement_check)* const check_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<Entitlement>> MakeModuleEntitlement(std::shared_ptr<Module> module,
                                                                   const ModuleOptions& options) {
  auto check = module->EntryPoint<decltype(amps_entitlement_check)>(kCheck);
  if (!check.ok()) return check.status();
  auto context =
      ModuleContext::Create(std::move(module), options, "amps_entitlement_create_context",
                            "amps_entitlement_destroy_context");
  if (!context.ok()) return context.status();
  return std::make_shared<ModuleEntitlement>(*std::move(context), *check);
}

}  // namespace fluxgate
