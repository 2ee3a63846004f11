// C++14: QuickFIX's headers have exception specifications that later standards took away.
#include "core/message/quickfix_reference.h"

#include <quickfix/Exceptions.h>
#include <quickfix/Message.h>

#include <algorithm>

namespace fluxgate {

bool ReadWithQuickfix(const std::string& body, QuickfixFields& fields) {
  FIX::Message message;
  try {
    message.setString(body, false);
  } catch (const FIX::Exception&) {
    return false;
  }
  const auto take = [&fields](const FIX::FieldMap& map) {
    for (const FIX::FieldBase& field : map) fields[field.getTag()].push_back(field.getString());
  };
  take(message.getHeader());
  take(message);
  take(message.getTrailer());
  for (auto& field : fields) std::sort(field.second.begin(), field.second.end());
  return true;
}

std::string WriteWithQuickfix(const std::string& message_type,
                              const std::vector<std::pair<int, std::string>>& fields) {
  FIX::Message message;
  message.getHeader().setField(FIX::BeginString("FIX.4.4"));
  message.getHeader().setField(FIX::MsgType(message_type));
  for (const auto& field : fields) message.setField(field.first, field.second);
  return message.toString();
}

}  // namespace fluxgate
