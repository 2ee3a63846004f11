#include "tests/conformance/cases.h"

#include <fstream>
#include <map>
#include <utility>

namespace fluxgate {
namespace {

using Expected = ConformanceCase::Expected;

constexpr std::string_view kFence = "```";

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

const std::map<std::string, Expected, std::less<>> kWords = {
    {"TRUE", Expected::kTrue},   {"FALSE", Expected::kFalse},     {"NULL", Expected::kNull},
    {"ERROR", Expected::kError}, {"INVALID", Expected::kInvalid}, {"MERGE", Expected::kMerge},
    {"DIFF", Expected::kDiff},   {"BUILD", Expected::kBuild},     {"SELECT", Expected::kSelect},
};

std::string Unescape(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
    } else if (i + 3 < text.size() && text[i + 1] == 'x') {
      bytes += static_cast<char>(digit(text[i + 2]) * 16 + digit(text[i + 3]));
      i += 3;
    } else if (i + 1 < text.size()) {
      bytes += text[++i];
    }
  }
  return bytes;
}

// Splits "a <separator> b" at the last separator; false when there is none.
bool Split(std::string_view rest, std::string_view separator, std::string& a, std::string& b) {
  const size_t at = rest.rfind(separator);
  if (at == std::string_view::npos) return false;
  a = Trim(rest.substr(0, at));
  b = Trim(rest.substr(at + separator.size()));
  return true;
}

class Reader {
 public:
  Reader(const std::string& file, std::string& problem) : file_(file), problem_(problem) {
    Begin(file);
  }

  std::vector<ConformanceCase> Read() {
    std::ifstream in(file_);
    if (!in) problem_ = file_ + ": cannot be read";
    const bool markdown = file_.ends_with(".md");
    bool active = !markdown;
    std::string raw;
    while (std::getline(in, raw)) {
      ++now_.line;
      const std::string_view line = Trim(raw);
      if (markdown && line.starts_with(kFence)) {
        const std::string_view mark = Trim(line.substr(kFence.size()));
        active = mark == "filter-cases" || mark == "aggregate-cases";
        Begin(now_.section);
      } else if (markdown && !active && line.starts_with("#")) {
        now_.section = line;
      } else if (active && !line.empty() && !line.starts_with("#")) {
        if (!Take(line)) {
          problem_ += file_ + ":" + std::to_string(now_.line) + ": cannot be read: " + raw + "\n";
        }
      }
    }
    return std::move(cases_);
  }

 private:
  void Begin(std::string section) {
    const int line = now_.line;
    now_ = ConformanceCase();
    now_.file = file_;
    now_.line = line;
    now_.section = std::move(section);
    now_.type = "json";
    now_.message = "{}";
  }

  bool Take(std::string_view line) {
    if (line.starts_with("==")) {
      Begin(std::string(line));
      return true;
    }
    const size_t space = line.find_first_of(" \t");
    const std::string_view word = line.substr(0, space);
    const std::string_view rest =
        space == std::string_view::npos ? std::string_view() : Trim(line.substr(space));
    if (word == "type") {
      now_.type = rest;
      return true;
    }
    if (word == "message") {
      now_.message = Bytes(rest);
      return true;
    }
    if (word == "group") {
      now_.has_group = true;
      now_.group = rest;
      return true;
    }
    const auto expected = kWords.find(word);
    if (expected == kWords.end()) return false;
    ConformanceCase c = now_;
    c.expected = expected->second;
    c.text = rest;
    if (c.expected == Expected::kError && !Split(rest, "|", c.text, c.wanted)) return false;
    if (c.expected == Expected::kInvalid) c.wanted = rest;
    if (c.expected == Expected::kMerge || c.expected == Expected::kDiff ||
        c.expected == Expected::kBuild || c.expected == Expected::kSelect) {
      if (!Split(rest, "=>", c.text, c.wanted)) return false;
      c.text = Bytes(c.text);
      c.wanted = Bytes(c.wanted);
    }
    cases_.push_back(std::move(c));
    return true;
  }

  std::string Bytes(std::string_view text) const {
    return now_.type == "json" ? std::string(text) : Unescape(text);
  }

  const std::string file_;
  std::string& problem_;
  ConformanceCase now_;
  std::vector<ConformanceCase> cases_;
};

}  // namespace

std::vector<ConformanceCase> ReadCases(const std::string& file, std::string& problem) {
  return Reader(file, problem).Read();
}

}  // namespace fluxgate
