// Cuts input into messages.
#ifndef FLUXGATE_CLIENT_CLI_DELIMITER_H_
#define FLUXGATE_CLIENT_CLI_DELIMITER_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace fluxgate::cli {

// A delimiter as written on the command line: \n \t \r \0 \\ and \xNN stand for single bytes. Never
// empty.
absl::StatusOr<std::string> ParseDelimiter(std::string_view text);

// Takes input in pieces of any size and hands on what lies between delimiters; empty pieces are
// left out.
class MessageSplitter {
 public:
  // `take` returns false to stop; the view is good during the call.
  using Take = std::function<bool(std::string_view message)>;
  MessageSplitter(std::string delimiter, Take take)
      : delimiter_(std::move(delimiter)), take_(std::move(take)) {}

  // False once `take` has said so.
  bool Add(std::string_view bytes);
  // What follows the last delimiter is a message too.
  bool Finish();

 private:
  const std::string delimiter_;
  const Take take_;
  std::string rest_;
};

}  // namespace fluxgate::cli

#endif  // FLUXGATE_CLIENT_CLI_DELIMITER_H_
