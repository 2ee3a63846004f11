// The texts of one reply of a module: taken over with the allocator that made them.
#ifndef FLUXGATE_GATEWAY_SECURITY_MODULE_TEXT_H_
#define FLUXGATE_GATEWAY_SECURITY_MODULE_TEXT_H_

#include <string>

#include "core/module/module.h"

namespace fluxgate {

// Of one text that a module returns.
inline constexpr size_t kModuleTextBytesMax = 64 * 1024;
inline constexpr char kUnsoundReply[] = "returned what is not memory of its allocator";

class ReplyTexts {
 public:
  // `function`: a literal, what gave the reply.
  ReplyTexts(const Module& module, const char* function) : module_(module), function_(function) {}

  // "" for none, and for what is not the module's to give, which has been logged.
  std::string Take(const char* what, char* text) {
    const auto taken = module_.TakeText(function_, what, text, kModuleTextBytesMax);
    if (!taken.has_value()) is_sound_ = false;
    return taken.has_value() ? std::string(taken->view()) : std::string();
  }
  bool is_sound() const { return is_sound_; }

 private:
  const Module& module_;
  const char* const function_;
  bool is_sound_ = true;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_SECURITY_MODULE_TEXT_H_
