// A small load generator, for machines without wrk: as many connections as told, one request at a time on each.
// It is slower than the servers it asks, so ratios come out nearer to 1 than they are.
import { connect } from "node:net";

const [, , url = "", path = "/", count = "1", connections = "64", seconds = "5", ...headers] = process.argv;
const { hostname, port, host } = new URL(url);
const until = performance.now() + Number(seconds) * 1000;
let requested = 0;
let answered = 0;

const ask = () => {
  requested = (requested % Number(count)) + 1;
  return `GET ${path.replace("%d", String(requested))} HTTP/1.1\r\n${[`Host: ${host}`, ...headers].join("\r\n")}\r\n\r\n`;
};

function open() {
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.setEncoding("latin1").on("connect", () => socket.write(ask()));
  socket.on("data", (chunk) => {
    text += chunk;
    const head = text.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
    if (text.length < head + 4 + length) return;
    if (!/^HTTP\/1.1 [23]/.test(text)) throw new Error(text.slice(0, head));
    text = text.slice(head + 4 + length);
    answered++;
    if (performance.now() < until) socket.write(ask());
    else socket.destroy();
  });
}

for (let i = 0; i < Number(connections); i++) open();
process.on("exit", () => process.stdout.write(String(answered)));
