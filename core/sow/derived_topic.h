// What conflated topics and views have in common: a stored topic whose records are made of those of
// others. Sources tell of their changes, which are only noted; the records are made later, in
// slices. One thread.
#ifndef FLUXGATE_CORE_SOW_DERIVED_TOPIC_H_
#define FLUXGATE_CORE_SOW_DERIVED_TOPIC_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "core/message/command.h"
#include "core/sow/record.h"

namespace fluxgate {

// Takes what becomes of a derived topic's records, enters it and tells who wants to know.
class DerivedOutput {
 public:
  virtual ~DerivedOutput() = default;
  // The record as it is now to be, from the topic's memory; its sequence is set here.
  virtual void Put(RecordRef record) = 0;
  // Nothing happens when there is no such record.
  virtual void Remove(uint64_t key, OutOfFocusReason reason) = 0;
};

class DerivedTopic {
 public:
  virtual ~DerivedTopic() = default;

  // Goes on for some hundred records. False: there was nothing to do.
  virtual bool RunSlice(DerivedOutput& output) = 0;
  // Whether RunSlice has something to do now.
  virtual bool HasWork() const = 0;
  // What is kept beside the records.
  virtual uint64_t bytes() const = 0;

  // `wake` is called when there is work where there was none, other than by the passing of time.
  void OnWork(std::function<void()> wake) { wake_ = std::move(wake); }

 protected:
  void Wake() const {
    if (wake_) wake_();
  }

 private:
  std::function<void()> wake_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_DERIVED_TOPIC_H_
