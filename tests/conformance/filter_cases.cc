#include "tests/conformance/filter_cases.h"

#include <fstream>
#include <optional>

namespace fluxgate {
namespace {

constexpr std::string_view kFence = "```";

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

std::optional<FilterCase::Expected> ExpectedOf(std::string_view word) {
  using Expected = FilterCase::Expected;
  if (word == "TRUE") return Expected::kTrue;
  if (word == "FALSE") return Expected::kFalse;
  if (word == "NULL") return Expected::kNull;
  if (word == "ERROR") return Expected::kError;
  return std::nullopt;
}

}  // namespace

std::vector<FilterCase> ReadFilterCases(const std::string& file, std::string& problem) {
  std::vector<FilterCase> cases;
  std::ifstream in(file);
  if (!in) problem = file + ": cannot be read";
  const bool markdown = file.ends_with(".md");
  bool active = !markdown;
  std::string section = file;
  std::string message = "{}";
  std::string raw;
  for (int number = 1; std::getline(in, raw); ++number) {
    const std::string_view line = Trim(raw);
    if (markdown && line.starts_with(kFence)) {
      active = Trim(line.substr(kFence.size())) == "filter-cases";
      message = "{}";
      continue;
    }
    if (markdown && !active && line.starts_with("#")) section = line;
    if (!active || line.empty() || line.starts_with("#")) continue;
    if (line.starts_with("==")) {
      section = line;
      continue;
    }
    const size_t space = line.find_first_of(" \t");
    const std::string_view word = line.substr(0, space);
    const std::string_view rest =
        space == std::string_view::npos ? std::string_view() : Trim(line.substr(space));
    if (word == "message") {
      message = rest;
      continue;
    }
    const auto expected = ExpectedOf(word);
    if (!expected.has_value()) {
      problem += file + ":" + std::to_string(number) + ": cannot be read: " + raw + "\n";
      continue;
    }
    FilterCase filter_case{file, number, section, message, std::string(rest), *expected, ""};
    if (*expected == FilterCase::Expected::kError) {
      const size_t bar = rest.rfind('|');
      if (bar == std::string_view::npos) {
        problem += file + ":" + std::to_string(number) + ": an error needs its text\n";
        continue;
      }
      filter_case.filter = Trim(rest.substr(0, bar));
      filter_case.error = Trim(rest.substr(bar + 1));
    }
    cases.push_back(std::move(filter_case));
  }
  return cases;
}

}  // namespace fluxgate
