// For tests of the engine: what each of them does first.
#ifndef FLUXGATE_CORE_ENGINE_ENGINE_TESTING_H_
#define FLUXGATE_CORE_ENGINE_ENGINE_TESTING_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/engine/engine.h"

namespace fluxgate {

inline void LogOn(Engine& engine, Session& session, std::string_view name = "") {
  Command command;
  command.type = CommandType::kLogon;
  command.message_type = "json";
  command.client_name = name;
  EXPECT_TRUE(engine.Execute(session, command).ok());
}

// With the padding that bodies need.
inline ErrorCode PublishTo(Engine& engine, Session& session, std::string_view topic,
                           std::string body, std::string_view sow_key = "") {
  const size_t size = body.size();
  body.append(kBodyPaddingBytes, '\0');
  Command command;
  command.type = CommandType::kPublish;
  command.topic = topic;
  command.sow_key = sow_key;
  command.body = std::string_view(body).substr(0, size);
  return ErrorCodeOf(engine.Execute(session, command));
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_ENGINE_ENGINE_TESTING_H_
