import { createServer } from "node:http";

const { PORT = "3000", HOST } = process.env;
const server = createServer((_, response) => response.end("It did not fail after all.\n"));
server.listen(Number(PORT), HOST);
process.on("SIGTERM", () => server.close());
