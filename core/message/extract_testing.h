// For tests of message types: fields by their paths' text, and the same said once more by looking
// into a parsed document.
#ifndef FLUXGATE_CORE_MESSAGE_EXTRACT_TESTING_H_
#define FLUXGATE_CORE_MESSAGE_EXTRACT_TESTING_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/document.h"
#include "core/message/field_path.h"
#include "core/message/message_type.h"

namespace fluxgate {

// "/a/b[0][1]"; names are taken as they are.
FieldPath PathOf(std::string_view text);

// By steps, so that names may hold anything.
using FieldPaths = std::vector<std::vector<FieldStep>>;

std::unique_ptr<Extractor> NewExtractor(const MessageType& type, const FieldPaths& paths);

// The values of these paths, blanks between them; "malformed" when the extractor says so.
// "outside" when what stands behind the body changes them.
std::string ExtractSteps(const MessageType& type, std::string_view body, const FieldPaths& paths);
std::string ExtractText(const MessageType& type, std::string_view body,
                        const std::vector<std::string>& paths);

// The value that an extractor should find, as ValueText shows it.
std::string LookUpText(const Document& document, std::string_view path);

// {a: 1, b: [NULL, {}]}, by value.
std::string ValuesText(const Document::Node& node);

// Parsed and written again; the error's text when one of it fails.
std::string Rewritten(const MessageType& type, std::string_view body);
std::string ParseError(const MessageType& type, std::string_view body);

// The body; the error's text when there is one.
std::string SerializeText(const MessageType& type,
                          const std::vector<std::pair<std::string, Value>>& fields);

// "0a 00 ff" to bytes.
std::string Bytes(std::string_view hex);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_EXTRACT_TESTING_H_
