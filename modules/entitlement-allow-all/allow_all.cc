// Entitlement that lets every user do everything.
#include "modules/common/entitlement_module.h"

namespace fluxgate::modules {
namespace {

class AllowAll : public EntitlementContext {
 public:
  Permission Check(const PermissionQuestion&) override {
    Permission permission;
    permission.allowed = true;
    return permission;
  }
};

}  // namespace

OptionNames KnownOptions() { return {}; }

absl::StatusOr<std::unique_ptr<EntitlementContext>> CreateEntitlementContext(Options&) {
  return std::make_unique<AllowAll>();
}

}  // namespace fluxgate::modules
