// Keeps the page of a running deployment up to date. The page reloads as soon as the state of the deployment changes, so
// everything drawn here is drawn by the server afterwards.
const box = document.getElementById("progress");
const part = (name, inside = document) => inside.querySelector(`[data-part="${name}"]`);
const { id, state } = box.dataset;
const targetState = state === "removing" ? "removed" : "done";
const stateLabels = { waiting: "waiting", running: "in progress", done: "done", failed: "failed", removed: "removed" };
const steps = new Map([...box.querySelectorAll("[data-step]")].map((row) => [row.dataset.step, row]));

// Times follow the server's clock, whatever the local one says.
const clockOffsetMs = Date.now() - Date.parse(box.dataset.now);
const now = () => Date.now() - clockOffsetMs;
const createdAt = Date.parse(box.dataset.created);
const startedAt = new Map();
for (const [name, row] of steps) if (row.dataset.elapsed) startedAt.set(name, now() - Number(row.dataset.elapsed));

let lastEventId = Number(box.dataset.lastEvent);
let leaving = false;
let source;

function listen() {
  source = new EventSource(`/deployments/${encodeURIComponent(id)}/events?after=${lastEventId}`);
  source.addEventListener("step", (event) => handleOnce(event, showStep));
  source.addEventListener("log", (event) => handleOnce(event, ({ line }) => appendLog(line)));
  source.addEventListener("state", (event) => handleOnce(event, (update) => update.state !== state && leave()));
  source.addEventListener("error", () => {
    // The browser reconnects on its own, unless the response was not a stream: from a proxy, for example, during a restart.
    if (source.readyState === EventSource.CLOSED && !leaving) setTimeout(listen, 2000);
  });
}

function handleOnce(event, handle) {
  const eventId = Number(event.lastEventId);
  if (eventId > 0 && eventId <= lastEventId) return;
  if (eventId > 0) lastEventId = eventId;
  handle(JSON.parse(event.data));
}

function showStep({ name, state: stepState, message }) {
  const row = steps.get(name);
  if (!row) return leave();
  if (stepState === "running" && !startedAt.has(name)) startedAt.set(name, now());
  row.dataset.state = stepState;
  part("state", row).textContent = `, ${stateLabels[stepState] ?? stepState}`;
  if (message !== undefined) part("message", row).textContent = message;
  tick();
  // Steps that never started need no removal.
  const counted = [...steps.values()].filter((step) => state === "running" || step.dataset.state !== "waiting");
  const completed = counted.filter((step) => step.dataset.state === targetState).length;
  Object.assign(box.querySelector("progress"), { max: Math.max(1, counted.length), value: completed });
  setText("reached", String(completed));
  setText("total", String(counted.length));
  const current = counted.find((step) => step.dataset.state === "running");
  if (state === "running") setText("doing", current ? current.querySelector("p > span").textContent : "");
}

// The text is in a live region: unchanged text would be read out again.
function setText(name, text) {
  if (part(name).textContent !== text) part(name).textContent = text;
}

const log = part("log");
const lines = log.textContent === "" ? [] : log.textContent.split("\n");
let drawScheduled = false;

function appendLog(line) {
  lines.push(line);
  if (drawScheduled) return;
  drawScheduled = true;
  setTimeout(() => {
    drawScheduled = false;
    const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    lines.splice(0, lines.length - 500);
    log.textContent = lines.join("\n");
    part("log-section").hidden = false;
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  }, 50);
}

function formatDuration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const twoDigits = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${twoDigits(m)}:${twoDigits(s)}` : `${m}:${twoDigits(s)}`;
}

function tick() {
  if (part("elapsed")) part("elapsed").textContent = formatDuration(now() - createdAt);
  for (const [name, row] of steps)
    if (row.dataset.state === "running" && startedAt.has(name))
      part("time", row).textContent = formatDuration(now() - startedAt.get(name));
}

/** Reloads the page once the server responds: it may be restarting. */
async function leave() {
  if (leaving) return;
  leaving = true;
  source.close();
  for (;;) {
    const response = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
    if (response?.ok) return location.reload();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

log.scrollTop = log.scrollHeight;
setInterval(tick, 1000);
listen();
// The Back button restores the page as it was when the visitor left.
addEventListener("pageshow", (event) => event.persisted && leave());
