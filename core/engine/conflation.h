// The latest event of each key of one subscription, kept until its interval is over. The interval
// begins with the first event that waits for a key; later ones take its place, and what is
// delivered at the end is the change from what the subscriber had to what is there then. Reactor
// thread.
#ifndef FLUXGATE_CORE_ENGINE_CONFLATION_H_
#define FLUXGATE_CORE_ENGINE_CONFLATION_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/base/strings.h"
#include "core/engine/record_feed.h"
#include "core/message/field_reader.h"

namespace fluxgate {

class Conflation {
 public:
  // `key_slots`: fields that make the key, in use in `fields`; none: the SOW key.
  Conflation(int64_t interval_ns, const MessageType& type, FieldTable& fields,
             std::vector<FieldSlot> key_slots);
  ~Conflation();

  void Add(const FeedEvent& event, int64_t now_ns);
  // The next event whose interval is over; nullopt: none. An event that has come to nothing (a
  // record that came and went) is passed over.
  std::optional<HeldEvent> TakeDue(int64_t now_ns);

  std::span<const FieldSlot> key_slots() const { return key_slots_; }
  bool empty() const { return due_.empty(); }
  uint64_t bytes() const { return bytes_; }

 private:
  struct Due {
    int64_t at_ns;
    std::string key;
  };

  std::string KeyOf(const FeedEvent& event);

  const int64_t interval_ns_;
  FieldTable& fields_;
  const std::vector<FieldSlot> key_slots_;
  FieldReader reader_;
  std::vector<Value> values_;
  StringMap<HeldEvent> waiting_;
  std::deque<Due> due_;  // by time: all intervals are equal
  uint64_t bytes_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_CONFLATION_H_
