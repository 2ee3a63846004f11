// Cases as text: what an expression says about a message, one case per line.
//
//   == Section | source ==          names what follows, and where it is written what must come out
//   type fix                        of the messages below; json to begin with, and after a section
//   message 55=AAPL\x0138=100       the body that the cases below are about
//   group 1, 'two', NULL            for aggregates: the values of field /v in the rows of a group
//   TRUE   /a = 1                   expected value, blanks, expression
//   FALSE  /a = 2
//   NULL   /b = 1
//   ERROR  /a = | found the end     must not compile; the error's text holds what is behind the |
//   INVALID unexpected end          the message is refused; the error's text holds that
//   MERGE  {"b":2} => {"a":1,"b":2} the message with a delta laid over it
//   DIFF   {"a":1,"c":3} => {"c":3} what another body has that the message has not
//   BUILD  /a=x /b/c=y => {"a":"x","b":{"c":"y"}}   a body of fields, all of them text
//   BUILD  /a=x /a[0]=y => ! be both                the same refused; a part of the error's text
//   SELECT -/,+/b => {"b":2}        what a select list leaves of the message
//   # comment
//
// In messages of any type but json, \xHH is one byte and \\ a backslash. In a Markdown file only
// fenced blocks marked `filter-cases` and `aggregate-cases` count.
#ifndef FLUXGATE_TESTS_CONFORMANCE_CASES_H_
#define FLUXGATE_TESTS_CONFORMANCE_CASES_H_

#include <string>
#include <string_view>
#include <vector>

namespace fluxgate {

struct ConformanceCase {
  enum class Expected { kTrue, kFalse, kNull, kError, kInvalid, kMerge, kDiff, kBuild, kSelect };

  std::string file;
  int line = 0;
  std::string section;
  std::string type;
  std::string message;
  bool has_group = false;
  std::string group;
  Expected expected = Expected::kTrue;
  // The expression; kMerge, kDiff: the other body; kBuild: fields; kSelect: the list.
  std::string text;
  std::string wanted;  // kError, kInvalid: part of its text; else the resulting body
};

// `problem` tells lines that cannot be read; empty when all can.
std::vector<ConformanceCase> ReadCases(const std::string& file, std::string& problem);

}  // namespace fluxgate

#endif  // FLUXGATE_TESTS_CONFORMANCE_CASES_H_
