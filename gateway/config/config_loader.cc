#include "gateway/config/config_loader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/module/announced_function.h"
#include "fmt/format.h"
#include "gateway/config/config_checks.h"
#include "gateway/config/config_errors.h"
#include "gateway/config/config_schema.h"
#include "gateway/config/default_config.h"
#include "gateway/config/machine_memory.h"
#include "gateway/config/sow_schema.h"
#include "gateway/config/xml_source.h"

namespace fluxgate::config {
namespace {

// One run over one document. Recursion is as deep as the schema, not as the file.
class Loader {
 public:
  Loader(const XmlSource& source, const LoadOptions& options, ConfigErrors& errors)
      : source_(source),
        environment_(options.environment),
        context_{options.known,
                 options.memory_bytes != 0 ? options.memory_bytes : MachineMemoryBytes(),
                 &functions_, &module_names_, &protocol_names_},
        errors_(errors) {}

  Config Run() {
    Config config;
    const pugi::xml_node root = source_.root();
    const std::string_view name = root.name();
    if (name != kRootName && name != kAmpsRootName) {
      Fail(root, {"is not the root element of a configuration",
                  fmt::format("{}, {}", kRootName, kAmpsRootName)});
      return config;
    }
    AnnounceFunctions(root);
    AnnounceNames(root, "Modules", "Module", module_names_);
    AnnounceNames(root, "Protocols", "Protocol", protocol_names_);
    ReadContainer(root, Schema().front(), &config);
    CheckMessageTypes(config, message_types_, context_.known, errors_);
    CheckTransportMessageTypes(config, transports_, context_.known, errors_);
    CheckTransportTls(config, transports_, context_.known, errors_);
    CheckSow(config, sow_, context_.known, functions_, errors_);
    CheckModules(config.modules, modules_, errors_);
    CheckFunctionModules(config, function_places_, errors_);
    CheckProtocols(config, protocols_, context_.known, errors_);
    CheckModuleUses(config, module_uses_, context_.known, errors_);
    CheckActions(config, actions_, context_.known, errors_);
    CheckTransportsDiffer(config.transports, transports_, errors_);
    if (config.logging.empty()) config.logging.emplace_back();
    return config;
  }

 private:
  uint32_t LineOf(pugi::xml_node node) const { return source_.LineOf(node); }

  void Fail(pugi::xml_node node, const Problem& problem) {
    errors_.Add(LineOf(node), node.name(), problem);
  }

  void RefuseAttributes(pugi::xml_node node) {
    if (!node.first_attribute()) return;
    Fail(node, {fmt::format("has the attribute {}", Quoted(node.first_attribute().name())),
                "elements without attributes"});
  }

  std::vector<Place::Child> ReadContainer(pugi::xml_node node, const Element& element,
                                          Target target) {
    Place place;
    place.line = LineOf(node);
    RefuseAttributes(node);
    if (HasText(node)) Fail(node, {"has text where elements are expected", ChildNames(element)});
    for (pugi::xml_node child : node.children()) {
      if (child.type() == pugi::node_element) ReadChild(child, element, target, place);
    }
    FillIn(node, element, target, place);
    Check(element, target, place);
    return std::move(place.children);
  }

  void ReadChild(pugi::xml_node node, const Element& parent, Target target, Place& place) {
    const Element* element = FindElement(parent.name, node.name());
    if (element == nullptr) {
      Fail(node, {fmt::format("is unknown inside <{}>", node.parent().name()), ChildNames(parent)});
      return;
    }
    if (element->not_built()) {
      Fail(node, {"is not built yet", "", true});
      return;
    }
    uint32_t count = 0;
    const Place::Child* first = nullptr;
    for (const Place::Child& child : place.children) {
      if (child.name != element->name) continue;
      if (count++ == 0) first = &child;
    }
    if (count >= element->occurs.max) {
      if (element->occurs.max == 1) {
        Fail(node, {fmt::format("is there twice, first at line {}", first->line), "one"});
      } else if (count == element->occurs.max) {
        Fail(node, {"is there too often", fmt::format("{} to {}", element->occurs.required ? 1 : 0,
                                                      element->occurs.max)});
        place.children.push_back({element->name, LineOf(node), false, ""});
      }
      return;
    }
    Place::Child read = {element->name, LineOf(node), true, ""};
    if (const Container* container = element->container()) {
      read.children = ReadContainer(node, *element, container->enter(target));
      const auto is_ok = [](const Place::Child& child) { return child.ok; };
      read.ok = std::all_of(read.children.begin(), read.children.end(), is_ok);
    } else if (const FreeOptions* options = element->options()) {
      read.ok = ReadOptions(node, *options->enter(target), read.children);
    } else {
      read.ok = ReadValue(node, *element->value(), target, read.text);
    }
    place.children.push_back(std::move(read));
  }

