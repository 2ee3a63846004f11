// Filter cases as text: what a filter says about a message, one case per line.
//
//   == Section (source) ==          names what follows
//   message {"a":1}                 the body that the cases below are about
//   TRUE   /a = 1                   expected value, blanks, filter
//   FALSE  /a = 2
//   NULL   /b = 1
//   ERROR  /a = | found the end     must not compile; the error's text holds what is behind the |
//   # comment
//
// In a Markdown file only fenced blocks marked `filter-cases` count.
#ifndef FLUXGATE_TESTS_CONFORMANCE_FILTER_CASES_H_
#define FLUXGATE_TESTS_CONFORMANCE_FILTER_CASES_H_

#include <string>
#include <string_view>
#include <vector>

namespace fluxgate {

struct FilterCase {
  enum class Expected { kTrue, kFalse, kNull, kError };

  std::string file;
  int line = 0;
  std::string section;
  std::string message;
  std::string filter;
  Expected expected = Expected::kTrue;
  std::string error;  // kError: part of its text
};

// `problem` tells a line that cannot be read; empty when all can.
std::vector<FilterCase> ReadFilterCases(const std::string& file, std::string& problem);

}  // namespace fluxgate

#endif  // FLUXGATE_TESTS_CONFORMANCE_FILTER_CASES_H_
