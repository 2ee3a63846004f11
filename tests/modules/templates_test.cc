// The templates: each loads, makes a context where its kind has contexts, and does the little that
// it says.
#include <algorithm>
#include <string>
#include <vector>

#include "amps_action_module.h"
#include "amps_authentication_module.h"
#include "amps_authenticator_module.h"
#include "amps_entitlement_module.h"
#include "amps_protocol_module.h"
#include "amps_sow_key_generator_module.h"
#include "amps_transport_filter_module.h"
#include "amps_transport_module.h"
#include "amps_udf_module.h"
#include "core/module/module_context.h"
#include "core/module/testing/module_testing.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

constexpr int kSuccess = AMPS_SUCCESS;
constexpr int kFailure = AMPS_FAILURE;

// Bytes that a module writes.
struct Sink : amps_byte_sink {
  Sink() {
    size = sizeof(amps_byte_sink);
    write = [](amps_byte_sink* sink, const char* bytes, size_t length) {
      static_cast<Sink*>(sink)->text.append(bytes, length);
      return kSuccess;
    };
  }
  std::string text;
};

class TemplatesTest : public testing::Test {
 protected:
  // Loads template-`kind` and makes a context by amps_`name`_create_context.
  void Load(const std::string& kind, const std::string& name) {
    std::string file = kind;
    std::ranges::replace(file, '-', '_');
    auto module = Module::Load(
        {kind, ModulePath("modules/template-" + kind + "/" + file + ".so"), {}}, log_.function());
    ASSERT_TRUE(module.ok()) << module.status();
    module_ = *module;
    if (name.empty()) return;
    create_ = "amps_" + name + "_create_context";
    destroy_ = "amps_" + name + "_destroy_context";
    auto context = ModuleContext::Create(module_, {}, create_.c_str(), destroy_.c_str());
    ASSERT_TRUE(context.ok()) << context.status();
    context_ = *context;
  }

  template <class F>
  F* Symbol(const char* symbol) {
    const auto function = module_->EntryPoint<F>(symbol);
    EXPECT_TRUE(function.ok()) << function.status();
    return *function;
  }

  TestLog log_;
  std::string create_, destroy_;
  std::shared_ptr<Module> module_;
  std::shared_ptr<ModuleContext> context_;
};

TEST_F(TemplatesTest, Authentication) {
  Load("authentication", "authentication");
  auto* const authenticate = Symbol<decltype(amps_authenticate)>("amps_authenticate");
  amps_authentication_request request = {};
  amps_authentication_reply reply = {};
  request.user_id = "ann";
  EXPECT_EQ(authenticate(context_->get(), &request, &reply), kSuccess);
  request.user_id = "";
  EXPECT_EQ(authenticate(context_->get(), &request, &reply), kFailure);
  EXPECT_EQ(module_->TakeText("f", "reason", reply.reason, 100)->view(), "there is no user id");
}

TEST_F(TemplatesTest, Entitlement) {
  Load("entitlement", "entitlement");
  auto* const check = Symbol<decltype(amps_entitlement_check)>("amps_entitlement_check");
  amps_entitlement_request request = {};
  amps_entitlement_reply reply = {};
  request.resource = "topic";
  EXPECT_EQ(check(context_->get(), &request, &reply), kSuccess);
  request.resource = "";
  EXPECT_EQ(check(context_->get(), &request, &reply), kFailure);
  EXPECT_EQ(module_->TakeText("f", "reason", reply.reason, 100)->view(), "there is no resource");
}

TEST_F(TemplatesTest, Authenticator) {
  Load("authenticator", "authenticator");
  auto* const credentials =
      Symbol<decltype(amps_authenticator_credentials)>("amps_authenticator_credentials");
  amps_authenticator_request request = {};
  amps_authenticator_reply reply = {};
  request.user_id = "ann";
  request.attempt = 1;
  EXPECT_EQ(credentials(context_->get(), &request, &reply), kSuccess);
  EXPECT_EQ(module_->TakeText("f", "user_id", reply.user_id, 100)->view(), "ann");
  request.attempt = 2;
  EXPECT_EQ(credentials(context_->get(), &request, &reply), kFailure);
  EXPECT_TRUE(module_->Has("amps_authenticator_completed"));
}

TEST_F(TemplatesTest, Action) {
  Load("action", "action");
  auto* const run = Symbol<decltype(amps_action_run)>("amps_action_run");
  amps_action_call call = {};
  call.action_name = "nightly";
  static std::string set;
  call.set_variable = [](amps_action_call*, const char* name, const char* value) {
    set = std::string(name) + "=" + value;
    return kSuccess;
  };
  const ModuleOptions options = {{"Key", "value"}};
  EXPECT_EQ(run(context_->get(), &call, OptionArray(options).get()), kSuccess);
  EXPECT_EQ(set, "Key=value");
  EXPECT_TRUE(log_.Has("module action: nightly"));
}

