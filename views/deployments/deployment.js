// Keeps the page of a running deployment up to date. What it shows is only ever a step ahead of the server's own page,
// which is loaded again as soon as the deployment is in another state.
const box = document.getElementById("progress");
const part = (name, inside = document) => inside.querySelector(`[data-part="${name}"]`);
const { id, state } = box.dataset;
const goal = state === "removing" ? "removed" : "done";
const words = { waiting: "waiting", running: "under way", done: "done", failed: "failed", removed: "removed" };
const steps = new Map([...box.querySelectorAll("[data-step]")].map((row) => [row.dataset.step, row]));

// Times are told by the server's clock, whatever the one here says.
const ahead = Date.now() - Date.parse(box.dataset.now);
const now = () => Date.now() - ahead;
const created = Date.parse(box.dataset.created);
const began = new Map();
for (const [name, row] of steps) if (row.dataset.elapsed) began.set(name, now() - Number(row.dataset.elapsed));

let last = Number(box.dataset.lastEvent);
let leaving = false;
let source;

function listen() {
  source = new EventSource(`/deployments/${encodeURIComponent(id)}/events?after=${last}`);
  source.addEventListener("step", (event) => fresh(event, showStep));
  source.addEventListener("log", (event) => fresh(event, ({ line }) => say(line)));
  source.addEventListener("state", (event) => fresh(event, (said) => said.state !== state && leave()));
  source.addEventListener("error", () => {
    // The browser tries again by itself, unless what answered was no stream: a proxy, say, while the server restarts.
    if (source.readyState === EventSource.CLOSED && !leaving) setTimeout(listen, 2000);
  });
}

function fresh(event, use) {
  const number = Number(event.lastEventId);
  if (number > 0 && number <= last) return;
  if (number > 0) last = number;
  use(JSON.parse(event.data));
}

function showStep({ name, state: is, message }) {
  const row = steps.get(name);
  if (!row) return leave();
  if (is === "running" && !began.has(name)) began.set(name, now());
  row.dataset.state = is;
  part("state", row).textContent = `, ${words[is] ?? is}`;
  if (message !== undefined) part("message", row).textContent = message;
  tick();
  // What was never begun need not be removed.
  const rows = [...steps.values()].filter((each) => state === "running" || each.dataset.state !== "waiting");
  const reached = rows.filter((each) => each.dataset.state === goal).length;
  Object.assign(box.querySelector("progress"), { max: Math.max(1, rows.length), value: reached });
  tell("reached", String(reached));
  tell("total", String(rows.length));
  const doing = rows.find((each) => each.dataset.state === "running");
  if (state === "running") tell("doing", doing ? doing.querySelector("p > span").textContent : "");
}

// Read out only when it says something new.
function tell(name, text) {
  if (part(name).textContent !== text) part(name).textContent = text;
}

const log = part("log");
const lines = log.textContent === "" ? [] : log.textContent.split("\n");
let drawing = false;

function say(line) {
  lines.push(line);
  if (drawing) return;
  drawing = true;
  setTimeout(() => {
    drawing = false;
    const following = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    lines.splice(0, lines.length - 500);
    log.textContent = lines.join("\n");
    part("log-section").hidden = false;
    if (following) log.scrollTop = log.scrollHeight;
  }, 50);
}

function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function tick() {
  if (part("elapsed")) part("elapsed").textContent = clock(now() - created);
  for (const [name, row] of steps)
    if (row.dataset.state === "running" && began.has(name))
      part("time", row).textContent = clock(now() - began.get(name));
}

/** Loads the page again, once the server answers: it may be starting just now. */
async function leave() {
  if (leaving) return;
  leaving = true;
  source.close();
  for (;;) {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
    if (answer?.ok) return location.reload();
    await new Promise((done) => setTimeout(done, 1000));
  }
}

log.scrollTop = log.scrollHeight;
setInterval(tick, 1000);
listen();
// Coming back with the Back button brings the page as it was left, not as things are.
addEventListener("pageshow", (event) => event.persisted && leave());
