// What may this user do? One object for each transport; several threads at a time.
#ifndef FLUXGATE_GATEWAY_SECURITY_ENTITLEMENT_H_
#define FLUXGATE_GATEWAY_SECURITY_ENTITLEMENT_H_

#include <cstdint>
#include <string>

#include "core/access/access.h"

namespace fluxgate {

struct EntitlementRequest {
  enum class Resource : uint8_t { kLogon, kReplicationLogon, kTopic, kAdmin };

  std::string user_id;
  Resource type = Resource::kTopic;
  std::string resource;  // a transport's name, a topic, a path
  AccessKind access = AccessKind::kRead;
  std::string message_type;
  std::string transport_name;
  std::string remote_address;
};

struct EntitlementResult {
  AccessDecision decision;
  std::string reason;        // when it is not allowed: for the log
  uint32_t ask_again_s = 0;  // 0: the answer is kept until a reset
};

class Entitlement {
 public:
  virtual ~Entitlement() = default;
  // A worker thread; may wait.
  virtual EntitlementResult Check(const EntitlementRequest& request) = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SECURITY_ENTITLEMENT_H_
