// Required into every Node process of an app, because `listen(port)` would open it to the whole network.
// Paths, handles and file descriptors are left unchanged.
const net = require("node:net");
const dgram = require("node:dgram");

const host = "127.0.0.1";
const isPort = (value) => typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value));

function onLoopback(args) {
  const [first, ...rest] = args;
  if (first === undefined || first === null || typeof first === "function")
    return [{ port: 0, host }, ...args.filter((arg) => typeof arg === "function")];
  if (isPort(first)) {
    const backlog = rest.find((arg) => typeof arg === "number");
    return [{ port: Number(first), host, backlog }, ...rest.filter((arg) => typeof arg === "function")];
  }
  const hasPort = typeof first === "object" && first.port !== undefined && first.port !== null;
  return hasPort && first.fd === undefined ? [{ ...first, host }, ...rest] : args;
}

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (...args) {
  return listen.apply(this, onLoopback(args));
};

const { bind } = dgram.Socket.prototype;
dgram.Socket.prototype.bind = function (...args) {
  const address = this.type === "udp6" ? "::1" : host;
  const callbacks = args.filter((arg) => typeof arg === "function");
  const [first] = args;
  if (typeof first === "object" && first !== null)
    return bind.call(this, first.fd === undefined ? { ...first, address } : first, ...callbacks);
  return bind.call(this, { port: isPort(first) ? Number(first) : 0, address }, ...callbacks);
};
