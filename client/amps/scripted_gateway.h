// What tests with a gateway that follows a script share.
#ifndef FLUXGATE_CLIENT_AMPS_SCRIPTED_GATEWAY_H_
#define FLUXGATE_CLIENT_AMPS_SCRIPTED_GATEWAY_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "amps/client.h"
#include "client/amps/inbox.h"
#include "client/cpp/fake_gateway.h"

namespace AMPS {

inline std::string Frame(const std::string& content) {
  const auto size = static_cast<uint32_t>(content.size());
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(size >> shift));
  return frame + content;
}

inline void ReadToTheEnd(fluxgate::client::FakeConnection& connection) {
  while (connection.Read() != nullptr) {
  }
}

// After the logon of a client that is told by its disconnect handler when the connection is lost.
inline std::string LostAfter(const std::string& bytes,
                             const std::function<void(Client&)>& adjust = {}) {
  fluxgate::client::FakeGateway gateway([&](fluxgate::client::FakeConnection& connection) {
    connection.AcceptLogon();
    connection.Send(bytes);
    ReadToTheEnd(connection);
  });
  Client client("c");
  if (adjust) adjust(client);
  Signal lost;
  client.setDisconnectHandler([&](Client&) { lost.Set(); });
  client.connect(gateway.uri());
  try {
    client.logon(20'000);
    EXPECT_TRUE(lost.Await());
    client.publishFlush();
    ADD_FAILURE() << "still connected";
  } catch (const DisconnectedException& e) {
    return e.what();
  }
  return "";
}

}  // namespace AMPS

#endif  // FLUXGATE_CLIENT_AMPS_SCRIPTED_GATEWAY_H_
