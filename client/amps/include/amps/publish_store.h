// Publishes that the gateway has not acknowledged as stored yet: what a client sends again after a
// reconnect. A sequence names a publish; the gateway drops what it has had before.
#ifndef AMPS_CPP_PUBLISH_STORE_H_
#define AMPS_CPP_PUBLISH_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace AMPS {

// Any thread. A publish is kept as the bytes of its frame, which the store does not look into.
class Store {
 public:
  // Handed publishes in order of sequence; false: no more.
  using Replayer = std::function<bool(uint64_t sequence, std::string_view frame)>;

  virtual ~Store() = default;
  // Keeps a publish under `sequence`, the last one and 1 (UsageException: it is not).
  // StoreException: it is full, or cannot be written; nothing has changed then.
  virtual void store(uint64_t sequence, std::string_view frame) = 0;
  // The gateway has stored all of them up to and with `sequence`; that may be more than were ever
  // stored here, and the next one follows it then.
  virtual void discardUpTo(uint64_t sequence) = 0;
  // In order. Others may use the store meanwhile, as may `replayer`; it is handed what they store,
  // and not what they discard.
  virtual void replay(const Replayer& replayer) = 0;
  // One of them, copied; false: not there.
  virtual bool find(uint64_t sequence, std::string* frame) const = 0;
  // The highest that was ever stored or discarded; 0: none.
  virtual uint64_t getLastSequence() const = 0;
  virtual uint64_t getLowestUnpersisted() const = 0;  // 0: nothing is kept
  virtual size_t unpersistedCount() const = 0;
  virtual uint64_t bytes() const = 0;  // of the frames that are kept
  // Until nothing is kept. False: the time is up (0: for ever).
  virtual bool flush(long timeout = 0) = 0;
};

// In memory: survives the connection, not the process.
class MemoryPublishStore final : public Store {
 public:
  static constexpr uint64_t kBytesMaxDefault = 1ull << 30;
  explicit MemoryPublishStore(uint64_t bytes_max = kBytesMaxDefault);
  ~MemoryPublishStore() override;
  void store(uint64_t sequence, std::string_view frame) override;
  void discardUpTo(uint64_t sequence) override;
  void replay(const Replayer& replayer) override;
  bool find(uint64_t sequence, std::string* frame) const override;
  uint64_t getLastSequence() const override;
  uint64_t getLowestUnpersisted() const override;
  size_t unpersistedCount() const override;
  uint64_t bytes() const override;
  bool flush(long timeout = 0) override;

 private:
  class State;
  const std::unique_ptr<State> state_;
};

// In a file: survives the process, and with `sync` the machine. Read back when it is made; a torn
// last record is dropped, other damage is a StoreException that says at which byte. The file is
// locked: a second store cannot use it. It is written anew when most of it, and at least 16 MiB,
// has been discarded: it takes up to twice what is kept, or 16 MiB more. What was discarded in the
// last moments before a crash may be there again.
class PublishStore final : public Store {
 public:
  enum class Sync { None, EachPublish };
  static constexpr uint64_t kBytesMaxDefault = 1ull << 30;
  explicit PublishStore(const std::string& path, uint64_t bytes_max = kBytesMaxDefault,
                        Sync sync = Sync::None);
  ~PublishStore() override;
  void store(uint64_t sequence, std::string_view frame) override;
  void discardUpTo(uint64_t sequence) override;
  void replay(const Replayer& replayer) override;
  bool find(uint64_t sequence, std::string* frame) const override;
  uint64_t getLastSequence() const override;
  uint64_t getLowestUnpersisted() const override;
  size_t unpersistedCount() const override;
  uint64_t bytes() const override;
  bool flush(long timeout = 0) override;

 private:
  class State;
  const std::unique_ptr<State> state_;
};

}  // namespace AMPS

#endif  // AMPS_CPP_PUBLISH_STORE_H_
