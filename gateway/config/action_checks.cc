#include <algorithm>

#include "gateway/config/config_checks.h"

namespace fluxgate::config {
namespace {

// Of the option, or of what there is of the part.
uint32_t LineOf(const Place::Child& part, std::string_view option) {
  for (const Place::Child& child : part.children) {
    if (child.name == "Options") {
      for (const Place::Child& inner : child.children) {
        if (inner.name == option) return inner.line;
      }
    }
    if (child.name == "Module" && option.empty()) return child.line;
  }
  return part.line;
}

}  // namespace

void CheckActions(const Config& config, const std::vector<Place>& places, const KnownNames& known,
                  ConfigErrors& errors) {
  if (!known.check_action) return;
  for (size_t i = 0; i < config.actions.size(); ++i) {
    const Place& place = places[i];
    const auto is_ok = [](const Place::Child& child) { return child.ok; };
    // Parts are in the order of the file, so are the children.
    if (!std::ranges::all_of(place.children, is_ok)) continue;
    for (const ActionProblem& found : known.check_action(config, config.actions[i])) {
      const Place::Child& part = place.children[found.part];
      const std::string_view element =
          found.option.empty() ? std::string_view("Module") : std::string_view(found.option);
      errors.Add(LineOf(part, found.option), element, found.problem);
    }
  }
}

}  // namespace fluxgate::config
