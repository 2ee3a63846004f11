/* Sample of a transport filter: both ways are a zlib stream (RFC 1950). What is sent together is
 * flushed together (Z_SYNC_FLUSH), so that nothing waits. A client whose bytes become more than
 * RatioMax times as many is closed: small messages that say the same again and again come to 100 or
 * so, what is made to fill our memory to 1000.
 *
 *   <Module><Name>compression</Name><Library>transport_filter.so</Library>
 *     <Options><Level>6</Level><RatioMax>250</RatioMax></Options></Module>
 *   ...
 *   <Transport>...<TransportFilter>compression</TransportFilter></Transport> */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "amps_transport_filter_module.h"

enum {
  LEVEL_DEFAULT = 6,
  RATIO_DEFAULT = 250,
  RATIO_MAX = 1032, /* zlib does not make more */
  /* Not counted: the first message of a client may be alike from end to end. */
  RATIO_FREE_BYTES = 1 << 20,
  PIECE_BYTES = 16 * 1024
};

static amps_module_logger log_line;

typedef struct context {
  int level;
  uint64_t ratio_max;
} context;

typedef struct connection {
  z_stream in;
  z_stream out;
  uint64_t in_bytes;  /* compressed */
  uint64_t out_bytes; /* what became of them */
} connection;

AMPS_EXPORT int amps_module_init(amps_module_options options, amps_module_logger logger,
                                 amps_module_allocator allocator) {
  (void)options;
  (void)allocator;
  log_line = logger;
  return AMPS_SUCCESS;
}

AMPS_EXPORT void amps_module_terminate(void) {}

/* A whole number from 1 to most, or 0. */
static long number_of(const char* text, long most) {
  char* end = NULL;
  const long number = strtol(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0' && number <= most ? number : 0;
}

AMPS_EXPORT amps_transport_filter_context
amps_transport_filter_create_context(amps_module_options options) {
  context* const made = malloc(sizeof(context));
  if (made == NULL) return NULL;
  made->level = LEVEL_DEFAULT;
  made->ratio_max = RATIO_DEFAULT;
  for (; options->key != NULL; ++options) {
    long number = 0;
    if (strcmp(options->key, "Level") == 0) {
      number = number_of(options->value, 9);
      made->level = (int)number;
    } else if (strcmp(options->key, "RatioMax") == 0) {
      number = number_of(options->value, RATIO_MAX);
      made->ratio_max = (uint64_t)number;
    }
    if (number == 0) {
      log_line(amps_module_log_level_error,
               "the options are Level, 1 to 9, and RatioMax, 1 to 1032");
      free(made);
      return NULL;
    }
  }
  return made;
}

AMPS_EXPORT void amps_transport_filter_destroy_context(amps_transport_filter_context used) {
  free(used);
}

AMPS_EXPORT amps_transport_filter_connection
amps_transport_filter_open(amps_transport_filter_context used, const char* remote_address) {
  connection* const opened = calloc(1, sizeof(connection));
  (void)remote_address;
  if (opened == NULL) return NULL;
  if (inflateInit(&opened->in) != Z_OK) {
    free(opened);
    return NULL;
  }
  if (deflateInit(&opened->out, ((context*)used)->level) != Z_OK) {
    inflateEnd(&opened->in);
    free(opened);
    return NULL;
  }
  return opened;
}

AMPS_EXPORT void amps_transport_filter_close(amps_transport_filter_context used,
                                             amps_transport_filter_connection closed) {
  connection* const client = closed;
  (void)used;
  inflateEnd(&client->in);
  deflateEnd(&client->out);
  free(client);
}

AMPS_EXPORT int amps_transport_filter_received(amps_transport_filter_context used,
                                               amps_transport_filter_connection opened,
                                               const char* bytes, size_t length,
                                               amps_byte_sink* sink) {
  connection* const client = opened;
  char piece[PIECE_BYTES];
  client->in.next_in = (Bytef*)bytes;
  client->in.avail_in = (uInt)length;
  client->in_bytes += length;
  do {
    size_t made;
    int result;
    client->in.next_out = (Bytef*)piece;
    client->in.avail_out = sizeof(piece);
    result = inflate(&client->in, Z_SYNC_FLUSH);
    made = sizeof(piece) - client->in.avail_out;
    client->out_bytes += made;
    if (client->out_bytes > ((context*)used)->ratio_max * client->in_bytes + RATIO_FREE_BYTES) {
      log_line(amps_module_log_level_warning, "closing: a client's bytes become too many");
      return AMPS_FAILURE;
    }
    if (sink->write(sink, piece, made) != AMPS_SUCCESS) return AMPS_FAILURE;
    if (result == Z_BUF_ERROR) break; /* it needs more to go on */
    if (result != Z_OK) {
      log_line(amps_module_log_level_warning,
               result == Z_STREAM_END ? "closing: a client has ended its stream"
                                      : "closing: what a client sends is not compressed");
      return AMPS_FAILURE;
    }
  } while (client->in.avail_in > 0 || client->in.avail_out == 0);
  return AMPS_SUCCESS;
}

AMPS_EXPORT int amps_transport_filter_sending(amps_transport_filter_context used,
                                              amps_transport_filter_connection opened,
                                              const char* bytes, size_t length,
                                              amps_byte_sink* sink) {
  connection* const client = opened;
  char piece[PIECE_BYTES];
  (void)used;
  client->out.next_in = (Bytef*)bytes;
  client->out.avail_in = (uInt)length;
  do {
    client->out.next_out = (Bytef*)piece;
    client->out.avail_out = sizeof(piece);
    if (deflate(&client->out, Z_SYNC_FLUSH) == Z_STREAM_ERROR) return AMPS_FAILURE;
    if (sink->write(sink, piece, sizeof(piece) - client->out.avail_out) != AMPS_SUCCESS) {
      return AMPS_FAILURE;
    }
  } while (client->out.avail_out == 0);
  return AMPS_SUCCESS;
}
