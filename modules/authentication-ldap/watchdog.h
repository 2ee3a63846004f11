// Ends a conversation on a socket that takes too long: libldap with GnuTLS knows no time limit for
// what happens inside a TLS handshake or record.
#ifndef FLUXGATE_MODULES_AUTHENTICATION_LDAP_WATCHDOG_H_
#define FLUXGATE_MODULES_AUTHENTICATION_LDAP_WATCHDOG_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace fluxgate::modules {

class Watchdog {
 public:
  // After `limit` both directions of the socket are shut down: who waits for it wakes up, with an
  // error. The descriptor remains the caller's, who may close it at any time.
  Watchdog(int socket, std::chrono::milliseconds limit);
  ~Watchdog();  // gives up watching
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void Watch(std::chrono::steady_clock::time_point deadline);

  // A descriptor of our own: the number of the caller's may be somebody else's by then.
  const int socket_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace fluxgate::modules

#endif  // FLUXGATE_MODULES_AUTHENTICATION_LDAP_WATCHDOG_H_
