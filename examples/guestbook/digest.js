import { addDigest, database } from "./database.js";

await addDigest();
await database.end();
console.log("The digest is written");
