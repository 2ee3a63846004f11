#include "client/cpp/uri.h"

namespace fluxgate::client {

absl::StatusOr<Uri> Uri::Parse(std::string_view text, const UriForm& form) {
  Uri uri;
  const UriProblem problem = Read(text, form, &uri);
  if (!problem.ok()) return MakeError(problem.code, problem.text);
  return uri;
}

}  // namespace fluxgate::client
