// A message to a module, copied, on its way to the handler. Any thread, one at a time.
#ifndef FLUXGATE_GATEWAY_MODULE_SERVICES_OWNED_MESSAGE_H_
#define FLUXGATE_GATEWAY_MODULE_SERVICES_OWNED_MESSAGE_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "amps_api.h"
#include "core/engine/outbox.h"
#include "gateway/module_services/owned_command.h"

namespace fluxgate {

class OwnedMessage {
 public:
  // `text` of the message is copied.
  OwnedMessage(const amps_message& message, MessageHandler handler);

  static OwnedMessage Of(const Delivery& delivery, std::string_view sub_ids,
                         MessageHandler handler);
  static OwnedMessage OfRecord(const Delivery& record, std::string_view query_id,
                               std::string_view sub_id, MessageHandler handler);
  static OwnedMessage OfGroup(amps_message_kind kind, std::string_view query_id,
                              MessageHandler handler);
  static OwnedMessage Of(const Ack& ack, MessageHandler handler);

  const amps_message& message() const { return message_; }
  const MessageHandler& handler() const { return handler_; }
  size_t bytes() const { return bytes_; }  // that it holds

 private:
  amps_message message_;
  MessageHandler handler_;
  std::unique_ptr<char[]> text_;
  size_t bytes_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULE_SERVICES_OWNED_MESSAGE_H_
