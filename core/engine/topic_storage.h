// Stored topics on disk: which change is durable when. Changes of all topics are gathered and made
// durable together, one commit at a time; a ticket names the commit that a change goes with. Owned
// by the engine; reactor thread.
#ifndef FLUXGATE_CORE_ENGINE_TOPIC_STORAGE_H_
#define FLUXGATE_CORE_ENGINE_TOPIC_STORAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/sow/sow_log.h"
#include "core/sow/sow_topic.h"
#include "core/storage/storage.h"

namespace fluxgate {

class TopicStorage {
 public:
  using Ticket = uint64_t;

  // `storage` outlives this. `at_end_of_batch` runs a task once the current batch of work is over;
  // `stored` is told when durable() or status() has changed.
  TopicStorage(Storage& storage, std::function<void(std::function<void()>)> at_end_of_batch,
               std::function<void()> stored);
  ~TopicStorage();

  // Reads the topic back from its file, and writes its changes there from now on. Before anything
  // else is done with the topic. `sequence` rises to the last one that was read. `notes` get what
  // an operator should know.
  absl::Status Open(SowTopic& topic, uint64_t& sequence, std::vector<std::string>& notes);

  // Not OK: nothing is stored any more; topics with a file take no changes.
  const absl::Status& status() const { return status_; }
  // The ticket of the last change that was made.
  Ticket latest() const { return changed_ ? current_ : current_ - 1; }
  // Changes with this ticket and those before it are durable.
  Ticket durable() const { return durable_; }
  // Not written yet.
  uint64_t waiting_bytes() const { return gathered_bytes_ + storage_.waiting_bytes(); }

  // Whether there is something for RunSlice now.
  bool WantsSlice() const;
  // A slice of writing topics anew whose files have grown too much. True while there is more.
  bool RunSlice();

 private:
  class TopicLog;

  void Changed(uint64_t bytes);
  void Commit();
  void Committed(Ticket ticket, const absl::Status& status);

  Storage& storage_;
  const std::function<void(std::function<void()>)> at_end_of_batch_;
  const std::function<void()> stored_;
  // For completions that come when this is gone.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::vector<std::unique_ptr<TopicLog>> logs_;
  absl::Status status_;
  Ticket current_ = 1;  // of the next change
  Ticket durable_ = 0;
  bool changed_ = false;     // since the last commit
  bool scheduled_ = false;   // a commit at the end of the batch
  bool committing_ = false;  // one is under way
  uint64_t gathered_bytes_ = 0;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_TOPIC_STORAGE_H_
