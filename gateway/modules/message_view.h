// What the server sends on an `amps` connection as modules see it (amps_message). Views: as long as
// what they were made of. Any thread.
#ifndef FLUXGATE_GATEWAY_MODULES_MESSAGE_VIEW_H_
#define FLUXGATE_GATEWAY_MODULES_MESSAGE_VIEW_H_

#include <optional>

#include "amps_command.h"
#include "gateway/amps/amps_decoder.h"
#include "gateway/amps/amps_record_frame.h"

namespace fluxgate {

// Nothing: modules have no word for it. A frame of records is one message here.
std::optional<amps_message> ViewOf(const amps::ServerMessage& message);

// One record of such a frame.
amps_message ViewOfRecord(const amps_message& frame, const amps::RecordFrame::Record& record);

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULES_MESSAGE_VIEW_H_
