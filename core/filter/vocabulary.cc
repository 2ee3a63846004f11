#include "core/filter/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fluxgate {
namespace {

constexpr std::array kFunctions = {
    "ABS",
    "ACOS",
    "AMPS_GROUP_NAME",
    "AMPS_INSTANCE_NAME",
    "ANY",
    "ARRAY_COUNT",
    "ARRAY_MAX",
    "ARRAY_MIN",
    "ARRAY_SUM",
    "ARRAY_TO_STRING",
    "ASIN",
    "ATAN",
    "ATAN2",
    "AVG",
    "BOOKMARK",
    "CEILING",
    "CHAR_VALUE",
    "CLIENT_NAME",
    "CLIENT_VERSION",
    "COALESCE",
    "CONCAT",
    "CONNECTION_NAME",
    "CORRELATION_ID",
    "COS",
    "COSH",
    "COT",
    "COUNT",
    "COUNT_DISTINCT",
    "CRC32",
    "CRC64",
    "DATE",
    "DATE_UTC",
    "DAY",
    "DEGREES",
    "EXP",
    "FALSE_VALUE",
    "FLOOR",
    "GEO_DISTANCE",
    "GREATEST",
    "GROUP_CONCAT",
    "IF",
    "INSTR",
    "INSTR_I",
    "LAST_LEASED",
    "LAST_READ",
    "LAST_UPDATED",
    "LEASE_COUNT",
    "LEAST",
    "LEFT",
    "LENGTH",
    "LN",
    "LOG10",
    "LOG2",
    "LOWER",
    "LTRIM",
    "MAX",
    "MD5",
    "MESSAGE_SIZE",
    "MIN",
    "MONTH",
    "NAN_VALUE",
    "POWER",
    "RADIANS",
    "REGEXP_MATCH",
    "REGEXP_REPLACE",
    "REMOTE_ADDRESS",
    "REPLACE",
    "REVERSE",
    "RIGHT",
    "ROUND",
    "RTRIM",
    "SIGN",
    "SIN",
    "SINH",
    "SOW_KEY",
    "SOW_KEY_HASH",
    "SQRT",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "STREQUAL_I",
    "STRFTIME",
    "STRPTIME",
    "SUBSTR",
    "SUM",
    "TAN",
    "TANH",
    "TIMEZONEOFFSET",
    "TODAY",
    "TODAY_UTC",
    "TOPIC_NAME",
    "TRIM",
    "TRUE_VALUE",
    "UNIQUE",
    "UNIX_TIMESTAMP",
    "UPPER",
    "USER",
    "UUID7",
    "VALUE_LOOKUP",
    "WIDTH_BUCKET",
    "YEAR",
};

constexpr std::array kKeywords = {"AND",    "OR",   "NOT",  "IN", "BETWEEN", "LIKE",
                                  "BEGINS", "ENDS", "WITH", "IS", "NAN",     "MOD"};

std::string Printable(std::string_view text) {
  constexpr size_t kShown = 32;
  std::string out;
  for (const char c : text.substr(0, kShown)) {
    if (c >= 0x20 && c < 0x7f) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  if (text.size() > kShown) out += "...";
  return out;
}

}  // namespace

bool IsKeyword(const Token& token) {
  return std::any_of(kKeywords.begin(), kKeywords.end(),
                     [&](const char* keyword) { return IsWord(token, keyword); });
}

std::string_view AnnouncedFunction(const Token& token) {
  for (const char* function : kFunctions) {
    if (IsWord(token, function)) return function;
  }
  return {};
}

std::string Describe(const Token& token) {
  const std::string text = Printable(token.text);
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end";
    case TokenKind::kField:
      return "field " + text;
    case TokenKind::kNumber:
      return "number " + text;
    case TokenKind::kString:
      return "string " + text;
    default:
      return "'" + text + "'";
  }
}

}  // namespace fluxgate
