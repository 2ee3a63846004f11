// Runs the transcripts of the text files here against a gateway: what a client sends and, byte for
// byte and in order, what it gets. The format is described at the top of
// amps_transcripts.txt.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/raw_client.h"
#include "tests/support/test_gateway.h"

namespace fluxgate::testing {
namespace {

constexpr int kQuietMs = 100;

struct Line {
  int number;
  std::string client;
  char action;  // '>' sends, '<' receives, '!' is closed by the gateway
  std::string frame;
};

struct Transcript {
  std::string title;
  std::vector<Line> lines;
};

std::vector<Transcript> ReadTranscripts(const std::string& name) {
  std::ifstream file(name);
  EXPECT_TRUE(file.good()) << name;
  std::vector<Transcript> transcripts;
  std::string text;
  for (int number = 1; std::getline(file, text); ++number) {
    if (text.empty() || text[0] == '#') continue;
    if (text.starts_with("== ")) {
      transcripts.push_back({text.substr(3), {}});
      continue;
    }
    std::istringstream in(text);
    Line line{number, "", '?', ""};
    in >> line.client >> line.action;
    in.ignore(1);
    std::getline(in, line.frame);
    EXPECT_TRUE(line.action == '>' || line.action == '<' || line.action == '!')
        << name << ":" << number;
    transcripts.back().lines.push_back(line);
  }
  return transcripts;
}

// Stored topics of every transcript: their names say what they are.
void DefineTopics(config::Config& config) {
  SowTopicDefinition by_id;
  by_id.name = "by-id";
  by_id.message_type = "json";
  by_id.key_fields = {"/id"};
  by_id.expires = true;
  SowTopicDefinition named = by_id;
  named.name = "named";
  named.key_fields.clear();
  named.key_source = SowTopicDefinition::KeySource::kPublisher;
  SowTopicDefinition enriched = named;
  enriched.name = "enriched";
  enriched.enrichment = {"COALESCE(/n OF PREVIOUS, 0) + 1 AS /n"};
  SowTopicDefinition group = named;
  group.name = "group";
  group.pattern = "group/[a-z]+";
  config.sow = {by_id, named, enriched, group};
}

void Play(const std::string& file, const Transcript& transcript) {
  SCOPED_TRACE(transcript.title);
  TestGateway gateway(DefineTopics);
  std::map<std::string, std::unique_ptr<RawClient>> clients;
  for (const Line& line : transcript.lines) {
    SCOPED_TRACE(fmt::format("{}:{}", file, line.number));
    std::unique_ptr<RawClient>& client = clients[line.client];
    if (client == nullptr) {
      // Clients whose name begins with u come by the unix socket.
      client =
          std::make_unique<RawClient>(line.client[0] == 'u' ? RawClient::Unix(gateway.unix_path())
                                                            : RawClient::Tcp(gateway.tcp_port()));
    }
    if (line.action == '>') {
      ASSERT_TRUE(client->SendFrame(line.frame));
    } else if (line.action == '<') {
      const std::optional<std::string> got = client->ReadFrame();
      ASSERT_TRUE(got.has_value()) << "closed instead of " << line.frame;
      ASSERT_EQ(*got, line.frame);
    } else {
      ASSERT_FALSE(client->ReadFrame().has_value());
      client.reset();
      clients.erase(line.client);
    }
  }
  for (auto& [name, client] : clients) {
    EXPECT_EQ(client->ReadFor(kQuietMs), "") << name << " got more than the transcript says";
  }
}

void PlayAll(const std::string& file) {
  const std::vector<Transcript> transcripts = ReadTranscripts(file);
  ASSERT_GT(transcripts.size(), 10u);
  for (const Transcript& transcript : transcripts) {
    Play(file, transcript);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(Transcripts, Messages) { PlayAll("tests/protocol/amps_transcripts.txt"); }
TEST(Transcripts, StoredTopics) { PlayAll("tests/protocol/sow_transcripts.txt"); }

}  // namespace
}  // namespace fluxgate::testing
