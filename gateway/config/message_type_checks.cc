// What message types and transports that name them demand of each other.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "gateway/config/config_checks.h"
#include "gateway/config/config_value.h"

namespace fluxgate::config {
namespace {

constexpr std::string_view kProtobuf = "protobuf";

// Of AMPS, not of this build.
constexpr std::string_view kNotBuilt[] = {"bflat", "struct"};
// Only with a configuration of their own.
constexpr std::string_view kConfigured[] = {"protobuf", "composite-local", "composite-global"};

enum class Uses : uint8_t { kFix, kProtobuf, kComposite, kLoaded };

Uses UsesOf(const MessageTypeConfig& type) {
  if (type.module == kProtobuf) return Uses::kProtobuf;
  if (type.module == "fix" || type.module == "nvfix") return Uses::kFix;
  const bool is_composite = type.module == "composite-local" || type.module == "composite-global";
  return is_composite ? Uses::kComposite : Uses::kLoaded;
}

// Which modules use which elements.
struct Rule {
  std::string_view element;
  Uses uses;
  bool required;
};
constexpr Rule kRules[] = {
    {"FieldSeparator", Uses::kFix, false},
    {"ValueSeparator", Uses::kFix, false},
    {"ProtobufDescriptorSet", Uses::kProtobuf, true},
    {"Type", Uses::kProtobuf, true},
    {"MessageType", Uses::kComposite, true},
    {"Options", Uses::kLoaded, false},
};

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

bool HasModule(const Config& config, const std::string& name) {
  return std::ranges::find(config.modules, name, &ModuleConfig::name) != config.modules.end();
}

std::string ModulesOfTypes(const Config& config) {
  std::string names = "fix, nvfix, protobuf, composite-local, composite-global";
  for (const ModuleConfig& module : config.modules) names += ", " + module.name;
  return names;
}

void CheckElements(const MessageTypeConfig& type, const Place& place, ConfigErrors& errors) {
  for (const Rule& rule : kRules) {
    const std::string_view element = rule.element;
    const Place::Child* const child = place.Find(element);
    const bool needed = rule.uses == UsesOf(type);
    if (needed && rule.required && child == nullptr) {
      errors.Add(place.line, "MessageType",
                 {fmt::format("of module {} has no <{}>", type.module, element), ""});
    } else if (!needed && child != nullptr) {
      errors.Add(child->line, element,
                 {fmt::format("has no meaning in a message type of module {}", type.module), ""});
    }
  }
}

}  // namespace

std::vector<std::string> MessageTypeNames(const Config& config, const KnownNames& known) {
  std::vector<std::string> names = known.message_types;
  for (const MessageTypeConfig& type : config.message_types) names.push_back(type.name);
  return names;
}

Problem UnknownMessageType(std::string_view name, const std::vector<std::string>& names) {
  if (std::find(std::begin(kConfigured), std::end(kConfigured), name) != std::end(kConfigured)) {
    return {fmt::format("{} needs a <MessageType> in <MessageTypes>", Quoted(name)), Joined(names)};
  }
  return internal::NotOneOf(name, Joined(names), kNotBuilt);
}

void CheckMessageTypes(const Config& config, const std::vector<Place>& places,
                       const KnownNames& known, ConfigErrors& errors) {
  std::vector<std::string> names = known.message_types;
  std::vector<std::string> part_names = known.message_types;
  for (const MessageTypeConfig& type : config.message_types) {
    if (UsesOf(type) != Uses::kComposite) part_names.push_back(type.name);
  }
  for (size_t i = 0; i < places.size(); ++i) {
    const MessageTypeConfig& type = config.message_types[i];
    const Place& place = places[i];
    const auto is_ok = [](const Place::Child& child) { return child.ok; };
    bool ok = std::all_of(place.children.begin(), place.children.end(), is_ok);
    if (type.name.empty() || type.module.empty()) continue;
    if (Contains(names, type.name)) {
      errors.Add(place.LineOf("Name"), "Name",
                 {fmt::format("{} is another message type's name", Quoted(type.name)), ""});
      ok = false;
    }
    names.push_back(type.name);
    const bool was_empty = errors.empty();
    if (UsesOf(type) == Uses::kLoaded && !HasModule(config, type.module)) {
      errors.Add(place.LineOf("Module"), "Module",
                 internal::NotOneOf(type.module, ModulesOfTypes(config), {}));
      continue;
    }
    CheckElements(type, place, errors);
    const auto parts = ChildrenNamed(place.children, "MessageType");
    for (size_t part = 0; part < type.parts.size(); ++part) {
      if (Contains(part_names, type.parts[part])) continue;
      errors.Add(parts[part]->line, "MessageType",
                 UnknownMessageType(type.parts[part], part_names));
    }
    // Another's error may be the reason for this one's.
    if (!ok || !was_empty || !errors.empty() || !known.try_message_type) continue;
    if (std::string why = known.try_message_type(config, type); !why.empty()) {
      const std::string_view element =
          type.module == kProtobuf ? "ProtobufDescriptorSet" : "Module";
      errors.Add(place.LineOf(element), element, {std::move(why), ""});
    }
  }
}

void CheckTransportMessageTypes(const Config& config, const std::vector<Place>& places,
                                const KnownNames& known, ConfigErrors& errors) {
  const std::vector<std::string> names = MessageTypeNames(config, known);
  for (size_t i = 0; i < places.size(); ++i) {
    const Place::Child* const child = places[i].Find("MessageType");
    if (child == nullptr || !child->ok) continue;
    const std::string& name = config.transports[i].message_type;
    if (Contains(names, name)) continue;
    errors.Add(child->line, "MessageType", UnknownMessageType(name, names));
  }
}

}  // namespace fluxgate::config
