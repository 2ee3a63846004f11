// "Using the C++ Client": the functions as printed, in the library module.so.
#include <amps/amps.h>

#include <cstddef>

// clang-format off
extern "C" void publish_message(AMPS::Client& client,
                                const char* topic,
                                const char* data)
{
    try
    {
        if (&client && topic && data) {
            client.publish(topic,data);
        }
    }
    catch (AMPS::Exception& e)
    {
        /* Handle error reporting and recovery logic */
    }
}

extern "C" void vector_publish(AMPS::Client& client,
                                const char* topic,
                                const char** data,
                                size_t vector_length)
{
    try
    {
        if (topic && &client) {
            for (;vector_length;--vector_length,++data) {
                client.publish(topic,*data);
            }
        }
    }
    catch (AMPS::Exception& e)
    {
        /* Handle reporting and recovery logic */
    }
}

// Printed without a body; the program calls the function above by this name.
extern "C"
void publish_data(
    AMPS::Client& client,
    const char * topic,
    const char * data
)
{
    publish_message(client, topic, data);
}

// These are printed without bodies, too.
extern "C"
void configure_client(AMPS::Client& client)
{
    client.setHeartbeat(10);
}

extern "C"
void install_server_chooser(AMPS::HAClient& client);
// clang-format on

namespace {

class Chooser final : public AMPS::ServerChooser {
 public:
  std::string getCurrentURI() override { return "tcp://localhost:9007/amps/json"; }
  AMPS::Authenticator& getCurrentAuthenticator() override {
    return AMPS::Client::defaultAuthenticator();
  }
  void reportFailure(const std::string& error) override { error_ = error; }
  void reportSuccess() override {}
  std::string getError() const override { return error_; }

 private:
  std::string error_;
};

}  // namespace

void install_server_chooser(AMPS::HAClient& client) {
  try {
    client.setServerChooser(std::make_shared<Chooser>());
  } catch (AMPS::Exception&) {
  }
}
