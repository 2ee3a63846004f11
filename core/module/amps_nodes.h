// Bodies taken apart, as modules see them and as the core does. Pure functions.
#ifndef FLUXGATE_CORE_MODULE_AMPS_NODES_H_
#define FLUXGATE_CORE_MODULE_AMPS_NODES_H_

#include <string_view>

#include "absl/status/status.h"
#include "amps_message_type_module.h"
#include "core/message/document.h"
#include "core/message/message_type.h"
#include "core/module/module_scratch.h"

namespace fluxgate {

// The nodes that a module has made of `body` in `scratch` as a document, which has views of `body`
// and copies of all other text. kMalformedBody: over a limit. kInternal: what there cannot be; the
// text says what.
absl::Status ToDocument(const amps_node* root, std::string_view body, const ModuleScratch& scratch,
                        const MessageLimits& limits, Document& document);

// The document as nodes in `scratch`, with views of it. Null: no room.
const amps_node* ToNodes(const Document& document, ModuleScratch& scratch);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_AMPS_NODES_H_
