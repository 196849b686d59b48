import type { Service } from "../../../app.ts";
import type { ServicePart } from "../../format.ts";
import { megabytes, sizeFor } from "../../infer/sizes.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { entriesOf, get, scalar, type Tree } from "../../syntax/tree.ts";

/** Reads the service that Cloud Run Button's `options` describe. */
export function readOptions(options: Tree | undefined, report: Diagnostics): ServicePart | null {
  if (options?.kind !== "object") return null;
  const service: ServicePart = { name: "web" };
  let memory: number | undefined;
  let cpu: number | undefined;
  for (const [name, { key, value }] of options.entries) {
    const text = scalar(value) ?? "";
    const wrong = (fix: string) => report.remark(value, `\`${short(text)}\` is not understood as \`${name}\`.`, fix);
    if (name === "memory") {
      memory = megabytes(text);
      if (memory === undefined) wrong("Write `512Mi` or `1Gi`.");
    } else if (name === "cpu") {
      cpu = /^\d+m$/.test(text) ? Number(text.slice(0, -1)) / 1000 : Number(text);
      if (Number.isNaN(cpu)) wrong('Write `"1"`.');
    } else if (name === "port") {
      if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65536) service.port = Number(text);
      else wrong("Write a port from 1 to 65535.");
    } else if (name === "max-instances") {
      const max = Number(text);
      if (Number.isInteger(max) && max >= 1 && max <= 1000) service.scale = { min: 1, max } satisfies Service["scale"];
      else wrong("Write a number from 1 to 1000.");
    } else if (name === "allow-unauthenticated") {
      if (text === "false") {
        service.public = false;
        report.remark(key, "Only callers the cloud lets in may reach it; the service gets no public address.");
      }
    } else if (name === "http2" || name === "concurrency") {
      report.remark(key, `\`${name}\` is left to the cloud.`);
    } else report.remark(key, `\`${short(name)}\` is no option of Cloud Run Button.`);
  }
  if (memory !== undefined || (cpu !== undefined && !Number.isNaN(cpu))) service.size = sizeFor(memory, cpu);
  return service;
}

/** Reads the builder from Cloud Run Button's `build`. `hooks` are never run: they are written for Cloud Shell. */
export function readBuilder(root: Tree, report: Diagnostics): string | null {
  for (const [name, { key, value }] of entriesOf(get(root, "hooks"))) {
    if (!/^(pre|post)(build|create)$/.test(name)) {
      report.remark(key, `\`${short(name)}\` is no hook of Cloud Run Button.`);
    } else if (get(value, "commands") !== undefined) {
      report.remark(
        key,
        `The hook \`${name}\` is not run: it is written for Cloud Shell, with gcloud at hand.`,
        "Do it in a release job, such as `release:` in a Procfile.",
      );
    }
  }
  const build = get(root, "build");
  if (scalar(get(build, "skip")) === "true") {
    report.remark(get(build, "skip") ?? null, "`skip` has no effect: the app is built as its files say.");
  }
  return scalar(get(get(build, "buildpacks"), "builder")) ?? null;
}