TEST_F(TemplatesTest, UserDefinedFunction) {
  Load("udf", "");
  auto* const is_text = Symbol<std::remove_pointer_t<amps_udf>>("is_text");
  amps_value argument = {};
  amps_value result = {};
  EXPECT_EQ(is_text(nullptr, &argument, 1, &result), kSuccess);
  EXPECT_EQ(result.u.int_value, 0);
  argument.type = amps_value_string;
  EXPECT_EQ(is_text(nullptr, &argument, 1, &result), kSuccess);
  EXPECT_EQ(result.u.int_value, 1);
}

TEST_F(TemplatesTest, SowKeyGenerator) {
  Load("sow-key-generator", "sow_key_generator");
  auto* const generate =
      Symbol<decltype(amps_sow_key_generator_generate)>("amps_sow_key_generator_generate");
  amps_value field = {};
  field.type = amps_value_string;
  field.u.text = "key";
  field.length = 3;
  amps_sow_key_request request = {};
  char key[AMPS_SOW_KEY_BYTES_MAX];
  size_t length = 0;
  EXPECT_EQ(generate(context_->get(), &request, key, &length), kFailure);
  request.fields = &field;
  request.field_count = 1;
  EXPECT_EQ(generate(context_->get(), &request, key, &length), kSuccess);
  EXPECT_EQ(std::string(key, length), "key");
}

TEST_F(TemplatesTest, TransportFilter) {
  Load("transport-filter", "transport_filter");
  void* const connection = Symbol<decltype(amps_transport_filter_open)>(
      "amps_transport_filter_open")(context_->get(), "here");
  ASSERT_NE(connection, nullptr);
  Sink sink;
  EXPECT_EQ(Symbol<decltype(amps_transport_filter_received)>("amps_transport_filter_received")(
                context_->get(), connection, "in", 2, &sink),
            kSuccess);
  EXPECT_EQ(Symbol<decltype(amps_transport_filter_sending)>("amps_transport_filter_sending")(
                context_->get(), connection, "out", 3, &sink),
            kSuccess);
  EXPECT_EQ(sink.text, "inout");
  Symbol<decltype(amps_transport_filter_close)>("amps_transport_filter_close")(context_->get(),
                                                                               connection);
}

struct Commands : amps_command_sink {
  std::vector<std::string> bodies;
  size_t bodies_max = 100;
};

TEST_F(TemplatesTest, Protocol) {
  Load("protocol", "protocol");
  void* const connection =
      Symbol<decltype(amps_protocol_open)>("amps_protocol_open")(context_->get(), "here");
  auto* const decode = Symbol<decltype(amps_protocol_decode)>("amps_protocol_decode");
  Commands commands;
  commands.size = sizeof(amps_command_sink);
  commands.execute = [](amps_command_sink* sink, const amps_command* command) {
    Commands& all = *static_cast<Commands*>(sink);
    if (all.bodies.size() == all.bodies_max) return kFailure;
    all.bodies.emplace_back(command->body.data, command->body.length);
    return kSuccess;
  };
  size_t consumed = 0;
  size_t wanted = 0;
  Sink sink;
  EXPECT_EQ(
      decode(context_->get(), connection, "a\nbc\nd", 6, &consumed, &wanted, &commands, &sink),
      kSuccess);
  EXPECT_EQ(consumed, 5u);
  EXPECT_EQ(commands.bodies, (std::vector<std::string>{"a", "bc"}));
  commands.bodies_max = 3;
  EXPECT_EQ(decode(context_->get(), connection, "d\ne\n", 4, &consumed, &wanted, &commands, &sink),
            kSuccess);
  EXPECT_EQ(consumed, 2u);
  amps_message message = {};
  message.kind = amps_message_publish;
  message.body = {"body", 4};
  EXPECT_EQ(Symbol<decltype(amps_protocol_encode)>("amps_protocol_encode")(
                context_->get(), connection, &message, &sink),
            kSuccess);
  EXPECT_EQ(sink.text, "body\n");
  Symbol<decltype(amps_protocol_close)>("amps_protocol_close")(context_->get(), connection);
}

TEST_F(TemplatesTest, Transport) {
  Load("transport", "");
  amps_transport_server server = {};
  const auto context = ModuleContext::CreateBy(
      module_, "amps_transport_create_context", "amps_transport_destroy_context", [&] {
        return Symbol<decltype(amps_transport_create_context)>("amps_transport_create_context")(
            OptionArray({}).get(), &server);
      });
  ASSERT_TRUE(context.ok()) << context.status();
  const char* address = nullptr;
  EXPECT_EQ(
      Symbol<decltype(amps_transport_start)>("amps_transport_start")((*context)->get(), &address),
      kSuccess);
  EXPECT_STREQ(address, "nowhere");
  EXPECT_EQ(Symbol<decltype(amps_transport_send)>("amps_transport_send")((*context)->get(), nullptr,
                                                                         "x", 1),
            1u);
}

TEST_F(TemplatesTest, MessageType) { Load("message-type", "message_type"); }

}  // namespace
}  // namespace fluxgate
