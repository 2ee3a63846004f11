// Values as modules see them. Pure functions.
#ifndef FLUXGATE_CORE_MODULE_AMPS_VALUES_H_
#define FLUXGATE_CORE_MODULE_AMPS_VALUES_H_

#include <optional>

#include "amps_value.h"
#include "core/message/value.h"

namespace fluxgate {

// One value; the first element stands for an array. Text is that of `value`.
amps_value ToAmps(const Value& value);

// A single value of a module, with its text where that is. Nothing: a type that there is not, an
// array, or text that is nowhere.
std::optional<Value> FromAmps(const amps_value& value);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_AMPS_VALUES_H_
