// Who takes messages: a C function with its user data, or anything that can be called with a
// message. The C form costs one indirect call.
#ifndef AMPS_CPP_MESSAGE_HANDLER_H_
#define AMPS_CPP_MESSAGE_HANDLER_H_

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "amps/message.h"

namespace AMPS {

extern "C" {
using MessageHandlerFunc = void (*)(Message& message, void* userData);
}

// Copies share the callable. A handler may throw: the client's exception listener is told, and the
// next message follows.
class MessageHandler {
 public:
  MessageHandler() = default;                                   // takes nothing
  MessageHandler(MessageHandlerFunc function, void* user_data)  // NOLINT: as documented
      : function_(function), user_data_(user_data) {}
  template <typename Callable,
            typename = std::enable_if_t<std::is_invocable_v<Callable&, Message&> &&
                                        !std::is_same_v<std::decay_t<Callable>, MessageHandler>>>
  MessageHandler(Callable callable)  // NOLINT: a handler is what can be called
      : callable_(std::make_shared<std::function<void(Message&)>>(std::move(callable))) {
    function_ = [](Message& message, void* self) {
      (*static_cast<std::function<void(Message&)>*>(self))(message);
    };
    user_data_ = callable_.get();
  }

  explicit operator bool() const { return function_ != nullptr; }
  void operator()(Message& message) const { function_(message, user_data_); }

 private:
  MessageHandlerFunc function_ = nullptr;
  void* user_data_ = nullptr;
  std::shared_ptr<std::function<void(Message&)>> callable_;
};

}  // namespace AMPS

#endif  // AMPS_CPP_MESSAGE_HANDLER_H_
