// Files of one test, in a directory that goes with it.
#ifndef FLUXGATE_MODULES_TESTING_FILES_H_
#define FLUXGATE_MODULES_TESTING_FILES_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace fluxgate::modules::testing {

class TestFiles {
 public:
  TestFiles() {
    std::string pattern = std::filesystem::temp_directory_path() / "modules.XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  ~TestFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  TestFiles(const TestFiles&) = delete;
  TestFiles& operator=(const TestFiles&) = delete;

  const std::string& directory() const { return directory_; }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  // Writes it and gives back its path.
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }

  std::string Read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(Path(name), std::ios::binary).rdbuf();
    return text.str();
  }

 private:
  std::string directory_;
};

}  // namespace fluxgate::modules::testing

#endif  // FLUXGATE_MODULES_TESTING_FILES_H_
