// An authenticator for tests: what it does, good or bad, goes by the user id that is asked for. It
// counts its contexts; it has no amps_authenticator_completed.
#include <cstring>
#include <stdexcept>
#include <string>

#include "amps_authenticator_module.h"

namespace {

amps_module_allocator allocate;
int contexts = 0;

char* Copy(const std::string& text) {
  char* const copy = static_cast<char*>(allocate(text.size() + 1));
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

}  // namespace

extern "C" {

AMPS_EXPORT int amps_module_init(amps_module_options, amps_module_logger,
                                 amps_module_allocator allocator) {
  allocate = allocator;
  return AMPS_SUCCESS;
}
AMPS_EXPORT void amps_module_terminate() {}

AMPS_EXPORT int odd_contexts() { return contexts; }

AMPS_EXPORT amps_authenticator_context amps_authenticator_create_context(amps_module_options) {
  ++contexts;
  return &contexts;
}
AMPS_EXPORT void amps_authenticator_destroy_context(amps_authenticator_context) { --contexts; }

AMPS_EXPORT int amps_authenticator_credentials(amps_authenticator_context,
                                               const amps_authenticator_request* request,
                                               amps_authenticator_reply* reply) {
  const std::string user = request->user_id;
  if (user == "throws") throw std::runtime_error("no");
  if (user == "nothing") return AMPS_SUCCESS;
  reply->user_id = Copy(user);
  if (user == "foreign") {
    static char text[] = "of somebody else";
    reply->password = text;
    return AMPS_SUCCESS;
  }
  reply->password = user.starts_with("long")
                        ? Copy(std::string(std::stoul(user.substr(4)), 'p'))
                        : Copy(std::string(request->remote_address) + " " + request->password +
                               " " + std::to_string(request->attempt));
  return user == "fails" ? AMPS_FAILURE : AMPS_SUCCESS;
}

}  // extern "C"
