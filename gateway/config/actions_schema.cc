#include "gateway/config/actions_schema.h"

#include <optional>
#include <string>

namespace fluxgate::config {
namespace {

using Kind = ActionPart::Kind;

constexpr std::string_view kActions = "Actions";

// Nothing to write where there is nothing in it.
constexpr Container kActionsContainer = {
    [](Target parent) { return parent; },
    [](Source parent) {
      const Config& config = *std::get<const Config*>(parent);
      if (config.actions.empty() && config.action_directories.empty()) return std::vector<Item>();
      return std::vector<Item>{parent};
    },
};

// The parts of one kind; written in the order of all of them.
template <Kind kind>
constexpr Container kParts = {
    [](Target parent) -> Target {
      ActionPart& part = std::get<ActionConfig*>(parent)->parts.emplace_back();
      part.kind = kind;
      return &part;
    },
    [](Source parent) {
      std::vector<Item> items;
      const std::vector<ActionPart>& parts = std::get<const ActionConfig*>(parent)->parts;
      for (size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].kind == kind) items.emplace_back(&parts[i], i);
      }
      return items;
    },
};

constexpr FreeOptions kPartOptions = {
    [](Target parent) { return &std::get<ActionPart*>(parent)->options; },
    [](Source parent) { return &std::get<const ActionPart*>(parent)->options; },
};

Value Directories() {
  return {[](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            if (std::optional<Problem> problem = internal::CheckText(text, kFileNameBytesMax)) {
              return problem;
            }
            if (text.front() != '/') return Problem{"is no absolute path", "/directory"};
            std::get<Config*>(target)->action_directories.emplace_back(text);
            return std::nullopt;
          },
          [](Source source) {
            std::string lines;
            for (const std::string& text : std::get<const Config*>(source)->action_directories) {
              lines += (lines.empty() ? "" : "\n") + text;
            }
            return lines;
          },
          "an absolute path", &Fresh<Config>};
}

}  // namespace

std::vector<Element> ActionRows() {
  std::vector<Element> rows = {
      {kRootName, "AllowExecuteSystem", kOptional,
       Flag(&Config::allow_execute_system, "true", "false"),
       "whether actions may run programs (amps-action-do-execute-system)"},
      {kRootName, kActions, kOptional, kActionsContainer,
       "what the gateway does on a schedule or when something happens, see docs/actions.md"},
      {kActions, "Directory", UpTo(kActionDirectoriesMax), Directories(),
       "directory below which actions may compress and remove files; without one they touch none"},
      {kActions, "Action", UpTo(kActionsMax), kListOf<&Config::actions>, "one action"},
      {"Action", "On", OneTo(kActionPartsMax), kParts<Kind::kOn>,
       "when it is done: each time one of these happens"},
      {"Action", "If", UpTo(kActionPartsMax), kParts<Kind::kIf>,
       "goes on only when this holds; in order with Do"},
      {"Action", "Do", OneTo(kActionPartsMax), kParts<Kind::kDo>,
       "one step, in order; the first that fails ends the action"},
  };
  for (const std::string_view kind : {"On", "If", "Do"}) {
    rows.push_back({kind, "Module", kRequired, Text(&ActionPart::module, kNameBytesMax),
                    "name of what is done or waited for"});
    rows.push_back({kind, "Options", kOptional, kPartOptions, "what the module is told"});
  }
  return rows;
}

}  // namespace fluxgate::config
