// The JSON document that says what one user may do; README.md says what stands in it.
#ifndef FLUXGATE_MODULES_ENTITLEMENT_HTTP_PERMISSION_DOCUMENT_H_
#define FLUXGATE_MODULES_ENTITLEMENT_HTTP_PERMISSION_DOCUMENT_H_

#include <string_view>

#include "modules/common/failure.h"
#include "modules/common/permission_rules.h"

namespace fluxgate::modules {

inline constexpr size_t kDocumentRulesMax = 10'000;

// Errors name the place ("topic[3].read"). Nothing is guessed: what is unknown makes the whole
// document wrong.
absl::StatusOr<PermissionRules> ParsePermissionDocument(std::string_view text);

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_ENTITLEMENT_HTTP_PERMISSION_DOCUMENT_H_
