#include "core/message/protobuf_extractor.h"

#include <algorithm>
#include <deque>

#include "core/message/field_collector.h"
#include "core/message/message_reader.h"

namespace fluxgate {
namespace {

class ProtobufExtractor final : public Extractor {
 public:
  ProtobufExtractor(const ProtobufMessage& root, const std::vector<FieldRequest>& requests,
                    const MessageLimits& limits)
      : depth_max_(std::min(limits.depth_max, kMessageDepthCeiling)),
        fields_(requests, depth_max_),
        collector_(SlotsOf(requests), limits.elements_max),
        parts_max_(limits.elements_max),
        root_(MakePlan(root, fields_.root())) {}

  bool Extract(std::string_view body, std::span<Value> values) override {
    collector_.Begin(values);
    Open(*root_);
    const bool ok = Read(*root_, body) && Close(*root_);
    if (ok) {
      collector_.Finish();
    } else {
      collector_.Abandon();
    }
    // Few bodies have any: the memory is not kept.
    if (!parts_.empty()) std::vector<Part>().swap(parts_);
    return ok;
  }

 private:
  struct Plan;

  // Of a singular message that is there several times, in a list.
  static constexpr uint32_t kNoPart = UINT32_MAX;
  struct Part {
    std::string_view content;
    uint32_t next = kNoPart;
  };

  struct Wanted {
    const ProtobufField* field = nullptr;
    const FieldTree::Node* node = nullptr;  // null: only the other fields of its oneof are wanted
    Plan* plan = nullptr;                   // of a message: for every repetition but these
    std::vector<std::pair<uint32_t, Plan*>> indexed;  // by number

    // Of the message that is being read.
    bool seen = false;
    uint32_t count = 0;             // repetitions
    Value value;                    // of a singular scalar
    std::string_view content;       // of a singular message
    uint32_t first_part = kNoPart;  // the same, when it is there several times
    uint32_t last_part = kNoPart;

    void Clear() {
      seen = false;
      first_part = kNoPart;
    }
  };

  // What is wanted of one message.
  struct Plan {
    static constexpr size_t kDirect = 64;  // field numbers that are looked up without a search
    static constexpr uint16_t kUnwanted = UINT16_MAX;

    std::vector<FieldSlot> slots;  // that ask for the message itself
    std::vector<Wanted> wanted;    // by number
    std::vector<uint16_t> direct;  // by number
    std::vector<Wanted*> chosen;   // by oneof: the field that was read last

    Wanted* Find(uint32_t number) {
      if (number < direct.size()) {
        const uint16_t found = direct[number];
        return found == kUnwanted ? nullptr : &wanted[found];
      }
      const auto found =
          std::lower_bound(wanted.begin(), wanted.end(), number,
                           [](const Wanted& w, uint32_t other) { return w.field->number < other; });
      return found == wanted.end() || found->field->number != number ? nullptr : &*found;
    }
  };

  Plan* MakePlan(const ProtobufMessage& message, const FieldTree::Node& node) {
    Plan& plan = plans_.emplace_back();
    plan.slots = node.slots;
    for (const FieldTree::Node* child : node.children) {
      const ProtobufField* const field = message.Find(child->name);
      if (field == nullptr) continue;
      Wanted& wanted = plan.wanted.emplace_back();
      wanted.field = field;
      wanted.node = child;
    }
    AddOneofs(message, plan);
    std::sort(plan.wanted.begin(), plan.wanted.end(),
              [](const Wanted& a, const Wanted& b) { return a.field->number < b.field->number; });
    for (Wanted& wanted : plan.wanted) {
      if (wanted.node != nullptr && wanted.field->is_message()) MakePlansBelow(wanted);
      if (wanted.field->oneof > plan.chosen.size()) plan.chosen.resize(wanted.field->oneof);
      const uint32_t number = wanted.field->number;
      if (number >= Plan::kDirect) continue;
      if (number >= plan.direct.size()) plan.direct.resize(number + 1, Plan::kUnwanted);
      plan.direct[number] = static_cast<uint16_t>(&wanted - plan.wanted.data());
    }
    return &plan;
  }

  // A field takes the place of the others of its oneof.
  static void AddOneofs(const ProtobufMessage& message, Plan& plan) {
    const auto has = [&plan](const auto& matches) {
      return std::any_of(plan.wanted.begin(), plan.wanted.end(), matches);
    };
    for (const ProtobufField& field : message.fields) {
      if (field.oneof == ProtobufField::kNoOneof) continue;
      if (!has([&](const Wanted& w) { return w.field->oneof == field.oneof; })) continue;
      if (has([&](const Wanted& w) { return w.field == &field; })) continue;
      plan.wanted.emplace_back().field = &field;
    }
  }

  void MakePlansBelow(Wanted& wanted) {
    const ProtobufMessage& message = *wanted.field->message;
    if (!wanted.field->repeated) {
      wanted.plan = MakePlan(message, *wanted.node->single);
      return;
    }
    wanted.plan = MakePlan(message, *wanted.node);
    for (const FieldTree::Indexed& indexed : wanted.node->indexed) {
      wanted.indexed.emplace_back(indexed.index, MakePlan(message, *indexed.node->single));
    }
    std::sort(wanted.indexed.begin(), wanted.indexed.end());
  }

