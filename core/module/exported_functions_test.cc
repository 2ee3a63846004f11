// A module finds in this program whatever the headers say it may call.
#include <dlfcn.h>

#include "amps_api.h"
#include "core/module/module_services.h"
#include "core/module/server_identity.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

class FakeClient : public EmbeddedClient {
 public:
  explicit FakeClient(std::string& seen) : seen_(seen) {}
  ~FakeClient() override { seen_ += "end;"; }

  absl::Status Execute(const amps_command& command, amps_message_handler, void*) override {
    const auto text = [](amps_text t) { return std::string(t.data == nullptr ? "-" : t.data); };
    seen_ +=
        std::to_string(command.type) + " " + text(command.topic) + " " + text(command.sub_id) +
        " " + text(command.filter) + " " +
        std::string(command.body.data == nullptr ? "" : command.body.data, command.body.length) +
        ";";
    return absl::OkStatus();
  }
  absl::Status Flush(std::chrono::milliseconds timeout) override {
    seen_ += "flush " + std::to_string(timeout.count()) + ";";
    return absl::DeadlineExceededError("");
  }

 private:
  std::string& seen_;
};

class FakeServices : public ModuleServices {
 public:
  explicit FakeServices(std::string& seen) : seen_(seen) {}

  absl::StatusOr<std::unique_ptr<EmbeddedClient>> CreateClient(
      std::string_view name, std::string_view message_type) override {
    if (message_type != "json") return absl::NotFoundError("");
    seen_ += std::string(name) + ";";
    return std::make_unique<FakeClient>(seen_);
  }
  absl::Status ResetAuthentication(std::string_view transport) override {
    return See("authentication", transport);
  }
  absl::Status ResetEntitlement(std::string_view transport) override {
    return See("entitlement", transport);
  }
  absl::Status EnableTransport(std::string_view transport) override {
    return See("enable", transport);
  }
  absl::Status DisableTransport(std::string_view transport) override {
    return See("disable", transport);
  }
  absl::Status Shutdown() override { return See("shutdown", ""); }
  absl::Status MessageField(std::string_view, std::string_view body, std::string_view path,
                            amps_value& value, char*, size_t) override {
    value.type = amps_value_int;
    value.u.int_value = static_cast<int64_t>(body.size());
    return See("field", path);
  }

 private:
  absl::Status See(std::string_view what, std::string_view name) {
    seen_ += std::string(what) + " " + std::string(name) + ";";
    return absl::OkStatus();
  }

  std::string& seen_;
};

constexpr int kSuccess = AMPS_SUCCESS;
constexpr int kFailure = AMPS_FAILURE;

TEST(ExportedFunctionsTest, AllAreExported) {
  for (const char* const function :
       {"amps_client_create", "amps_client_destroy", "amps_client_execute", "amps_client_flush",
        "amps_client_publish", "amps_client_subscribe", "amps_client_unsubscribe",
        "amps_disable_transport", "amps_enable_transport", "amps_instance_name",
        "amps_message_field", "amps_parse_interval", "amps_parse_size",
        "amps_register_startup_function", "amps_reset_authentication", "amps_reset_entitlement",
        "amps_server_version", "amps_shutdown", "amps_thread_monitor_ping"}) {
    EXPECT_NE(dlsym(RTLD_DEFAULT, function), nullptr) << function;
  }
  // The host is not a module.
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "amps_module_abi_version"), nullptr);
}

TEST(ExportedFunctionsTest, WithoutAServerEverythingFails) {
  SetModuleServices(nullptr);
  amps_value value = {};
  EXPECT_EQ(amps_client_create("c", "json"), nullptr);
  EXPECT_EQ(amps_reset_authentication(nullptr), kFailure);
  EXPECT_EQ(amps_reset_entitlement(nullptr), kFailure);
  EXPECT_EQ(amps_enable_transport("t"), kFailure);
  EXPECT_EQ(amps_disable_transport("t"), kFailure);
  EXPECT_EQ(amps_shutdown(), kFailure);
  EXPECT_EQ(amps_message_field("json", "{}", 2, "/a", &value, nullptr, 0), kFailure);
  EXPECT_EQ(amps_client_publish(nullptr, "t", "", 0), kFailure);
  EXPECT_EQ(amps_client_flush(nullptr, 1), kFailure);
  amps_thread_monitor_ping();  // does nothing on a thread that the server did not make
}

TEST(ExportedFunctionsTest, ReachTheServerThatIsUp) {
  std::string seen;
  SetModuleServices(std::make_shared<FakeServices>(seen));
  EXPECT_EQ(amps_reset_authentication(nullptr), kSuccess);
  EXPECT_EQ(amps_reset_entitlement("t"), kSuccess);
  EXPECT_EQ(amps_enable_transport("t"), kSuccess);
  EXPECT_EQ(amps_disable_transport("t"), kSuccess);
  EXPECT_EQ(amps_shutdown(), kSuccess);
  amps_value value = {};
  EXPECT_EQ(amps_message_field("json", "{}", 2, "/a", &value, nullptr, 0), kSuccess);
  EXPECT_EQ(value.u.int_value, 2);
  EXPECT_EQ(amps_message_field("json", nullptr, 2, "/a", &value, nullptr, 0), kFailure);
  EXPECT_EQ(seen, "authentication ;entitlement t;enable t;disable t;shutdown ;field /a;");
  SetModuleServices(nullptr);
}

TEST(ExportedFunctionsTest, TheShortFormsAreCommands) {
  std::string seen;
  SetModuleServices(std::make_shared<FakeServices>(seen));
  EXPECT_EQ(amps_client_create("c", "xml"), nullptr);
  amps_embedded_client* const client = amps_client_create("c", "json");
  ASSERT_NE(client, nullptr);
  SetModuleServices(nullptr);
  EXPECT_EQ(amps_client_publish(client, "topic", "body", 4), kSuccess);
  EXPECT_EQ(amps_client_subscribe(client, "sub", "topic", "/a = 1", nullptr, nullptr), kSuccess);
  EXPECT_EQ(amps_client_subscribe(client, nullptr, "topic", nullptr, nullptr, nullptr), kSuccess);
  EXPECT_EQ(amps_client_unsubscribe(client, "sub"), kSuccess);
  EXPECT_EQ(amps_client_flush(client, 250), kFailure);
  amps_command older = {};
  older.size = sizeof(older) - 1;
  EXPECT_EQ(amps_client_execute(client, &older, nullptr, nullptr), kFailure);
  amps_client_destroy(client);
  EXPECT_EQ(seen, "c;2 topic - - body;4 topic sub /a = 1 ;4 topic - - ;10 - sub - ;flush 250;end;");
}

TEST(ExportedFunctionsTest, WhatTheServerIsCalledStaysValid) {
  SetServerIdentity("1.2.3", "one");
  const char* const version = amps_server_version();
  const char* const name = amps_instance_name();
  SetServerIdentity("1.2.4", "two");
  EXPECT_STREQ(version, "1.2.3");
  EXPECT_STREQ(name, "one");
  EXPECT_STREQ(amps_server_version(), "1.2.4");
  EXPECT_STREQ(amps_instance_name(), "two");
}

}  // namespace
}  // namespace fluxgate
