// Values as text, for message types whose fields have no types (FIX, XML).
#ifndef FLUXGATE_CORE_MESSAGE_VALUE_TEXT_H_
#define FLUXGATE_CORE_MESSAGE_VALUE_TEXT_H_

#include <string>
#include <string_view>

#include "core/message/value.h"

namespace fluxgate {

// `value` as a filter would have to spell it to be equal: text as it is, numbers in the shortest
// decimal form that reads back as the same number and without an exponent, `true` or `false`,
// nothing for NULL. An array's first element stands for it. Numbers are written to `scratch`.
std::string_view ValueToText(const Value& value, std::string& scratch);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_VALUE_TEXT_H_
