// Records: a publish ('p', its sequence, up to where they are discarded, its frame), or 'd' and up
// to where they are discarded, which is written when nothing is left and no publish follows soon.
#include "amps/publish_store.h"

#include <condition_variable>
#include <mutex>

#include "client/amps/kept_publishes.h"
#include "client/amps/record_file.h"
#include "client/amps/wait_at_most.h"

namespace AMPS {
namespace {

constexpr std::string_view kMagic = "FGpubl01";
static_assert(kMagic.size() == internal::RecordFile::kMagicBytes);
constexpr char kPublish = 'p';
constexpr char kDiscarded = 'd';
constexpr size_t kPublishHeadBytes = 1 + 2 * sizeof(uint64_t);
constexpr size_t kDiscardedBytes = 1 + sizeof(uint64_t);
constexpr size_t kRecordOverheadBytes =
    internal::RecordFile::kRecordHeaderBytes + kPublishHeadBytes;

struct Place {
  uint64_t at;  // of the frame
  uint64_t bytes;
  size_t size() const { return bytes; }
};

std::string PublishHead(uint64_t sequence, uint64_t discarded) {
  std::string head(1, kPublish);
  internal::AppendU64(sequence, &head);
  internal::AppendU64(discarded, &head);
  return head;
}

std::string DiscardedRecord(uint64_t discarded) {
  std::string record(1, kDiscarded);
  internal::AppendU64(discarded, &record);
  return record;
}

}  // namespace

class PublishStore::State {
 public:
  State(const std::string& path, uint64_t bytes_max, Sync sync)
      // What a file holds is kept whatever the limit is now.
      : kept(bytes_max),
        file(path, kMagic, sync == Sync::EachPublish,
             [this](uint64_t place, std::string_view record) { return ReadIn(place, record); }) {
    recorded = kept.discarded();
  }

  std::string ReadIn(uint64_t place, std::string_view record) {
    if (record.size() == kDiscardedBytes && record[0] == kDiscarded) {
      kept.DiscardUpTo(internal::ReadU64(record.substr(1)));
      return {};
    }
    if (record.size() < kPublishHeadBytes || record[0] != kPublish) {
      return "the record is of no known kind";
    }
    const uint64_t sequence = internal::ReadU64(record.substr(1));
    if (sequence != kept.last() + 1) {
      return "publish " + std::to_string(sequence) + " follows " + std::to_string(kept.last());
    }
    kept.Add({place + kPublishHeadBytes, record.size() - kPublishHeadBytes});
    kept.DiscardUpTo(internal::ReadU64(record.substr(1 + sizeof(uint64_t))));
    return {};
  }

  bool ReadOut(uint64_t sequence, std::string* frame) const {
    const Place* const found = kept.Find(sequence);
    if (found == nullptr) return false;
    frame->resize(found->bytes);
    file.Read(found->at, found->bytes, frame->data());
    return true;
  }

  uint64_t LiveBytes() const { return kept.bytes() + kept.count() * kRecordOverheadBytes; }

  void MakeSmaller() {
    std::deque<Place> places;
    const bool done = file.Rewrite([&](const internal::RecordFile::Appender& append) {
      append(DiscardedRecord(kept.discarded()), {});
      std::string frame;
      uint64_t sequence = kept.discarded();
      while (ReadOut(++sequence, &frame)) {
        const uint64_t at = append(PublishHead(sequence, kept.discarded()), frame);
        places.push_back({at + kPublishHeadBytes, frame.size()});
      }
    });
    if (!done) return;
    kept.entries().swap(places);
    recorded = kept.discarded();
  }

  // A crash after this does not bring back what is discarded.
  void Record() {
    if (recorded == kept.discarded()) return;
    try {
      file.Append(DiscardedRecord(kept.discarded()), {});
      recorded = kept.discarded();
    } catch (const StoreException&) {
      // Then it is sent again after a crash, and the gateway knows it by its sequence.
    }
  }

  mutable std::mutex mutex;
  std::condition_variable emptied;
  internal::KeptPublishes<Place> kept;
  uint64_t recorded = 0;  // up to here the file says that they are discarded
  internal::RecordFile file;
};

PublishStore::PublishStore(const std::string& path, uint64_t bytes_max, Sync sync)
    : state_(std::make_unique<State>(path, bytes_max, sync)) {}

PublishStore::~PublishStore() { state_->Record(); }

void PublishStore::store(uint64_t sequence, std::string_view frame) {
  const std::lock_guard lock(state_->mutex);
  state_->kept.CheckAdd(sequence, frame.size());
  const uint64_t discarded = state_->kept.discarded();
  const uint64_t place = state_->file.Append(PublishHead(sequence, discarded), frame);
  state_->recorded = discarded;
  state_->kept.Add({place + kPublishHeadBytes, frame.size()});
}

void PublishStore::discardUpTo(uint64_t sequence) {
  const std::lock_guard lock(state_->mutex);
  state_->kept.DiscardUpTo(sequence);
  if (state_->file.WantsRewrite(state_->LiveBytes())) state_->MakeSmaller();
  if (state_->kept.count() != 0) return;
  state_->Record();
  state_->emptied.notify_all();
}

void PublishStore::replay(const Replayer& replayer) {
  std::string frame;
  for (uint64_t sequence = 0;;) {
    {
      const std::lock_guard lock(state_->mutex);
      sequence = std::max(sequence, state_->kept.discarded()) + 1;
      if (!state_->ReadOut(sequence, &frame)) return;
    }
    if (!replayer(sequence, frame)) return;
  }
}

bool PublishStore::find(uint64_t sequence, std::string* frame) const {
  const std::lock_guard lock(state_->mutex);
  return state_->ReadOut(sequence, frame);
}

uint64_t PublishStore::getLastSequence() const {
  const std::lock_guard lock(state_->mutex);
  return state_->kept.last();
}

uint64_t PublishStore::getLowestUnpersisted() const {
  const std::lock_guard lock(state_->mutex);
  return state_->kept.lowest();
}

size_t PublishStore::unpersistedCount() const {
  const std::lock_guard lock(state_->mutex);
  return state_->kept.count();
}

uint64_t PublishStore::bytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->kept.bytes();
}

bool PublishStore::flush(long timeout) {
  std::unique_lock lock(state_->mutex);
  return internal::WaitAtMost(state_->emptied, lock, timeout,
                              [&] { return state_->kept.count() == 0; });
}

}  // namespace AMPS
