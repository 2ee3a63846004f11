#include "gateway/config/config_reference.h"

#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "gateway/config/config_schema.h"

namespace fluxgate::config {
namespace {

std::string OccursText(const Element& element) {
  if (element.occurs.max > 1) {
    return fmt::format("{} to {}", element.occurs.required ? 1 : 0, element.occurs.max);
  }
  return element.occurs.required ? "required" : "optional";
}

std::string ValuesText(const Element& element) {
  if (element.value() != nullptr) return element.value()->allowed;
  return std::string(element.options() != nullptr ? kFreeOptionsText : "elements");
}

std::string Code(std::string_view text) { return text.empty() ? "" : fmt::format("`{}`", text); }

}  // namespace

std::string ElementReference() {
  std::string out =
      "| Element | Inside | Occurs | Values | Default | Meaning |\n"
      "|---|---|---|---|---|---|\n";
  for (const Element& element : Schema()) {
    if (element.not_built()) continue;
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", Code(element.name),
                       Code(element.parent), OccursText(element), ValuesText(element),
                       Code(DefaultText(element)), element.doc);
  }
  out +=
      "\nNot built yet; each gives an error that says so:\n\n"
      "| Inside | Elements |\n"
      "|---|---|\n";
  std::vector<std::string_view> parents;
  for (const Element& element : Schema()) {
    if (!element.not_built()) continue;
    if (parents.empty() || parents.back() != element.parent) parents.push_back(element.parent);
  }
  for (std::string_view parent : parents) {
    std::string names;
    for (const Element& element : Schema()) {
      if (!element.not_built() || element.parent != parent) continue;
      names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", Code(element.name), element.doc);
    }
    out += fmt::format("| {} | {} |\n", parent == "*" ? "anywhere" : Code(parent), names);
  }
  out +=
      "\nNames of older versions of AMPS that are read as well:\n\n"
      "| Inside | Name | Means |\n"
      "|---|---|---|\n";
  for (const Synonym& synonym : Synonyms()) {
    out += fmt::format("| {} | {} | {} |\n", Code(synonym.parent), Code(synonym.name),
                       Code(synonym.means));
  }
  return out;
}

}  // namespace fluxgate::config
