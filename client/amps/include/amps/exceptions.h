// What goes wrong, as exceptions of one family: catch AMPSException for all of them. The text says
// what was attempted and why it failed; secrets are never part of it.
#ifndef AMPS_CPP_EXCEPTIONS_H_
#define AMPS_CPP_EXCEPTIONS_H_

#include <stdexcept>
#include <string>
#include <string_view>

namespace AMPS {

class AMPSException : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  // "NameInUseException: the client name \"a\" is in use".
  std::string toString() const { return std::string(className()) + ": " + what(); }
  virtual const char* className() const { return "AMPSException"; }
};
using Exception = AMPSException;

#define AMPS_EXCEPTION(name, base)                           \
  class name : public base {                                 \
   public:                                                   \
    using base::base;                                        \
    const char* className() const override { return #name; } \
  }

// Of the connection: the gateway cannot be reached, or is gone.
AMPS_EXCEPTION(ConnectionException, AMPSException);
AMPS_EXCEPTION(ConnectionRefusedException, ConnectionException);
AMPS_EXCEPTION(DisconnectedException, ConnectionException);  // not connected (any more)
AMPS_EXCEPTION(AlreadyConnectedException, ConnectionException);
AMPS_EXCEPTION(RetryOperationException, ConnectionException);  // reconnected meanwhile: try again
AMPS_EXCEPTION(TransportFilterException, ConnectionException);
AMPS_EXCEPTION(SslException, ConnectionException);  // a library, certificate or handshake

// Of an address: which part, and why.
AMPS_EXCEPTION(InvalidURIException, ConnectionException);
AMPS_EXCEPTION(InvalidTransportOptionsException, InvalidURIException);
AMPS_EXCEPTION(ProtocolException, ConnectionException);  // of the URI, or bytes nobody understands
AMPS_EXCEPTION(MessageTypeException, ConnectionException);
AMPS_EXCEPTION(MessageTypeNotFoundException, MessageTypeException);

// Of a logon.
AMPS_EXCEPTION(AuthenticationException, ConnectionException);
AMPS_EXCEPTION(NameInUseException, ConnectionException);

// Of a command: the gateway has refused it.
AMPS_EXCEPTION(CommandException, AMPSException);
AMPS_EXCEPTION(BadFilterException, CommandException);
AMPS_EXCEPTION(BadRegexTopicException, CommandException);
AMPS_EXCEPTION(BadSowKeyException, CommandException);
AMPS_EXCEPTION(InvalidTopicException, CommandException);
AMPS_EXCEPTION(InvalidBookmarkException, CommandException);
AMPS_EXCEPTION(InvalidOptionsException, CommandException);
AMPS_EXCEPTION(InvalidSubIdException, CommandException);
AMPS_EXCEPTION(NotEntitledException, CommandException);
AMPS_EXCEPTION(SubscriptionAlreadyExistsException, CommandException);
AMPS_EXCEPTION(UnknownCommandException, CommandException);

// Of this side.
AMPS_EXCEPTION(TimedOutException, AMPSException);  // no answer in time; the command may still run
AMPS_EXCEPTION(StreamException, AMPSException);
AMPS_EXCEPTION(StoreException, AMPSException);  // a publish or bookmark store: full, or its file
AMPS_EXCEPTION(UsageException, AMPSException);  // a call that makes no sense

#undef AMPS_EXCEPTION

}  // namespace AMPS

#endif  // AMPS_CPP_EXCEPTIONS_H_
