// The plain truth that an engine is compared with: what bodies say, and which records there are.
// Slow and simple on purpose.
#ifndef FLUXGATE_TESTS_SIMULATION_REFERENCE_H_
#define FLUXGATE_TESTS_SIMULATION_REFERENCE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/filter/filter.h"
#include "core/filter/select_list.h"
#include "core/message/field_reader.h"
#include "core/message/json_message_type.h"

namespace fluxgate::testing {

// Topic and SOW key as clients see them.
using RowId = std::pair<std::string, std::string>;

struct Row {
  std::string body;
  uint64_t key = 0;  // what ties are ordered by
  uint64_t version = 0;
  int64_t expires_ns = 0;
};

using Rows = std::map<RowId, Row>;

std::string Text(const RowId& id);

// What filters, orders and select lists make of bodies; each text is compiled once.
class BodyReader {
 public:
  BodyReader();
  ~BodyReader();

  bool Matches(const std::string& filter, std::string_view body);
  // `order`: fields between commas, each may be followed by ` DESC`; empty: by key.
  bool Less(const std::string& order, const Row& a, const Row& b);
  std::string Select(const std::string& select, std::string_view body);
  std::string Merge(std::string_view base, std::string_view delta);
  // `changed`: whether anything differs.
  std::string Diff(std::string_view before, std::string_view after, const std::string& key_field,
                   bool& changed);
  // Whether `view` has everything of `body`, and nothing else unless `more`.
  bool Equal(std::string_view view, std::string_view body, bool more);

  const JsonMessageType& type() const { return json_; }

 private:
  struct CompiledFilter;
  struct CompiledOrder;

  std::string_view Padded(std::string_view body, std::string& room);

  JsonMessageType json_;
  std::map<std::string, std::unique_ptr<CompiledFilter>> filters_;
  std::map<std::string, std::unique_ptr<CompiledOrder>> orders_;
  std::map<std::string, std::shared_ptr<const SelectList>> selects_;
  std::string room_;
  std::string other_room_;
};

// The ids in that order, those from the skip-th on, `top` of them (0: all).
std::vector<RowId> Ordered(BodyReader& bodies, const Rows& rows, const std::string& order,
                           size_t skip, size_t top);

}  // namespace fluxgate::testing

#endif  // FLUXGATE_TESTS_SIMULATION_REFERENCE_H_
