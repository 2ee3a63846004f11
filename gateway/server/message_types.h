// The message types of a gateway: those that every gateway has, and those of its configuration.
#ifndef FLUXGATE_GATEWAY_SERVER_MESSAGE_TYPES_H_
#define FLUXGATE_GATEWAY_SERVER_MESSAGE_TYPES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/message/message_type.h"
#include "core/module/module_host.h"
#include "gateway/config/config.h"

namespace fluxgate {

// Bytes of a file of descriptors.
inline constexpr size_t kDescriptorSetBytesMax = 16u << 20;

class MessageTypes {
 public:
  // Those that need no configuration.
  explicit MessageTypes(const config::Limits& limits);

  // Adds configured ones, in this order; composites may be before their parts. `modules` has those
  // that loaded ones name; null: there are none. kBadOption with what is wrong with the first that
  // cannot be made.
  absl::Status Add(const std::vector<config::MessageTypeConfig>& configured,
                   const ModuleHost* modules = nullptr);

  std::vector<const MessageType*> all() const;

 private:
  absl::Status AddFix(const config::MessageTypeConfig& configured);
  absl::Status AddProtobuf(const config::MessageTypeConfig& configured);
  absl::Status AddComposite(const config::MessageTypeConfig& configured);
  absl::Status AddLoaded(const config::MessageTypeConfig& configured, const ModuleHost* modules);
  const MessageType* Find(const std::string& name) const;

  const MessageLimits limits_;
  std::vector<std::unique_ptr<MessageType>> types_;
};

// What is wrong with that message type of the configuration, or nothing: KnownNames'
// try_message_type.
std::string TryMessageType(const config::Config& config, const config::MessageTypeConfig& type);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SERVER_MESSAGE_TYPES_H_
