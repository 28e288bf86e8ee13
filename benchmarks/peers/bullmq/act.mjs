// `node act.mjs WHAT --count …`: as act.py, and `work` is a worker process.
import { openSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { Queue, Worker } from "bullmq";

const { values: told, positionals } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(
    ["count", "due", "work", "last", "limit", "rate", "width"].map((name) => [name, { type: "string" }]),
  ),
});
const what = positionals[0];
const number = (name, otherwise) => Number(told[name] ?? otherwise);
const place = new URL(process.env.BENCH_REDIS);
const connection = { host: place.hostname, port: Number(place.port), maxRetriesPerRequest: null };
const CHATS = 5000, BATCH = 500, IN_FLIGHT = 32;
const seconds = () => (performance.timeOrigin + performance.now()) / 1000;
// A whole second, so far from now at least: by now everything is connected.
const whole = () => Math.floor(seconds() + number("due", 0)) + 1;
const say = (said) => process.stdout.write(JSON.stringify(said) + "\n");

// What the documentation calls debouncing, with the first job kept: a message puts it off.
const options = (key, due) => ({
  delay: Math.max(0, Math.ceil((due - seconds()) * 1000)),
  deduplication: { id: `chat-${key}`, reschedule: true },
  removeOnComplete: true,
});
const job = (key, due, work) => ({ name: "work", data: { key, due, work }, opts: options(key, due) });

async function work() {
  const log = openSync(process.env.BENCH_LOG, "a");
  const note = (kind, { key, due }) => writeSync(log, `${kind} ${key} ${due.toFixed(6)} ${seconds().toFixed(6)}\n`);
  new Worker("bench", async ({ data }) => {
    if (data.work) {
      note("began", data);
      await new Promise((done) => setTimeout(done, data.work * 1000));
    }
    note("done", data);
  }, { connection, concurrency: number("width", 200) });
}

async function rearm(queue) {
  const cpu = process.cpuUsage(), spent = [], began = performance.now();
  const limit = number("limit", 10) * 1000;
  const write = async () => {
    for (let at = performance.now(); at - began < limit; at = performance.now()) {
      const key = Math.floor(Math.random() * CHATS);
      const due = seconds() + 4000;
      await queue.add("work", { key, due, work: 0 }, options(key, due));
      spent.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, write));
  const wall = (performance.now() - began) / 1000, used = process.cpuUsage(cpu);
  spent.sort((a, b) => a - b);
  return {
    rate: spent.length / wall,
    p99: spent[Math.floor(spent.length * 0.99)],
    cpu: (used.user + used.system) / 1000 / spent.length,
  };
}

async function fill(queue) {
  const began = seconds(), due = whole(), count = number("count");
  let done = 0;
  while (done < count && seconds() - began < number("limit", 10)) {
    const many = Math.min(BATCH, count - done);
    await queue.addBulk(Array.from({ length: many }, (_, n) => job(done + n, due, number("work", 0))));
    done += many;
  }
  if (told.last) {
    const last = seconds() + number("last");
    await queue.add("work", { key: -1, due: last, work: 0 }, options(-1, last));
  }
  return { armed: done, seconds: seconds() - began, due };
}

async function trickle(queue) {
  const first = whole();
  for (let key = 0; key < number("count"); key++) {
    const due = first + (key + Math.random()) / number("rate", 50);
    await queue.add("work", { key, due, work: number("work", 0) }, options(key, due));
  }
  return { armed: number("count"), due: first };
}

if (what === "work") {
  await work();
} else {
  const queue = new Queue("bench", { connection });
  await queue.waitUntilReady();
  say({ ready: true });
  say(await { rearm, fill, trickle }[what](queue));
  await queue.close();
}
