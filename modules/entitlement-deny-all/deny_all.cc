// Entitlement that lets nobody do anything.
#include "modules/common/entitlement_module.h"

namespace fluxgate::modules {
namespace {

class DenyAll : public EntitlementContext {
 public:
  Permission Check(const PermissionQuestion&) override {
    return Permission::Deny("everything is denied");
  }
};

}  // namespace

OptionNames KnownOptions() { return {}; }

absl::StatusOr<std::unique_ptr<EntitlementContext>> CreateEntitlementContext(Options&) {
  return std::make_unique<DenyAll>();
}

}  // namespace fluxgate::modules
