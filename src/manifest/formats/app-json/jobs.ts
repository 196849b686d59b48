import type { Job } from "../../../app.ts";
import { cronOf } from "../../cron.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { entriesOf, get, itemsOf, kindOf, scalar, type Tree } from "../../syntax/tree.ts";

/** `scripts` of Heroku and Dokku, and Dokku's `cron`. */
export function readJobs(scripts: Tree | undefined, cron: Tree | undefined, report: Diagnostics): Job[] {
  return [...fromScripts(scripts, report), ...fromCron(cron, report)];
}

function fromScripts(scripts: Tree | undefined, report: Diagnostics): Job[] {
  if (scripts === undefined || scripts.kind === "null") return [];
  if (scripts.kind !== "object") {
    const fix = 'Write `"scripts": { "postdeploy": "…" }`.';
    report.problem(scripts, `\`scripts\` is ${kindOf(scripts)} where an object belongs.`, fix);
    return [];
  }
  const jobs: Job[] = [];
  for (const [name, { key, value }] of scripts.entries) {
    if (name === "postdeploy") addScript(jobs, "postdeploy", "first", value, report);
    else if (name === "dokku") {
      for (const [phase, inner] of entriesOf(value)) {
        if (phase === "predeploy") addScript(jobs, "predeploy", "release", inner.value, report);
        else if (phase === "postdeploy") {
          addScript(jobs, "dokku-postdeploy", "release", inner.value, report);
          report.remark(inner.key, "This runs before a version goes live, not behind it.");
        } else report.remark(inner.key, `Dokku's \`${short(phase)}\` is not run here.`);
      }
    } else report.remark(key, `The script \`${short(name)}\` is not run when an app is deployed.`);
  }
  return jobs;
}

function addScript(jobs: Job[], name: string, when: Job["when"], tree: Tree, report: Diagnostics): void {
  const command = (scalar(tree) ?? scalar(get(tree, "command")))?.trim();
  if (command === undefined) {
    report.problem(tree, `This script is ${kindOf(tree)} where a command belongs.`, "Write the command as text.");
  } else if (command !== "") jobs.push({ name, entrypoint: null, command, when, schedule: null });
}

function fromCron(cron: Tree | undefined, report: Diagnostics): Job[] {
  if (cron === undefined || cron.kind === "null") return [];
  if (cron.kind !== "list") {
    const fix = 'Write `"cron": [{ "command": "…", "schedule": "0 3 * * *" }]`.';
    report.problem(cron, `\`cron\` is ${kindOf(cron)} where a list belongs.`, fix);
    return [];
  }
  return itemsOf(cron).flatMap((item, index) => {
    const command = scalar(get(item, "command"))?.trim();
    const rawSchedule = scalar(get(item, "schedule"));
    const schedule = rawSchedule === undefined ? null : cronOf(rawSchedule);
    const fix = 'Write `{ "command": "…", "schedule": "0 3 * * *" }`.';
    if (!command || rawSchedule === undefined) {
      report.problem(item, "This cron entry needs a command and a schedule.", fix);
      return [];
    }
    if (schedule === null) {
      report.problem(get(item, "schedule") ?? item, `\`${short(rawSchedule)}\` is no schedule of five fields.`, fix);
      return [];
    }
    return [{ name: `cron-${index + 1}`, entrypoint: null, command, when: "schedule" as const, schedule }];
  });
}
