// Subscribes with a filter, publishes two messages, prints the one that matches.
// usage: node first_program.mjs HOST:PORT      (after npm ci in this folder)
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const proto = fileURLToPath(new URL('../../proto', import.meta.url));
const loaded = protoLoader.loadSync('fluxgate/v1/gateway.proto', { includeDirs: [proto], keepCase: true });
const { PublisherService, SubscriberService } = grpc.loadPackageDefinition(loaded).fluxgate.v1;

const address = process.argv[2] ?? '127.0.0.1:50051';
const publisher = new PublisherService(address, grpc.credentials.createInsecure());
const subscriber = new SubscriberService(address, grpc.credentials.createInsecure());

const responses = subscriber.Subscribe({ spec: { topic: 'greetings', filter: "/language = 'Node'" } });
responses.on('data', ({ events }) => {
  for (const event of events) {
    if (event.started) {
      const body = (language) => Buffer.from(JSON.stringify({ language, text: `hello from ${language}` }));
      const messages = ['C', 'Node'].map((language) => ({ topic: 'greetings', payload: body(language) }));
      publisher.Publish({ messages }, (error) => error && console.error(error.message));
    }
    for (const message of event.messages?.messages ?? []) {
      console.log(message.payload.toString());
      responses.cancel();
    }
  }
});
responses.on('error', (error) => {
  if (error.code !== grpc.status.CANCELLED) console.error(error.message);
  publisher.close();
  subscriber.close();
});
