#include "core/engine/record_feed.h"

#include <cstring>

#include "core/engine/conflation.h"
#include "core/engine/page.h"

namespace fluxgate {
namespace {

// What an event takes beside text and records.
constexpr uint64_t kEventBytes = sizeof(HeldEvent) + 32;

}  // namespace

HeldEvent::HeldEvent(const FeedEvent& event) : event_(event), bytes_(kEventBytes) {
  if (event.current) bytes_ += event.current->body().size();
  if (event.previous) bytes_ += event.previous->body().size();
  const bool is_stored = event.sow != nullptr;
  // Names of stored topics stay.
  const size_t topic = is_stored ? 0 : event.topic.size();
  const size_t size = topic + event.correlation_id.size() + event.body.size();
  if (size == 0) return;
  text_ = std::make_unique<char[]>(size + kBodyPaddingBytes);
  bytes_ += size;
  char* to = text_.get();
  const auto keep = [&to](std::string_view& view) {
    if (!view.empty()) std::memcpy(to, view.data(), view.size());
    view = {to, view.size()};
    to += view.size();
  };
  if (!is_stored) keep(event_.topic);
  keep(event_.correlation_id);
  keep(event_.body);
}

RecordFeed::RecordFeed() = default;
RecordFeed::~RecordFeed() = default;

}  // namespace fluxgate