  static void Open(Plan& plan) {
    for (Wanted& wanted : plan.wanted) {
      wanted.Clear();
      wanted.count = 0;
    }
    std::fill(plan.chosen.begin(), plan.chosen.end(), nullptr);
  }

  bool Read(Plan& plan, std::string_view left) {
    WireField wire;
    while (!left.empty()) {
      if (!ReadWireField(left, wire)) return false;
      Wanted* const wanted = plan.Find(wire.number);
      if (wanted != nullptr && !ReadWanted(plan, *wanted, wire)) return false;
    }
    return true;
  }

  bool ReadWanted(Plan& plan, Wanted& wanted, const WireField& wire) {
    const ProtobufField& field = *wanted.field;
    if (wire.type != field.wire_type) {
      // What has another type than its field is an unknown field.
      return !(wire.type == WireType::kBytes && field.packable()) || ReadPacked(wanted, wire);
    }
    if (field.is_message()) {
      if (field.repeated) return ReadElement(wanted, wire.content);
      ClearOneof(plan, wanted);
      if (wanted.seen) return AddPart(wanted, wire.content);
      wanted.content = wire.content;
      wanted.seen = true;
      return true;
    }
    Value value;
    bool known;
    if (!field.Read(wire, value, known)) return false;
    if (!known) return true;
    if (field.repeated) return AddElement(wanted, value);
    ClearOneof(plan, wanted);
    wanted.value = value;
    wanted.seen = true;
    return true;
  }

  static void ClearOneof(Plan& plan, Wanted& wanted) {
    if (wanted.field->oneof == ProtobufField::kNoOneof) return;
    Wanted*& chosen = plan.chosen[wanted.field->oneof - 1];
    if (chosen != nullptr && chosen != &wanted) chosen->Clear();
    chosen = &wanted;
  }

  bool AddPart(Wanted& wanted, std::string_view content) {
    if (parts_.size() == parts_max_) return false;
    const auto part = static_cast<uint32_t>(parts_.size());
    if (wanted.first_part == kNoPart) {
      wanted.first_part = part;
    } else {
      parts_[wanted.last_part].next = part;
    }
    wanted.last_part = part;
    parts_.push_back({content});
    return true;
  }

  bool ReadPacked(Wanted& wanted, const WireField& wire) {
    std::string_view left = wire.content;
    WireField element;
    element.type = wanted.field->wire_type;
    while (!left.empty()) {
      Value value;
      bool known;
      if (!ReadWireValue(left, element) || !wanted.field->Read(element, value, known)) return false;
      if (known && !AddElement(wanted, value)) return false;
    }
    return true;
  }

  bool AddElement(Wanted& wanted, const Value& value) {
    const ArrayPlace place = ArrayPlace{*wanted.node, true}.Element(wanted.count++);
    return collector_.Add(place.Single().slots, value);
  }

  bool ReadElement(Wanted& wanted, std::string_view content) {
    Plan* plan = wanted.plan;
    const uint32_t number = wanted.count++;
    const auto indexed =
        std::lower_bound(wanted.indexed.begin(), wanted.indexed.end(), number,
                         [](const auto& one, uint32_t other) { return one.first < other; });
    if (indexed != wanted.indexed.end() && indexed->first == number) plan = indexed->second;
    Open(*plan);
    return collector_.Add(plan->slots, Value::Null()) && Read(*plan, content) && Close(*plan);
  }

  // Nothing comes after: what was the last value of its field is one now.
  bool Close(Plan& plan) {
    for (Wanted& wanted : plan.wanted) {
      const ProtobufField& field = *wanted.field;
      if (wanted.node == nullptr || field.repeated) continue;
      if (!wanted.seen && !field.always_there) continue;
      if (field.is_message()) {
        if (!ReadMessage(wanted)) return false;
        continue;
      }
      const Value& value = wanted.seen ? wanted.value : field.default_value;
      if (!collector_.Add(wanted.node->single->slots, value)) return false;
    }
    return true;
  }

  // A singular one, all its parts.
  bool ReadMessage(const Wanted& wanted) {
    Plan& plan = *wanted.plan;
    Open(plan);
    if (!collector_.Add(plan.slots, Value::Null())) return false;
    if (wanted.seen && !Read(plan, wanted.content)) return false;
    for (uint32_t part = wanted.first_part; part != kNoPart; part = parts_[part].next) {
      if (!Read(plan, parts_[part].content)) return false;
    }
    return Close(plan);
  }

  const uint32_t depth_max_;
  const FieldTree fields_;
  FieldCollector collector_;
  const uint32_t parts_max_;
  std::vector<Part> parts_;  // all but the first of each message, of the whole body
  std::deque<Plan> plans_;
  Plan* const root_;
};

}  // namespace

std::unique_ptr<Extractor> NewProtobufExtractor(const ProtobufMessage& root,
                                                const std::vector<FieldRequest>& requests,
                                                const MessageLimits& limits) {
  return std::make_unique<ProtobufExtractor>(root, requests, limits);
}

}  // namespace fluxgate
