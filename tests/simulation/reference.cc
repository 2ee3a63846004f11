#include "tests/simulation/reference.h"

#include <algorithm>
#include <tuple>

#include "core/filter/compare.h"
#include "core/filter/parser.h"

namespace fluxgate::testing {
namespace {

// The fields of an order, as plain numbers and texts. NULL is before numbers, they before text.
struct Sortable {
  int type = 0;
  double number = 0;
  std::string text;

  bool operator<(const Sortable& other) const {
    return std::tie(type, number, text) < std::tie(other.type, other.number, other.text);
  }
};

}  // namespace

std::string Text(const RowId& id) { return id.first + "#" + id.second; }

struct BodyReader::CompiledFilter {
  FieldTable fields{100};
  std::shared_ptr<const Filter> filter;
  FieldReader reader;
  std::vector<Value> values;
};

struct BodyReader::CompiledOrder {
  FieldTable fields{100};
  std::vector<std::pair<FieldSlot, bool>> terms;  // whether descending
  FieldReader reader;
  std::vector<Value> values;

  std::vector<Sortable> KeyOf(std::string_view body) {
    std::vector<Sortable> key;
    reader.ReadBody(body, values);
    for (const auto& [slot, descending] : terms) {
      const Value& value = values[slot].first();
      Sortable& part = key.emplace_back();
      if (value.is_null()) continue;
      part.type = value.is_string() ? 2 : 1;
      if (value.is_string()) {
        part.text = value.as_string();
      } else {
        part.number = ToDouble(value);
      }
    }
    return key;
  }
};

BodyReader::BodyReader() = default;
BodyReader::~BodyReader() = default;

std::string_view BodyReader::Padded(std::string_view body, std::string& room) {
  room.assign(body);
  room.append(kBodyPaddingBytes, '\0');
  return std::string_view(room).substr(0, body.size());
}

bool BodyReader::Matches(const std::string& filter, std::string_view body) {
  if (filter.empty()) return true;
  std::unique_ptr<CompiledFilter>& compiled = filters_[filter];
  if (compiled == nullptr) {
    compiled = std::make_unique<CompiledFilter>();
    compiled->filter = *Filter::Compile(filter, compiled->fields);
    compiled->reader = FieldReader(json_, compiled->fields, compiled->filter->slots());
    compiled->values.resize(compiled->fields.slot_end());
  }
  return compiled->reader.ReadBody(Padded(body, room_), compiled->values) &&
         compiled->filter->Matches(compiled->values);
}

bool BodyReader::Less(const std::string& order, const Row& a, const Row& b) {
  std::unique_ptr<CompiledOrder>& compiled = orders_[order];
  if (compiled == nullptr) {
    compiled = std::make_unique<CompiledOrder>();
    std::vector<FieldSlot> slots;
    for (std::string_view rest = order; !rest.empty();) {
      const size_t comma = rest.find(',');
      std::string_view term = rest.substr(0, comma);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
      const bool descending = term.ends_with(" DESC");
      if (descending) term.remove_suffix(5);
      slots.push_back(*compiled->fields.Acquire(*ParseFieldPath(term)));
      compiled->terms.emplace_back(slots.back(), descending);
    }
    compiled->reader = FieldReader(json_, compiled->fields, slots);
    compiled->values.resize(compiled->fields.slot_end());
  }
  if (!compiled->terms.empty()) {
    const std::vector<Sortable> key_a = compiled->KeyOf(Padded(a.body, room_));
    const std::vector<Sortable> key_b = compiled->KeyOf(Padded(b.body, room_));
    for (size_t i = 0; i < key_a.size(); ++i) {
      const bool descending = compiled->terms[i].second;
      if (key_a[i] < key_b[i]) return !descending;
      if (key_b[i] < key_a[i]) return descending;
    }
  }
  return a.key < b.key;
}

std::string BodyReader::Select(const std::string& select, std::string_view body) {
  if (select.empty()) return std::string(body);
  std::shared_ptr<const SelectList>& compiled = selects_[select];
  if (compiled == nullptr) compiled = *SelectList::Parse(select);
  std::string selected;
  if (!compiled->Apply(json_, Padded(body, room_), selected).ok()) return {};
  return selected;
}

std::string BodyReader::Merge(std::string_view base, std::string_view delta) {
  std::string merged;
  const absl::Status status = json_.Merge(Padded(base, room_), Padded(delta, other_room_), merged);
  return status.ok() ? merged : "?";
}

std::string BodyReader::Diff(std::string_view before, std::string_view after,
                             const std::string& key_field, bool& changed) {
  std::vector<FieldPath> keys;
  if (!key_field.empty()) keys.push_back(*ParseFieldPath(key_field));
  std::string delta;
  const absl::Status status =
      json_.Diff(Padded(before, room_), Padded(after, other_room_), keys, delta, changed);
  return status.ok() ? delta : "?";
}

bool BodyReader::Equal(std::string_view view, std::string_view body, bool more) {
  if (view == body) return true;
  bool changed = false;
  if (Diff(view, body, "", changed) == "?" || changed) return false;
  if (more) return true;
  return Diff(body, view, "", changed) != "?" && !changed;
}

std::vector<RowId> Ordered(BodyReader& bodies, const Rows& rows, const std::string& order,
                           size_t skip, size_t top) {
  std::vector<const Rows::value_type*> sorted;
  for (const auto& row : rows) sorted.push_back(&row);
  std::sort(sorted.begin(), sorted.end(),
            [&](const auto* a, const auto* b) { return bodies.Less(order, a->second, b->second); });
  std::vector<RowId> ids;
  for (size_t i = skip; i < sorted.size() && (top == 0 || ids.size() < top); ++i) {
    ids.push_back(sorted[i]->first);
  }
  return ids;
}

}  // namespace fluxgate::testing
