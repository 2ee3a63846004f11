// One version of a record: written once, then shared by reference count between the store, its
// indexes and whoever still has to deliver it. One thread.
//
// In memory: this header, the publisher's key (usually none), the body, and behind the body
// kBodyPaddingBytes that extractors may read.
#ifndef FLUXGATE_CORE_SOW_RECORD_H_
#define FLUXGATE_CORE_SOW_RECORD_H_

#include <cstdint>
#include <string_view>
#include <utility>

namespace fluxgate {

class Record {
 public:
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  uint64_t sequence = 0;   // number of the change that made it; rises over all topics
  int64_t updated_ns = 0;  // since 1970 UTC
  int64_t expires_ns = 0;  // since 1970 UTC; 0: never
  uint64_t key = 0;        // what it is found by
  uint32_t slot = 0;       // its place in the store
  uint32_t topic = 0;      // of a pattern's topics, RecordStore::topic_name

  // The publisher's key; empty where keys are computed.
  std::string_view key_text() const { return {text(), key_bytes_}; }
  std::string_view body() const { return {text() + key_bytes_, body_bytes_}; }
  uint64_t text_bytes() const { return uint64_t{key_bytes_} + body_bytes_; }

 private:
  friend class RecordMemory;
  friend class RecordRef;
  Record() = default;
  ~Record() = default;

  const char* text() const { return reinterpret_cast<const char*>(this + 1); }
  char* text() { return reinterpret_cast<char*>(this + 1); }

  uint32_t references_ = 0;
  uint32_t body_bytes_ = 0;
  uint16_t key_bytes_ = 0;
  uint16_t is_large_ = 0;
};

// A share of a record; empty or one.
class RecordRef {
 public:
  RecordRef() = default;
  explicit RecordRef(Record* record) : record_(record) {
    if (record_ != nullptr) ++record_->references_;
  }
  RecordRef(const RecordRef& other) : RecordRef(other.record_) {}
  RecordRef(RecordRef&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
  RecordRef& operator=(RecordRef other) noexcept {
    std::swap(record_, other.record_);
    return *this;
  }
  ~RecordRef() {
    if (record_ != nullptr && --record_->references_ == 0) Free(record_);
  }

  const Record* get() const { return record_; }
  Record* mutable_record() { return record_; }
  const Record& operator*() const { return *record_; }
  const Record* operator->() const { return record_; }
  explicit operator bool() const { return record_ != nullptr; }

 private:
  static void Free(Record* record);

  Record* record_ = nullptr;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_RECORD_H_
