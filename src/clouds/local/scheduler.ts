// A process of its own: runs the jobs in the file of its argument, each on its schedule, one run of a job at a time.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Cron } from "croner";

const jobs = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as {
  name: string;
  command: string;
  cron: string;
}[];

for (const { name, command, cron } of jobs)
  new Cron(cron, { name, timezone: "UTC", protect: true }, async () => {
    console.log(`${new Date().toISOString()} ${name} begins`);
    const child = spawn("/bin/sh", ["-c", command], { stdio: ["ignore", "inherit", "inherit"] });
    const [code, signal] = await once(child, "exit");
    console.log(`${new Date().toISOString()} ${name} ended with ${signal ?? `code ${code}`}`);
  });
