import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { clouds } from "../src/clouds/index.ts";
import { readConfig } from "../src/config.ts";
import { openDb } from "../src/db.ts";
import { deployments } from "../src/deployments.ts";
import { feed } from "../src/feed.ts";
import { folders } from "../src/folders.ts";
import { github } from "../src/github.ts";
import { lookAt } from "../src/look.ts";
import { repositories } from "../src/repositories.ts";
import { keptSecret, seal } from "../src/seal.ts";
import { storedResponses } from "../src/store/responses.ts";
import { visits } from "../src/visits.ts";
import { createApp } from "./app.ts";
import { greeting } from "./greeting.ts";

const config = readConfig(process.env);
const now = () => new Date();
const random = (bytes: number) => randomBytes(bytes);
const log = (message: string, error: unknown) => console.error(`${now().toISOString()} ${message}`, error);

const db = openDb(join(config.dataDir, "slipway.db"));
