// Three fields out of a body of 10 and of 100, for every message type: our extractor, and the
// format's own library reading the same body. Names: <message type>/<fields>/<what>.
#include "tests/bench/extract_bench.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <deque>
#include <utility>

#include "tests/bench/fail.h"

namespace fluxgate::bench {
namespace {

struct Case {
  const char* name;
  ExtractSubject (*make)(const Sample&);
};

constexpr Case kCases[] = {
    {"json", JsonSubject},         {"fix", FixSubject},   {"nvfix", NvfixSubject},
    {"xml", XmlSubject},           {"bson", BsonSubject}, {"msgpack", MsgpackSubject},
    {"protobuf", ProtobufSubject},
};

// Every fifth field is a number of some digits, every fifth a price, the others are short text.
void FillValue(size_t i, SampleField& field) {
  switch (i % 5) {
    case 1:
      field.text = fmt::format("{}.25", 100 + i);
      field.value = Value::Double(static_cast<double>(100 + i) + 0.25);
      break;
    case 3:
      field.text = fmt::format("{}", 90'412'377 + i);
      field.value = Value::Int(static_cast<int64_t>(90'412'377 + i));
      break;
    default:
      field.text = fmt::format("text {}", i);
      field.value = Value::String(field.text);
  }
}

Sample MakeSample(size_t count) {
  static constexpr const char* kWords[] = {"symbol",  "price", "qty",        "side", "venue",
                                           "account", "id",    "trade_time", "type", "tif"};
  Sample sample;
  sample.fields.resize(count);  // values are views of text that must not move
  for (size_t i = 0; i < count; ++i) {
    SampleField& field = sample.fields[i];
    field.name = i < 10 ? kWords[i] : fmt::format("{}_{}", kWords[i % 10], i / 10);
    field.tag = static_cast<int>(1001 + i);
    FillValue(i, field);
  }
  if (count == 10) {
    sample.wanted = {4, 1, 8};
  } else {
    sample.wanted = {9, 49, 89};
  }
  return sample;
}

// A subject with its extractor and the room behind the body that it may read.
struct Prepared {
  ExtractSubject subject;
  std::unique_ptr<Extractor> extractor;
  std::vector<Value> values;
};

Prepared Prepare(const Case& one, const Sample& sample) {
  Prepared prepared{one.make(sample), nullptr, {}};
  ExtractSubject& subject = prepared.subject;
  std::vector<FieldRequest> requests;
  for (const size_t i : sample.wanted) {
    requests.push_back({subject.path(sample.fields[i]), static_cast<FieldSlot>(requests.size())});
  }
  prepared.extractor = subject.type->NewExtractor(requests);
  prepared.values.resize(requests.size());
  subject.body.reserve(subject.body.size() + kBodyPaddingBytes);
  return prepared;
}

// What is measured must be right.
void Check(const Case& one, const Sample& sample, Prepared& prepared) {
  const ExtractSubject& subject = prepared.subject;
  bool ok = prepared.extractor->Extract(subject.body, prepared.values);
  ok = ok && subject.parse(subject.body) && (!subject.same || subject.same(subject.body));
  for (size_t i = 0; i < sample.wanted.size(); ++i) {
    const SampleField& field = sample.fields[sample.wanted[i]];
    const Value& found = prepared.values[i];
    Document::Node ours;
    ours.value = found;
    Document::Node wanted;
    wanted.value = found.is_string() ? Value::String(field.text) : field.value;
    ok = ok && SameContent(ours, wanted);
  }
  if (!ok) Fail(fmt::format("{}: not read as it was written", one.name));
}

void Extract(benchmark::State& state, Prepared& prepared) {
  const std::string_view body = prepared.subject.body;
  for (auto _ : state) {
    const char* bytes = body.data();
    benchmark::DoNotOptimize(bytes);
    const bool ok = prepared.extractor->Extract({bytes, body.size()}, prepared.values);
    benchmark::DoNotOptimize(ok);
    benchmark::ClobberMemory();
  }
}

void Read(benchmark::State& state, const std::string& body, const Reader& reader) {
  for (auto _ : state) {
    const bool ok = reader(body);
    benchmark::DoNotOptimize(ok);
    benchmark::ClobberMemory();
  }
}

void Register(const Case& one, size_t count, std::deque<Sample>& samples,
              std::deque<Prepared>& all) {
  const Sample& sample = samples.emplace_back(MakeSample(count));
  Prepared& prepared = all.emplace_back(Prepare(one, sample));
  Check(one, sample, prepared);
  const auto name = [&](const char* what) {
    return fmt::format("{}/{}/{}", one.name, count, what);
  };
  const ExtractSubject& subject = prepared.subject;
  benchmark::RegisterBenchmark(name("extract").c_str(),
                               [&prepared](benchmark::State& state) { Extract(state, prepared); });
  benchmark::RegisterBenchmark(name("parse").c_str(), [&subject](benchmark::State& state) {
    Read(state, subject.body, subject.parse);
  });
  if (!subject.same) return;
  benchmark::RegisterBenchmark(name("same").c_str(), [&subject](benchmark::State& state) {
    Read(state, subject.body, subject.same);
  });
}

}  // namespace

FieldPath NamePath(const SampleField& field) { return {{field.name}}; }

std::string Serialized(const MessageType& type, const Sample& sample,
                       const std::function<FieldPath(const SampleField&)>& path) {
  std::vector<FieldValue> fields;
  for (const SampleField& field : sample.fields) fields.push_back({path(field), field.value});
  std::string body;
  const absl::Status status = type.Serialize(fields, body);
  if (!status.ok()) Fail(status.ToString());
  return body;
}

}  // namespace fluxgate::bench

int main(int argc, char** argv) {
  using namespace fluxgate::bench;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return EXIT_FAILURE;
  std::deque<Sample> samples;
  std::deque<Prepared> all;
  for (const Case& one : kCases) {
    for (const size_t count : {10, 100}) Register(one, count, samples, all);
  }
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}
