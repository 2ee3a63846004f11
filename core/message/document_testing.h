// For tests of message types: parsed bodies as text, and what an extractor should find in them.
#ifndef FLUXGATE_CORE_MESSAGE_DOCUMENT_TESTING_H_
#define FLUXGATE_CORE_MESSAGE_DOCUMENT_TESTING_H_

#include <string>

#include "core/message/document.h"
#include "core/message/field_path.h"

namespace fluxgate {

// NULL, 'text', {a:1 b:{@c:'x'}}, [1 2], {'text of its own' a:1}
std::string DocumentText(const Document::Node& node);

// The value at `path`, as ValueText shows it: for message types that repeat members (XML, FIX).
std::string FoundText(const Document& document, const FieldPath& path);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_DOCUMENT_TESTING_H_
