#include "client/amps/refusals.h"

#include <fmt/format.h>

#include <string>

#include "amps/exceptions.h"

namespace AMPS::internal {
namespace {

template <typename Exception>
[[noreturn]] void Throw(const std::string& text) {
  throw Exception(text);
}

// Every reason that says more than that a command failed. The gateway's reasons begin with a word
// of the protocol, where there is one for it, and its own text; some are its own text alone. The
// first row counts whose `begin` the reason begins with and whose `part` it contains.
struct Refusal {
  std::string_view begin;
  std::string_view part;
  void (*throw_it)(const std::string& text);
};
constexpr Refusal kRefusals[] = {
    {"bad filter", "", &Throw<BadFilterException>},
    {"bad regex", "", &Throw<BadRegexTopicException>},
    {"invalid topic", "", &Throw<InvalidTopicException>},
    {"not entitled", "", &Throw<NotEntitledException>},
    {"auth failure", "", &Throw<AuthenticationException>},
    {"name in use", "", &Throw<NameInUseException>},
    {"already exists", "", &Throw<SubscriptionAlreadyExistsException>},
    {"invalid options", "", &Throw<InvalidOptionsException>},
    {"option ", "", &Throw<InvalidOptionsException>},
    {"top_n ", "", &Throw<InvalidOptionsException>},
    {"unknown command", "", &Throw<UnknownCommandException>},
    {"a subscription id ", "", &Throw<InvalidSubIdException>},
    {"subscription ", " does not exist", &Throw<InvalidSubIdException>},
    {"unsubscribe needs a sub_id", "", &Throw<InvalidSubIdException>},
    {"message type ", " is unknown", &Throw<MessageTypeNotFoundException>},
    {"message type ", "", &Throw<MessageTypeException>},
    {"this transport is for message type", "", &Throw<MessageTypeException>},
    {"logon names no message type", "", &Throw<MessageTypeException>},
    {"bookmark", "", &Throw<InvalidBookmarkException>},
    {"bad bookmark", "", &Throw<InvalidBookmarkException>},
    {"invalid bookmark", "", &Throw<InvalidBookmarkException>},
    {"sow_key", "", &Throw<BadSowKeyException>},
    {"sow key", "", &Throw<BadSowKeyException>},
    {"the key ", "", &Throw<BadSowKeyException>},
};

void ThrowKnown(const std::string& text, std::string_view reason) {
  for (const Refusal& refusal : kRefusals) {
    if (reason.starts_with(refusal.begin) && reason.find(refusal.part) != std::string_view::npos) {
      refusal.throw_it(text);
    }
  }
}

std::string Refused(std::string_view what, std::string_view reason) {
  return fmt::format("{} refused: {}", what, reason.empty() ? "no reason given" : reason);
}

}  // namespace

void ThrowRefused(std::string_view what, std::string_view reason) {
  const std::string text = Refused(what, reason);
  ThrowKnown(text, reason);
  throw CommandException(text);
}

void ThrowLogonRefused(std::string_view reason) {
  const std::string text = Refused("logon", reason);
  ThrowKnown(text, reason);
  throw AuthenticationException(text);
}

void ThrowCannotConnect(const fluxgate::client::SocketProblem& problem) {
  using Kind = fluxgate::client::SocketProblem::Kind;
  switch (problem.kind) {
    case Kind::kBadOption:
      throw InvalidTransportOptionsException(problem.text);
    case Kind::kCancelled:
      throw DisconnectedException("the client is being disconnected");
    default:
      throw ConnectionRefusedException(problem.text);
  }
}

}  // namespace AMPS::internal
