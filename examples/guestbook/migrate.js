import { database } from "./database.js";

await database.query(`
  CREATE TABLE IF NOT EXISTS entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    message text NOT NULL,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'shown', 'held')),
    signed timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE IF NOT EXISTS digests (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made timestamptz NOT NULL DEFAULT now(),
    shown integer NOT NULL,
    held integer NOT NULL
  );
`);
await database.end();
console.log("The tables are there");
