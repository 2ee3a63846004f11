#include "gateway/config/config_writer.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "gateway/config/config_errors.h"
#include "gateway/config/config_schema.h"
#include "gateway/config/default_config.h"
#include "gateway/config/env_substitution.h"
#include "gateway/config/xml_source.h"

namespace fluxgate::config {
namespace {

constexpr size_t kColumnsMax = 100;

constexpr std::string_view kXmlLine = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string Indent(size_t depth) { return std::string(2 * depth, ' '); }

void WriteValue(std::string_view name, std::string_view text, size_t depth, std::string& out) {
  out += fmt::format("{0}<{1}>{2}</{1}>\n", Indent(depth), name, text);
}

std::string ItemText(const Element& container, Source item, size_t depth);

// What `parent` has of the element, by its place among all that `parent` has.
struct Part {
  size_t position;
  std::string text;
};

void AddParts(const Element& element, Source parent, size_t depth, std::vector<Part>& parts) {
  if (element.container() != nullptr) {
    for (const Item& item : element.container()->items(parent)) {
      parts.push_back({item.position, ItemText(element, item.source, depth)});
    }
    return;
  }
  if (element.options() != nullptr) {
    std::string content;
    for (const auto& [name, text] : *element.options()->get(parent)) {
      WriteValue(name, EscapeXml(EscapeSubstitution(text)), depth + 1, content);
    }
    if (content.empty()) return;
    parts.push_back(
        {0, fmt::format("{0}<{1}>\n{2}{0}</{1}>\n", Indent(depth), element.name, content)});
    return;
  }
  std::istringstream lines(element.value()->print(parent));
  for (std::string text; std::getline(lines, text);) {
    parts.push_back({0, ""});
    WriteValue(element.name, EscapeXml(EscapeSubstitution(text)), depth, parts.back().text);
  }
}

// Nothing when there is nothing in it and it may be left out.
std::string ItemText(const Element& container, Source item, size_t depth) {
  std::vector<Part> parts;
  for (const Element* element : BuiltChildren(container.name)) {
    AddParts(*element, item, depth + 1, parts);
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.position < b.position; });
  std::string content;
  for (const Part& part : parts) content += part.text;
  if (content.empty() && !container.occurs.required) return "";
  return fmt::format("{0}<{1}>\n{2}{0}</{1}>\n", Indent(depth), container.name, content);
}

// `text` broken at spaces; lines after the first are indented by `indent`.
std::string Wrapped(std::string_view text, size_t indent) {
  std::string out;
  size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column > indent && column + 1 + word.size() > kColumnsMax) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

void WriteComment(std::string_view text, size_t depth, std::string& out) {
  constexpr std::string_view kOpen = "<!-- ";
  const size_t indent = 2 * depth + kOpen.size();
  out += fmt::format("{}{}{} -->\n", Indent(depth), kOpen, Wrapped(text, indent));
}

std::string About(const Element& element) {
  std::string text = fmt::format("{}: {}.", element.name, element.doc);
  if (element.value() != nullptr) text += fmt::format(" Allowed: {}.", element.value()->allowed);
  const std::string preset = DefaultText(element);
  if (!preset.empty()) text += fmt::format(" Default: {}.", preset);
  return text;
}

void WriteAboutChildren(const Element& container, size_t depth, std::string& out) {
  for (const Element* element : BuiltChildren(container.name)) {
    WriteComment(About(*element), depth, out);
    if (element->container() != nullptr) WriteAboutChildren(*element, depth + 1, out);
  }
}

// Elements that may come several times are taken from the default configuration as they are there,
// with all that may stand in them said once before.
void WriteRepeated(const Element& repeated, pugi::xml_node parent, size_t depth, std::string& out) {
  WriteComment(fmt::format("{}: {}; {} to {} of them.", repeated.name, repeated.doc,
                           repeated.occurs.required ? 1 : 0, repeated.occurs.max),
               depth, out);
  WriteAboutChildren(repeated, depth + 1, out);
  const std::string name(repeated.name);  // pugixml keeps the pointer while it iterates
  for (pugi::xml_node node : parent.children(name.c_str())) {
    out += fmt::format("{}<{}>\n", Indent(depth), repeated.name);
    for (pugi::xml_node child : node.children()) {
      WriteValue(child.name(), child.child_value(), depth + 1, out);
    }
    out += fmt::format("{}</{}>\n", Indent(depth), repeated.name);
  }
}

// It cannot be written empty.
bool NeedsChildren(const Element& element) {
  if (element.container() == nullptr || element.occurs.max > 1) return false;
  const std::vector<const Element*> children = BuiltChildren(element.name);
  return std::any_of(children.begin(), children.end(),
                     [](const Element* child) { return child->occurs.required; });
}

// `node` is the container's in the default configuration; null when it is not there.
void WriteSample(const Element& container, pugi::xml_node node, size_t depth, std::string& out) {
  out += fmt::format("{}<{}>\n", Indent(depth), container.name);
  for (const Element* element : BuiltChildren(container.name)) {
    const pugi::xml_node child = node.child(std::string(element->name).c_str());
    if (depth == 0) out += '\n';
    if (!child && !element->occurs.required && NeedsChildren(*element)) {
      WriteComment(fmt::format("{}: {}.", element->name, element->doc), depth + 1, out);
      WriteAboutChildren(*element, depth + 2, out);
    } else if (element->occurs.max > 1) {
      WriteRepeated(*element, node, depth + 1, out);
    } else if (element->container() != nullptr) {
      WriteComment(fmt::format("{}: {}.", element->name, element->doc), depth + 1, out);
      WriteSample(*element, child, depth + 1, out);
    } else if (element->options() != nullptr) {
      WriteComment(About(*element), depth + 1, out);
    } else {
      WriteComment(About(*element), depth + 1, out);
      WriteValue(element->name, child ? child.child_value() : DefaultText(*element), depth + 1,
                 out);
    }
  }
  out += fmt::format("{}</{}>\n", Indent(depth), container.name);
}

}  // namespace

std::string Dump(const Config& config) {
  std::string out(kXmlLine);
  return out += ItemText(Schema().front(), &config, 0);
}

std::string SampleConfig() {
  ConfigErrors errors("default configuration");
  const XmlSource source(DefaultConfigXml(), errors);
  std::string out(kXmlLine);
  WriteComment(
      "A Fluxgate configuration with every element at its default: what a gateway without a file "
      "uses. All but Transports may be left out. In text, ${NAME} stands for an environment "
      "variable, ${NAME:-text} for one with a default, $${ for ${ itself.",
      0, out);
  WriteSample(Schema().front(), source.root(), 0, out);
  return out;
}

}  // namespace fluxgate::config
