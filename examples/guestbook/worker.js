import { database, entryToModerate, setState } from "./database.js";
import { openQueue } from "./queue.js";

const words = (process.env.BLOCKED_WORDS ?? "").toLowerCase().split(",");
const blocked = words.map((word) => word.trim()).filter(Boolean);

const isBlocked = ({ name, message }) => blocked.some((word) => `${name} ${message}`.toLowerCase().includes(word));

const queue = await openQueue();
let running = true;
process.on("SIGTERM", () => {
  running = false;
});

console.log("The worker waits for entries");
while (running) {
  const id = await queue.take(1);
  const entry = id === null ? undefined : await entryToModerate(id);
  if (!entry) continue;
  const state = isBlocked(entry) ? "held" : "shown";
  await setState(entry.id, state);
  console.log(`Entry ${entry.id} is ${state}`);
}
await queue.close();
await database.end();
