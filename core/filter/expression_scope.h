// What an expression may speak of, apart from the fields of the message: depends on where it
// stands.
#ifndef FLUXGATE_CORE_FILTER_EXPRESSION_SCOPE_H_
#define FLUXGATE_CORE_FILTER_EXPRESSION_SCOPE_H_

#include <string_view>

namespace fluxgate {

// The client on whose behalf an expression is compiled. Functions of these become constants.
struct ClientFacts {
  std::string_view client_name;
  std::string_view user;
  std::string_view remote_address;
  std::string_view client_version;
  std::string_view connection_name;
};

class FunctionRegistry;

struct ExpressionScope {
  const ClientFacts* client = nullptr;  // null: CLIENT_NAME() and its kin are errors
  std::string_view instance_name = {};
  std::string_view group_name = {};
  const FunctionRegistry* functions = nullptr;  // beside the builtin ones
  bool records = false;                         // `/f OF CURRENT`, `/f OF PREVIOUS`
  bool qualified_fields = false;                // `[topic].[/f]`
  bool aggregates = false;                      // SUM(..)
  bool deterministic_only = false;              // no UNIX_TIMESTAMP(), LAST_READ(), UUID7()
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_EXPRESSION_SCOPE_H_
