// QuickFIX's reading of a message, for code of a newer standard than its headers.
#ifndef FLUXGATE_TESTS_BENCH_QUICKFIX_PARSE_H_
#define FLUXGATE_TESTS_BENCH_QUICKFIX_PARSE_H_

#include <string>

namespace fluxgate {
namespace bench {

// Without checking length, checksum and dictionary.
bool ParseWithQuickfix(const std::string& body);

}  // namespace bench
}  // namespace fluxgate

#endif  // FLUXGATE_TESTS_BENCH_QUICKFIX_PARSE_H_
