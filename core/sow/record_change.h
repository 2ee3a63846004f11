// What has become of one record: the one thing that subscriptions, views, conflated topics and the
// log learn of a stored topic.
#ifndef FLUXGATE_CORE_SOW_RECORD_CHANGE_H_
#define FLUXGATE_CORE_SOW_RECORD_CHANGE_H_

#include "core/message/command.h"
#include "core/sow/record.h"

namespace fluxgate {

struct RecordChange {
  RecordRef previous;                                 // empty: there was none
  RecordRef current;                                  // empty: it is gone
  OutOfFocusReason reason = OutOfFocusReason::kNone;  // of a record that is gone
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_RECORD_CHANGE_H_
