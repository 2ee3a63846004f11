// Every element of a configuration file, one row each. Parsing, --sample-config, --dump-config and
// the table in docs/configuration.md all come from these rows: a new element is a field in config.h
// and a row in config_schema.cc. Immutable, any thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_CONFIG_SCHEMA_H_
#define FLUXGATE_GATEWAY_CONFIG_CONFIG_SCHEMA_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/config/config_value.h"

namespace fluxgate::config {

inline constexpr uint32_t kTransportsMax = 256;
inline constexpr uint32_t kServerNamesMax = 64;
inline constexpr uint32_t kLogTargetsMax = 16;
inline constexpr uint32_t kMessageTypesMax = 64;
inline constexpr uint32_t kProtocolsMax = 64;
inline constexpr uint32_t kMessageTypePartsMax = 64;
// Our own clients answer no more.
inline constexpr uint32_t kLogonChallengesMax = 15;
inline constexpr uint32_t kFreeOptionsMax = 256;  // in one element
inline constexpr std::string_view kFreeOptionsText = "elements of any name with text";

inline constexpr std::string_view kAuthenticationName = "Authentication";
inline constexpr std::string_view kEntitlementName = "Entitlement";

inline constexpr std::string_view kRootName = "FluxgateConfig";
inline constexpr std::string_view kAmpsRootName = "AMPSConfig";  // read as kRootName

// One occurrence of a container, as it is to be written.
struct Item {
  Item(Source s, size_t p = 0) : source(s), position(p) {}  // NOLINT: a source is an item

  Source source;
  size_t position;  // among all items of the same parent; where equal, the order is the schema's
};

// An element that holds elements.
struct Container {
  // The structure its children set; a repeated element adds one to its list.
  Target (*enter)(Target parent);
  // What is to be written: one item per occurrence.
  std::vector<Item> (*items)(Source parent);
};

// The children set the fields of the parent's structure.
inline constexpr Container kSameStructure = {
    [](Target parent) { return parent; },
    [](Source parent) { return std::vector<Item>{parent}; },
};

// One element for each item of a list of the whole configuration.
template <auto list>
inline constexpr Container kListOf = {
    [](Target parent) -> Target { return &(std::get<Config*>(parent)->*list).emplace_back(); },
    [](Source parent) {
      std::vector<Item> items;
      for (const auto& item : std::get<const Config*>(parent)->*list) items.emplace_back(&item);
      return items;
    },
};

// An element whose children may have any name, each with text: what is meant by them is the
// business of whoever they are for.
struct FreeOptions {
  Options* (*enter)(Target parent);
  const Options* (*get)(Source parent);
};

// An element of the AMPS configuration that gets an error of its own; its content is not read.
struct NotBuilt {};

struct Occurs {
  bool required = false;
  uint32_t max = 1;
};
inline constexpr Occurs kOptional = {false, 1};
inline constexpr Occurs kRequired = {true, 1};
constexpr Occurs OneTo(uint32_t max) { return {true, max}; }
constexpr Occurs UpTo(uint32_t max) { return {false, max}; }

struct Element {
  std::string_view parent;  // name of a container's row; empty for the root; "*": anywhere
  std::string_view name;
  Occurs occurs;
  std::variant<Container, Value, FreeOptions, NotBuilt> content;
  std::string_view doc;                // for people, no XML in it
  std::string_view default_text = {};  // empty: what the field of a new structure prints

  const Container* container() const { return std::get_if<Container>(&content); }
  const Value* value() const { return std::get_if<Value>(&content); }
  const FreeOptions* options() const { return std::get_if<FreeOptions>(&content); }
  bool not_built() const { return std::holds_alternative<NotBuilt>(content); }
};

// Another name of an element, of older versions of AMPS.
struct Synonym {
  std::string_view parent, name, means;
};

// In the order in which files are written. The first row is the root.
const std::vector<Element>& Schema();

// Read as other elements; never written.
std::span<const Synonym> Synonyms();

// The row, also by a synonym, or null. Containers of one name have the same children whatever they
// are in.
const Element* FindElement(std::string_view parent, std::string_view name);

// Rows of that parent that are built, in order.
std::vector<const Element*> BuiltChildren(std::string_view parent);

// The default of a value row; empty when it has none.
std::string DefaultText(const Element& element);

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_CONFIG_SCHEMA_H_
