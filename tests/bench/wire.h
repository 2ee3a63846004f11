// How a peer is spoken to: the few frames of its protocol that a benchmark needs, written by hand
// for speed. A wire belongs to one connection and one thread.
#ifndef FLUXGATE_TESTS_BENCH_WIRE_H_
#define FLUXGATE_TESTS_BENCH_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace fluxgate::bench {

// One frame from the broker. The views are good while the bytes that were parsed are.
struct Frame {
  enum class Kind : uint8_t {
    kMessage,  // a message of a subscription
    kGood,     // an answer: success
    kBad,      // an answer: failure
    kRecord,   // a record that was asked for
    kOther,    // neither (a ping, an info line)
  };
  Kind kind = Kind::kOther;
  std::string_view head;  // header of the frame; for kBad the text to show
  std::string_view body;  // kMessage, kRecord
  std::string_view key;   // kRecord: of the record, where the broker has made it
};

class Wire {
 public:
  virtual ~Wire() = default;

  // ---- written by the client ---------------------------------------------------------------
  // Empty: the protocol starts without words. A publisher may ask not to be answered.
  virtual std::string Logon(std::string_view client_name, bool publisher) const = 0;
  // Answers (kGood or kBad) that Logon brings.
  virtual size_t logon_answers(bool publisher) const = 0;
  // `id` is unique on its connection. Empty: nothing to say (the relay). Each brings one answer
  // when `subscribe_answers`.
  virtual std::string Subscribe(uint64_t id, std::string_view topic,
                                std::string_view filter) const = 0;
  virtual bool subscribe_answers() const = 0;
  virtual std::string Publish(std::string_view topic, std::string_view body) const = 0;

  // Stored records; of those that have them. `id` names the record to a broker that does not make
  // the keys itself. Upsert stores the body as the record's and publishes it to `topic`.
  virtual std::string Upsert(std::string_view topic, uint64_t id, std::string_view body) const;
  // Brings the record, if there is one. `key` is the one that ReadAll shows, or the text of `id`.
  virtual std::string Read(std::string_view topic, std::string_view key) const;
  // Brings all records; empty: the broker makes no keys, so there is no need to see them.
  virtual std::string ReadAll(std::string_view topic) const;
  // Brings the records that match, then one answer, then what changes.
  virtual std::string QueryAndSubscribe(std::string_view id, std::string_view topic,
                                        std::string_view filter) const;
  // Brings one answer.
  virtual std::string Unsubscribe(std::string_view id) const;
  // Brings one answer when everything before it has been done.
  virtual std::string Sync() const;

  // ---- read from the broker ----------------------------------------------------------------
  // The first frame in the bytes; the bytes it takes, or 0 when it is not whole.
  virtual size_t Next(std::string_view bytes, Frame& frame) = 0;
  // All whole frames in the bytes: adds the messages to `messages`, sets `first_body` to the body
  // of the first message. The bytes they take.
  virtual size_t Count(std::string_view bytes, uint64_t& messages,
                       std::string_view& first_body) = 0;
  // The same for records.
  virtual size_t CountRecords(std::string_view bytes, uint64_t& records,
                              std::string_view& first_body);
  // How many subscriptions a message frame is for; where the protocol has no merging, 1.
  virtual uint64_t SubscriptionCount(std::string_view head) const;
};

// "amps" (fluxgated), "relay" (amps frames without logon), "nats", "redis".
std::unique_ptr<Wire> NewWire(std::string_view name);

std::unique_ptr<Wire> NewAmpsWire();
std::unique_ptr<Wire> NewRelayWire();
std::unique_ptr<Wire> NewNatsWire();
std::unique_ptr<Wire> NewRedisWire();

// Count for a wire whose Next is known at compile time, so that the loop has no virtual call.
template <typename W>
size_t CountFrames(W& wire, Frame::Kind kind, std::string_view bytes, uint64_t& messages,
                   std::string_view& first_body) {
  size_t used = 0;
  uint64_t count = 0;
  Frame frame;
  while (const size_t taken = wire.W::Next(bytes.substr(used), frame)) {
    if (frame.kind == kind) {
      if (count == 0) first_body = frame.body;
      ++count;
    }
    used += taken;
  }
  messages += count;
  return used;
}

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_WIRE_H_
