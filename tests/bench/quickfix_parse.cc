// C++14: QuickFIX's headers have exception specifications that later standards took away.
#include "tests/bench/quickfix_parse.h"

#include <quickfix/Exceptions.h>
#include <quickfix/Message.h>

namespace fluxgate {
namespace bench {

bool ParseWithQuickfix(const std::string& body) {
  try {
    FIX::Message message;
    message.setString(body, false);
    return !message.isEmpty();
  } catch (const FIX::Exception&) {
    return false;
  }
}

}  // namespace bench
}  // namespace fluxgate
