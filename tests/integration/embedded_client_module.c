/* A module for module_services_test. Its startup function makes a client that answers messages on
 * "in" on "out", says on "counted" how many records a query for what it is told on "count" has, and
 * does on a handler's thread what it is told on "admin", with the result on "done". The client
 * outlives the server. */
#include <stdio.h>
#include <string.h>

#include "amps_api.h"

static amps_embedded_client* client;
static int records;

static int Is(amps_text text, const char* word) {
  return text.length == strlen(word) && memcmp(text.data, word, text.length) == 0;
}

static void Echo(const amps_message* message, void* user_data) {
  if (message->kind != amps_message_publish) return;
  if (amps_client_publish(client, user_data, message->body.data, message->body.length) !=
      AMPS_SUCCESS) {
    fprintf(stderr, "a publish has failed\n");
  }
}

static void OnRecord(const amps_message* message, void* user_data) {
  char body[40];
  (void)user_data;
  if (message->kind == amps_message_group_begin) records = 0;
  if (message->kind == amps_message_sow) ++records;
  if (message->kind != amps_message_group_end) return;
  amps_client_publish(client, "counted", body,
                      (size_t)snprintf(body, sizeof body, "{\"records\":%d}", records));
}

static void OnCount(const amps_message* message, void* user_data) {
  amps_command query = {0};
  amps_value topic;
  char name[100];
  (void)user_data;
  if (message->kind != amps_message_publish) return;
  if (amps_message_field("json", message->body.data, message->body.length, "/topic", &topic, name,
                         sizeof name) != AMPS_SUCCESS) {
    return;
  }
  query.size = sizeof query;
  query.type = amps_command_sow;
  query.expiration_s = -1;
  query.topic.data = topic.u.text;
  query.topic.length = topic.length;
  amps_client_execute(client, &query, OnRecord, NULL);
}

static void OnAdmin(const amps_message* message, void* user_data) {
  char body[40];
  int result = AMPS_FAILURE;
  (void)user_data;
  if (message->kind != amps_message_publish) return;
  if (Is(message->body, "disable")) result = amps_disable_transport("unix");
  if (Is(message->body, "enable")) result = amps_enable_transport("unix");
  if (Is(message->body, "disable nothing")) result = amps_disable_transport("nothing");
  if (Is(message->body, "authentication")) result = amps_reset_authentication(NULL);
  if (Is(message->body, "entitlement")) result = amps_reset_entitlement("nothing");
  if (Is(message->body, "shutdown")) result = amps_shutdown();
  amps_client_publish(client, "done", body,
                      (size_t)snprintf(body, sizeof body, "result %d", result == AMPS_SUCCESS));
}

static int Start(void* user_data) {
  (void)user_data;
  client = amps_client_create("embedded", "json");
  if (client == NULL) return AMPS_FAILURE;
  if (amps_client_subscribe(client, "echo", "in", NULL, Echo, "out") != AMPS_SUCCESS ||
      amps_client_subscribe(client, "count", "count", NULL, OnCount, NULL) != AMPS_SUCCESS ||
      amps_client_subscribe(client, NULL, "admin", NULL, OnAdmin, NULL) != AMPS_SUCCESS ||
      amps_client_publish(client, "state/started", "{\"id\":\"started\"}", 16) != AMPS_SUCCESS) {
    return AMPS_FAILURE;
  }
  return amps_client_flush(client, 30000);
}

int amps_module_init(amps_module_options options, amps_module_logger logger,
                     amps_module_allocator allocator) {
  (void)options;
  (void)logger;
  (void)allocator;
  client = NULL;
  if (amps_client_create("early", "json") != NULL) return AMPS_FAILURE;
  return amps_register_startup_function(Start, NULL);
}

void amps_module_terminate(void) {
  if (client != NULL && amps_client_publish(client, "late", "{}", 2) == AMPS_SUCCESS) {
    fprintf(stderr, "a publish after the end\n");
  }
  amps_client_destroy(client);
  client = NULL;
}
