// What an entitlement decision is about, and what comes out of it.
#ifndef FLUXGATE_MODULES_COMMON_PERMISSION_H_
#define FLUXGATE_MODULES_COMMON_PERMISSION_H_

#include <string>
#include <string_view>

#include "amps_entitlement_module.h"

namespace fluxgate::modules {

struct PermissionQuestion {
  std::string_view user;
  amps_resource_type type = amps_resource_logon;
  std::string_view resource;
  amps_access access = amps_access_read;
};

struct Permission {
  // For now: nobody could find out.
  static constexpr unsigned kAskAgainS = 5;
  static Permission Fail(std::string reason) {
    Permission permission = Deny(std::move(reason));
    permission.ask_again_s = kAskAgainS;
    return permission;
  }
  static Permission Deny(std::string reason) {
    Permission permission;
    permission.reason = std::move(reason);
    return permission;
  }

  bool allowed = false;
  std::string filter;        // "": all messages
  std::string select;        // "": all fields
  std::string reason;        // of a denial, for the server's log
  unsigned ask_again_s = 0;  // 0: it stands
};

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_COMMON_PERMISSION_H_
