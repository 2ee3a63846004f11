#include "core/engine/conflation.h"

#include <utility>

#include "core/sow/sow_key.h"

namespace fluxgate {

namespace {

bool IsOfSameRecord(const FeedEvent& a, const FeedEvent& b) {
  const auto record = [](const FeedEvent& event) {
    return event.current ? event.current.get() : event.previous.get();
  };
  if (record(a) == nullptr || record(b) == nullptr) return record(a) == record(b);
  return a.sow == b.sow && record(a)->key == record(b)->key;
}

}  // namespace

Conflation::Conflation(int64_t interval_ns, const MessageType& type, FieldTable& fields,
                       std::vector<FieldSlot> key_slots)
    : interval_ns_(interval_ns),
      fields_(fields),
      key_slots_(std::move(key_slots)),
      reader_(type, fields, key_slots_) {}

Conflation::~Conflation() {
  for (const FieldSlot slot : key_slots_) fields_.Release(slot);
}

// A message without key is one of its own: it waits, and nothing takes its place but the next one
// without key.
std::string Conflation::KeyOf(const FeedEvent& event) {
  std::string key(event.topic);
  key.push_back('\0');
  const Record* record = event.current ? event.current.get() : event.previous.get();
  if (key_slots_.empty()) {
    if (record == nullptr) return key;
    SowKeyBuffer buffer;
    return key.append(SowKeyText(*record, buffer));
  }
  values_.resize(fields_.slot_end());
  const std::string_view body = record != nullptr ? record->body() : event.body;
  std::string scratch;
  if (!reader_.ReadBody(body, values_)) return key;
  const std::optional<uint64_t> hash = ComputeSowKey(event.topic, key_slots_, values_, scratch);
  return hash.has_value() ? scratch : key;
}

void Conflation::Add(const FeedEvent& event, int64_t now_ns) {
  std::string key = KeyOf(event);
  const auto found = waiting_.find(key);
  if (found == waiting_.end()) {
    HeldEvent held(event);
    bytes_ += held.bytes() + key.size();
    waiting_.emplace(key, std::move(held));
    due_.push_back({now_ns + interval_ns_, std::move(key)});
    return;
  }
  const FeedEvent& first = found->second.event();
  FeedEvent latest = event;
  // The change is from what the subscriber has. By other fields than the SOW key the latest may be
  // of another record.
  if (IsOfSameRecord(first, latest)) latest.previous = first.previous;
  latest.time_ns = first.time_ns;
  bytes_ -= found->second.bytes();
  found->second = HeldEvent(latest);
  bytes_ += found->second.bytes();
}

std::optional<HeldEvent> Conflation::TakeDue(int64_t now_ns) {
  while (!due_.empty() && due_.front().at_ns <= now_ns) {
    const auto found = waiting_.find(due_.front().key);
    HeldEvent held = std::move(found->second);
    bytes_ -= held.bytes() + due_.front().key.size();
    waiting_.erase(found);
    due_.pop_front();
    const FeedEvent& event = held.event();
    const bool came_and_went = event.leaves != OutOfFocusReason::kNone && event.is_new();
    if (!came_and_went) return held;
  }
  return std::nullopt;
}

}  // namespace fluxgate