  bool ReadOptions(pugi::xml_node node, Options& options, std::vector<Place::Child>& children) {
    RefuseAttributes(node);
    bool ok = true;
    if (HasText(node)) {
      Fail(node, {"has text where elements are expected", std::string(kFreeOptionsText)});
      ok = false;
    }
    for (pugi::xml_node child : node.children()) {
      if (child.type() != pugi::node_element) continue;
      if (options.size() == kFreeOptionsMax) {
        Fail(child, {"is one too many", fmt::format("0 to {} of them", kFreeOptionsMax)});
        return false;
      }
      std::optional<std::string> text = ReadText(child, kFreeOptionsText);
      if (text && !IsValidUtf8(*text)) {  // possible where it comes from the environment
        Fail(child, {"is not valid UTF-8", ""});
        text.reset();
      }
      children.push_back({child.name(), LineOf(child), text.has_value(), text.value_or("")});
      if (text) options.emplace_back(child.name(), *std::move(text));
      ok &= text.has_value();
    }
    return ok;
  }

  bool ReadValue(pugi::xml_node node, const Value& value, Target target, std::string& taken) {
    std::optional<std::string> text = ReadText(node, value.allowed);
    if (!text) return false;
    if (std::optional<Problem> problem = value.parse(*text, target, context_)) {
      Fail(node, *problem);
      return false;
    }
    taken = *std::move(text);
    return true;
  }

  // With variables replaced, without white space around. Nothing after an error.
  std::optional<std::string> ReadText(pugi::xml_node node, std::string_view allowed) {
    RefuseAttributes(node);
    for (pugi::xml_node child : node.children()) {
      if (child.type() != pugi::node_element) continue;
      Fail(node, {fmt::format("has the element {} where text is expected", Quoted(child.name())),
                  std::string(allowed)});
      return std::nullopt;
    }
    absl::StatusOr<std::string> text = TextOf(node);
    if (text.ok()) text = Substitute(Trimmed(*text), environment_);
    if (!text.ok()) {
      Fail(node, {ErrorText(text.status()), ""});
      return std::nullopt;
    }
    return std::string(Trimmed(*text));
  }

  // Complains about children that are missing, and sets those whose default is not the one of the
  // structure.
  void FillIn(pugi::xml_node node, const Element& parent, Target target, const Place& place) {
    for (const Element* element : BuiltChildren(parent.name)) {
      if (place.Find(element->name) != nullptr) continue;
      if (element->occurs.required) {
        Fail(node, {fmt::format("has no <{}>", element->name), ""});
        continue;
      }
      if (element->default_text.empty()) continue;
      if (Transport** transport = std::get_if<Transport*>(&target)) {
        if (IsRefused((*transport)->type, element->name)) continue;
      }
      if (std::optional<Problem> problem =
              element->value()->parse(element->default_text, target, context_)) {
        errors_.Add(place.line, element->name, *problem);
      }
    }
  }

  // Expressions anywhere in the file may call the functions of <UserDefinedFunctions>, wherever
  // that stands. What is wrong with it is said when it is read.
  void AnnounceFunctions(pugi::xml_node root) {
    const auto value_of = [this](pugi::xml_node node) { return ValueOf(node); };
    for (pugi::xml_node list : root.children("UserDefinedFunctions")) {
      for (pugi::xml_node node : list.children("Function")) {
        LoadedFunctionDefinition function;
        function.name = value_of(node.child("Name"));
        ParameterCount().parse(value_of(node.child("ParameterCount")), &function, context_);
        AnnounceFunction(function, functions_).IgnoreError();
      }
    }
  }

