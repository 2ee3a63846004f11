// Which gateway does an HAClient connect to next?
#ifndef AMPS_CPP_SERVER_CHOOSER_H_
#define AMPS_CPP_SERVER_CHOOSER_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "amps/authenticator.h"

namespace AMPS {

// One thread at a time; the client sees to that.
class ServerChooser {
 public:
  virtual ~ServerChooser() = default;
  virtual std::string getCurrentURI() = 0;  // empty: there is none (left); the client gives up
  virtual Authenticator& getCurrentAuthenticator() = 0;
  // What became of a connection to the current one: `error` is what connect or logon threw, or how
  // it was lost. May move on to the next one, or throw to give up.
  virtual void reportFailure(const std::string& error) = 0;
  virtual void reportSuccess() = 0;
  virtual std::string getError() const = 0;  // for the exception when there is none left
};

// One after the other, round and round: moves on after each failure.
class DefaultServerChooser final : public ServerChooser {
 public:
  DefaultServerChooser() = default;
  explicit DefaultServerChooser(std::vector<std::string> uris) : uris_(std::move(uris)) {}
  DefaultServerChooser& add(std::string uri);
  void setAuthenticator(std::shared_ptr<Authenticator> authenticator);

  std::string getCurrentURI() override;
  Authenticator& getCurrentAuthenticator() override;
  void reportFailure(const std::string& error) override;
  void reportSuccess() override;
  std::string getError() const override;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> uris_;
  size_t current_ = 0;
  std::shared_ptr<Authenticator> authenticator_;
  std::string error_;
};

}  // namespace AMPS

#endif  // AMPS_CPP_SERVER_CHOOSER_H_
