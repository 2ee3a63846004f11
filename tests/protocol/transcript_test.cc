// Runs the transcripts of amps_transcripts.txt against a gateway: what a client sends and, byte for
// byte and in order, what it gets. The format is described at the top of that file.
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

constexpr char kFile[] = "tests/protocol/amps_transcripts.txt";
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

std::vector<Transcript> ReadTranscripts() {
  std::ifstream file(kFile);
  EXPECT_TRUE(file.good()) << kFile;
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
        << kFile << ":" << number;
    transcripts.back().lines.push_back(line);
  }
  return transcripts;
}

void Play(const Transcript& transcript) {
  SCOPED_TRACE(transcript.title);
  TestGateway gateway;
  std::map<std::string, std::unique_ptr<RawClient>> clients;
  for (const Line& line : transcript.lines) {
    SCOPED_TRACE(fmt::format("{}:{}", kFile, line.number));
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

TEST(Transcripts, AllHold) {
  const std::vector<Transcript> transcripts = ReadTranscripts();
  ASSERT_GT(transcripts.size(), 10u);
  for (const Transcript& transcript : transcripts) {
    Play(transcript);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace fluxgate::testing