  // The same for names that transports use.
  void AnnounceNames(pugi::xml_node root, const char* list, const char* item,
                     std::vector<std::string>& names) {
    for (pugi::xml_node parent : root.children(list)) {
      for (pugi::xml_node node : parent.children(item)) {
        names.push_back(ValueOf(node.child("Name")));
      }
    }
  }

  // Empty where there is anything wrong with it.
  std::string ValueOf(pugi::xml_node node) const {
    absl::StatusOr<std::string> text = TextOf(node);
    if (text.ok()) text = Substitute(Trimmed(*text), environment_);
    return text.ok() ? std::string(Trimmed(*text)) : std::string();
  }

  void CheckFunction(const LoadedFunctionDefinition& function, const Place& place) {
    if (function.name.empty()) return;
    const absl::Status status = AnnounceFunction(function, functions_read_);
    if (!status.ok()) errors_.Add(place.LineOf("Name"), "Name", {ErrorText(status), ""});
  }

  void Check(const Element& element, Target target, const Place& place) {
    if (Transport** transport = std::get_if<Transport*>(&target)) {
      CheckTransport(**transport, place, errors_);
      transports_.push_back(place);
    } else if (LogTarget** log_target = std::get_if<LogTarget*>(&target)) {
      CheckLogTarget(**log_target, place, errors_);
    } else if (std::holds_alternative<MessageTypeConfig*>(target)) {
      message_types_.push_back(place);
    } else if (std::holds_alternative<ModuleConfig*>(target)) {
      modules_.push_back(place);
    } else if (std::holds_alternative<ProtocolConfig*>(target)) {
      protocols_.push_back(place);
    } else if (std::holds_alternative<ModuleUse*>(target)) {
      module_uses_.push_back({element.name, place});
    } else if (LoadedFunctionDefinition** function =
                   std::get_if<LoadedFunctionDefinition*>(&target)) {
      CheckFunction(**function, place);
      function_places_.push_back(place);
    } else if (Limits** limits = std::get_if<Limits*>(&target)) {
      CheckLimits(**limits, place, errors_);
    } else if (std::holds_alternative<ActionConfig*>(target)) {
      actions_.push_back(place);
    } else if (element.parent == kSowName) {
      sow_.push_back(place);
    }
  }

  static std::string ChildNames(const Element& parent) {
    std::string out;
    for (const Element* element : BuiltChildren(parent.name)) {
      out += fmt::format("{}{}", out.empty() ? "" : ", ", element->name);
    }
    return out;
  }

  const XmlSource& source_;
  const Environment& environment_;
  FunctionRegistry functions_;       // all of the file
  FunctionRegistry functions_read_;  // those that have been read
  std::vector<std::string> module_names_;
  std::vector<std::string> protocol_names_;
  ValueContext context_;
  ConfigErrors& errors_;
  std::vector<Place> message_types_;    // parallel to Config::message_types
  std::vector<Place> transports_;       // parallel to Config::transports
  std::vector<Place> modules_;          // parallel to Config::modules
  std::vector<Place> function_places_;  // parallel to Config::functions
  std::vector<Place> protocols_;        // parallel to Config::protocols
  std::vector<ModuleUsePlace> module_uses_;
  std::vector<Place> sow_;      // parallel to Config::sow
  std::vector<Place> actions_;  // parallel to Config::actions
};

}  // namespace

absl::StatusOr<Config> LoadText(std::string_view xml, std::string_view name_for_errors,
                                const LoadOptions& options) {
  ConfigErrors errors(name_for_errors);
  const XmlSource source(xml, errors);
  if (!errors.empty()) return errors.ToStatus();
  Config config = Loader(source, options, errors).Run();
  if (!errors.empty()) return errors.ToStatus();
  return config;
}

absl::StatusOr<Config> Load(const std::string& path, const LoadOptions& options) {
  const absl::StatusOr<std::string> xml = ReadConfigFile(path);
  if (!xml.ok()) return xml.status();
  return LoadText(*xml, path, options);
}

absl::StatusOr<Config> DefaultConfig(const LoadOptions& options) {
  return LoadText(DefaultConfigXml(), "default configuration", options);
}

}  // namespace fluxgate::config
