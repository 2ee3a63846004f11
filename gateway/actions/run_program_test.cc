#include "gateway/actions/run_program.h"

#include <chrono>

#include "core/base/error.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

constexpr uint64_t kLongNs = 60'000'000'000;
bool Never() { return false; }

ProgramResult Shell(const std::string& command, uint64_t timeout_ns = kLongNs) {
  return RunProgram({"/bin/sh", "-c", command}, {"AMPS_X=value of x"}, timeout_ns, &Never);
}

TEST(RunProgramTest, TakesOutputAndEnvironment) {
  const ProgramResult result = Shell("echo out; echo err >&2; echo \"$AMPS_X\"; cat");
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.output, "out\nerr\nvalue of x\n");
}

TEST(RunProgramTest, ArgumentsAreNoShellText) {
  const ProgramResult result =
      RunProgram({"/bin/echo", "$(id)", "; rm *", "a  b"}, {}, kLongNs, &Never);
  EXPECT_EQ(result.output, "$(id) ; rm * a  b\n");
}

TEST(RunProgramTest, SaysHowItEnded) {
  EXPECT_EQ(ErrorText(Shell("exit 3").status), "the program ended with status 3");
  EXPECT_EQ(ErrorText(Shell("kill -9 $$").status), "the program was ended by signal 9");
  EXPECT_EQ(ErrorText(RunProgram({"/no/such"}, {}, kLongNs, &Never).status),
            "cannot run /no/such: No such file or directory");
}

TEST(RunProgramTest, EndsWhatTakesTooLongWithAllItHasStarted) {
  const auto start = std::chrono::steady_clock::now();
  const ProgramResult result = Shell("echo begun; sleep 600 & sleep 600", 300'000'000);
  EXPECT_EQ(ErrorText(result.status), "the program took too long");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(5));
}

TEST(RunProgramTest, DoesNotWaitForWhatItLeavesBehind) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(Shell("sleep 600 & echo done").status.ok());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(5));
}

TEST(RunProgramTest, EndsWhenAskedTo) {
  const ProgramResult result =
      RunProgram({"/bin/sleep", "600"}, {}, kLongNs * 10, [] { return true; });
  EXPECT_EQ(ErrorCodeOf(result.status), ErrorCode::kDraining);
}

TEST(RunProgramTest, KeepsOutputUpToTheLimit) {
  const auto print = [](size_t bytes) {
    return Shell("head -c " + std::to_string(bytes) + " /dev/zero | tr '\\0' x");
  };
  EXPECT_EQ(print(kProgramOutputBytesMax).output.size(), kProgramOutputBytesMax);
  const ProgramResult above = print(kProgramOutputBytesMax + 1);
  EXPECT_TRUE(above.status.ok()) << above.status;
  EXPECT_EQ(above.output.size(), kProgramOutputBytesMax);
}

}  // namespace
}  // namespace fluxgate
