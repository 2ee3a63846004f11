// Publishes records, follows those that a filter passes, loses the connection and goes on. The parts
// between "begin" and "end" are printed in docs/clients/grpc.md.
// usage: node grpc_follow.mjs HOST:PORT      (after npm ci in this folder)
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
// begin
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const proto = fileURLToPath(new URL('../../proto', import.meta.url));
const loaded = protoLoader.loadSync('fluxgate/v1/gateway.proto', { includeDirs: [proto], keepCase: true });
const { PublisherService, SubscriberService } = grpc.loadPackageDefinition(loaded).fluxgate.v1;
// end

const address = process.argv[2] ?? '127.0.0.1:50051';
const publisher = new PublisherService(address, grpc.credentials.createInsecure());
const subscriber = new SubscriberService(address, grpc.credentials.createInsecure());

// begin
function publish(payloads) {
  const messages = payloads.map((payload) => ({ topic: 'state/quotes', payload: Buffer.from(payload) }));
  return new Promise((resolve, reject) => {
    publisher.Publish({ messages }, (error, response) => {
      if (error) return reject(error);
      for (const result of response.results) {
        if (result.error) console.log('refused:', result.error.message);
      }
      resolve();
    });
  });
}
// end

// begin
const records = new Map(); // what the filter passes, by key: the same before and after a connection is lost

function take(message) {
  records.set(message.key, message.payload.toString());
  console.log('is  ', message.payload.toString());
}

function leave(key) {
  console.log('left', records.get(key));
  records.delete(key);
}
// end

let steps = 0;
// Whether the program wants to go on; plays the rest of the world.
function step() {
  steps += 1;
  if (steps === 1) publish(['{"id":"DEF","price":11}']); // after the first snapshot
  return steps === 1; // the change has come: lose the connection; or this was all
}

// begin
// The error with which the subscription has ended.
function follow() {
  const spec = {
    topic: 'state/quotes', filter: '/price > 10', with_snapshot: true, order_by: '/id', out_of_focus: true,
    heartbeat_interval: { seconds: 5 }, // tells a dead connection from a quiet topic
  };
  const responses = subscriber.Subscribe({ spec });
  const gone = new Set(records.keys()); // unless the snapshot has them
  responses.on('data', ({ events }) => {
    for (const event of events) {
      let goOn = true;
      for (const message of event.snapshot?.messages ?? []) {
        gone.delete(message.key);
        take(message);
      }
      if (event.snapshot_end) {
        gone.forEach(leave);
        goOn = step();
      }
      for (const message of event.messages?.messages ?? []) {
        take(message);
        goOn = step();
      }
      if (event.out_of_focus) leave(event.out_of_focus.message.key);
      if (!goOn) responses.cancel();
    }
  });
  return new Promise((resolve) => {
    responses.on('error', resolve);
    responses.on('end', resolve);
  });
}
// end

let finished = false;
async function lost() {
  finished = steps === 3;
  if (finished) return;
  console.log('lost');
  await publish(['{"id":"ABC","price":13}', '{"id":"GHI","price":5}']);
}

// begin
const FINAL = [grpc.status.INVALID_ARGUMENT, grpc.status.UNIMPLEMENTED, grpc.status.PERMISSION_DENIED];

async function followForEver() {
  while (!finished) {
    const error = await follow();
    if (FINAL.includes(error?.code)) throw error; // asking again would not help
    await lost();
    await sleep(200);
  }
}
// end

await publish(['{"id":"ABC","price":12}', '{"id":"DEF","price":9}', '{"id":"GHI","price":30}']);
await followForEver();
publisher.close();
subscriber.close();
