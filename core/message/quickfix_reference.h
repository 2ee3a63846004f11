// FIX messages as QuickFIX reads and writes them: for tests.
#ifndef FLUXGATE_CORE_MESSAGE_QUICKFIX_REFERENCE_H_
#define FLUXGATE_CORE_MESSAGE_QUICKFIX_REFERENCE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fluxgate {

// By tag: the values, sorted.
using QuickfixFields = std::map<int, std::vector<std::string>>;

// False: QuickFIX refuses the message. Length, checksum and the order of fields are not looked at.
bool ReadWithQuickfix(const std::string& body, QuickfixFields& fields);

// A message with BeginString, BodyLength, MsgType and CheckSum as they must be.
std::string WriteWithQuickfix(const std::string& message_type,
                              const std::vector<std::pair<int, std::string>>& fields);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_QUICKFIX_REFERENCE_H_
