// The part of docs/configuration.md that is made from the schema.
#ifndef FLUXGATE_GATEWAY_CONFIG_CONFIG_REFERENCE_H_
#define FLUXGATE_GATEWAY_CONFIG_CONFIG_REFERENCE_H_

#include <string>

namespace fluxgate::config {

// Markdown: the table of all elements, then the list of those that are not built yet. Stands in the
// document between kReferenceBegin and kReferenceEnd, each on a line of its own.
std::string ElementReference();

inline constexpr const char* kReferenceBegin = "<!-- made from the schema: begin -->\n";
inline constexpr const char* kReferenceEnd = "<!-- made from the schema: end -->\n";

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_CONFIG_REFERENCE_H_
