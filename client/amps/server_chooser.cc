#include "amps/server_chooser.h"

namespace AMPS {

DefaultServerChooser& DefaultServerChooser::add(std::string uri) {
  const std::lock_guard lock(mutex_);
  uris_.push_back(std::move(uri));
  return *this;
}

void DefaultServerChooser::setAuthenticator(std::shared_ptr<Authenticator> authenticator) {
  const std::lock_guard lock(mutex_);
  authenticator_ = std::move(authenticator);
}

std::string DefaultServerChooser::getCurrentURI() {
  const std::lock_guard lock(mutex_);
  return uris_.empty() ? std::string() : uris_[current_];
}

Authenticator& DefaultServerChooser::getCurrentAuthenticator() {
  const std::lock_guard lock(mutex_);
  if (authenticator_ == nullptr) authenticator_ = std::make_shared<DefaultAuthenticator>();
  return *authenticator_;
}

void DefaultServerChooser::reportFailure(const std::string& error) {
  const std::lock_guard lock(mutex_);
  error_ = error;
  if (!uris_.empty()) current_ = (current_ + 1) % uris_.size();
}

void DefaultServerChooser::reportSuccess() {
  const std::lock_guard lock(mutex_);
  error_.clear();
}

std::string DefaultServerChooser::getError() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

}  // namespace AMPS
