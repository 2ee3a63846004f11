#include "amps/command.h"

#include "amps/exceptions.h"
#include "client/amps/ack_types.h"

namespace AMPS {
namespace {

Message::AckType AckTypeOf(std::string_view name) {
  for (const internal::AckTypeName& row : internal::kAckTypeNames) {
    if (row.name == name) return row.type;
  }
  throw InvalidOptionsException("no ack is called \"" + std::string(name) + "\"");
}

}  // namespace

Command& Command::addAckType(const std::string& names) {
  uint32_t types = 0;
  std::string_view rest = names;
  while (true) {
    const size_t comma = rest.find(',');
    types |= AckTypeOf(rest.substr(0, comma));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return addAckType(types);
}

}  // namespace AMPS
