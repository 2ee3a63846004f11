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
        root_(MakePlan(root, fields_.root())) {}

  bool Extract(std::string_view body, std::span<Value> values) override {
    collector_.Begin(values);
    Open(*root_);
    if (!Read(*root_, body) || !Close(*root_)) {
      collector_.Abandon();
      return false;
    }
    collector_.Finish();
    return true;
  }

 private:
  struct Plan;

  struct Wanted {
    const ProtobufField* field = nullptr;
    const FieldTree::Node* node = nullptr;  // null: only the other fields of its oneof are wanted
    Plan* plan = nullptr;                   // of a message: for every repetition but these
    std::vector<std::pair<uint32_t, Plan*>> indexed;

    // Of the message that is being read.
    bool seen = false;
    uint32_t count = 0;                  // repetitions
    Value value;                         // of a singular scalar
    std::string_view content;            // of a singular message
    std::vector<std::string_view> more;  // the same, when it is there several times
  };

  // What is wanted of one message.
  struct Plan {
    static constexpr size_t kDirect = 64;  // field numbers that are looked up without a search
    static constexpr uint16_t kUnwanted = UINT16_MAX;

    std::vector<Wanted> wanted;
    std::vector<uint16_t> direct;  // by number
    bool has_more = false;         // numbers of kDirect and above

    Wanted* Find(uint32_t number) {
      if (number < direct.size()) {
        const uint16_t found = direct[number];
        return found == kUnwanted ? nullptr : &wanted[found];
      }
      if (!has_more) return nullptr;
      const auto found = std::find_if(wanted.begin(), wanted.end(), [number](const Wanted& w) {
        return w.field->number == number;
      });
      return found == wanted.end() ? nullptr : &*found;
    }
  };

  Plan* MakePlan(const ProtobufMessage& message, const FieldTree::Node& node) {
    Plan& plan = plans_.emplace_back();
    for (const FieldTree::Node* child : node.children) {
      const ProtobufField* const field = message.Find(child->name);
      if (field == nullptr) continue;
      Wanted& wanted = plan.wanted.emplace_back();
      wanted.field = field;
      wanted.node = child;
    }
    AddOneofs(message, plan);
    for (Wanted& wanted : plan.wanted) {
      if (wanted.node != nullptr && wanted.field->is_message()) MakePlansBelow(wanted);
      const uint32_t number = wanted.field->number;
      if (number >= Plan::kDirect) {
        plan.has_more = true;
        continue;
      }
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
      wanted.plan = MakePlan(message, FieldTree::ForElement(*wanted.node, 0));
      return;
    }
    wanted.plan = MakePlan(message, *wanted.node);
    for (const FieldTree::Indexed& indexed : wanted.node->indexed) {
      wanted.indexed.emplace_back(indexed.index, MakePlan(message, *indexed.node));
    }
  }

  static void Open(Plan& plan) {
    for (Wanted& wanted : plan.wanted) {
      wanted.seen = false;
      wanted.count = 0;
      if (!wanted.more.empty()) wanted.more.clear();
    }
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
      if (wanted.seen) {
        wanted.more.push_back(wire.content);
      } else {
        wanted.content = wire.content;
        wanted.seen = true;
      }
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

  static void ClearOneof(Plan& plan, const Wanted& chosen) {
    if (chosen.field->oneof == ProtobufField::kNoOneof) return;
    for (Wanted& wanted : plan.wanted) {
      if (&wanted == &chosen || wanted.field->oneof != chosen.field->oneof) continue;
      wanted.seen = false;
      wanted.more.clear();
    }
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
    const FieldTree::Node& node = FieldTree::ForElement(*wanted.node, wanted.count++);
    return collector_.Add(node.slots, value);
  }

  bool ReadElement(Wanted& wanted, std::string_view content) {
    Plan* plan = wanted.plan;
    for (const auto& [index, indexed] : wanted.indexed) {
      if (index == wanted.count) plan = indexed;
    }
    ++wanted.count;
    Open(*plan);
    return Read(*plan, content) && Close(*plan);
  }

  // Nothing comes after: what was the last value of its field is one now.
  bool Close(Plan& plan) {
    for (Wanted& wanted : plan.wanted) {
      const ProtobufField& field = *wanted.field;
      if (wanted.node == nullptr || field.repeated) continue;
      if (!wanted.seen && !field.always_there) continue;
      if (field.is_message()) {
        Open(*wanted.plan);
        if (wanted.seen && !Read(*wanted.plan, wanted.content)) return false;
        for (const std::string_view content : wanted.more) {
          if (!Read(*wanted.plan, content)) return false;
        }
        if (!Close(*wanted.plan)) return false;
        continue;
      }
      const FieldTree::Node& node = FieldTree::ForElement(*wanted.node, 0);
      if (!collector_.Add(node.slots, wanted.seen ? wanted.value : field.default_value)) {
        return false;
      }
    }
    return true;
  }

  const uint32_t depth_max_;
  const FieldTree fields_;
  FieldCollector collector_;
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
