import { firstOf, type ManifestFormat, type PartialApp } from "../format.ts";
import { short } from "../syntax/diagnostics.ts";

/** `name: command` lines. `release` is the job that runs before every version. */
export const procfile: ManifestFormat = {
  id: "Procfile",
  kind: "hint",
  find: firstOf("Procfile"),
  read(report) {
    const commands = new Map<string, string>();
    for (const { index: at, 0: raw } of report.text.matchAll(/[^\r\n]+/g)) {
      const line = raw.trim();
      if (line === "" || line.startsWith("#")) continue;
      const place = { at: at + raw.indexOf(line), end: at + raw.length, path: "" };
      const [, name, command] = /^([A-Za-z0-9_-]{1,60})\s*:\s*(\S.*)$/.exec(line) ?? [];
      if (name === undefined || command === undefined) {
        const fix = "Write `name: command`, or begin the line with `#`.";
        report.remark(place, `This line is no process, and is passed over: \`${short(line)}\`.`, fix);
        continue;
      }
      if (commands.has(name)) {
        report.remark(place, `The process \`${name}\` is written twice; the last one counts.`, "Remove one of them.");
      }
      commands.set(name, command);
    }
    const part: PartialApp = {};
    const services = [...commands].filter(([name]) => name !== "release");
    if (services.length > 0) part.services = services.map(([name, command]) => ({ name, command }));
    const command = commands.get("release");
    if (command) part.jobs = [{ name: "release", entrypoint: null, command, when: "release", schedule: null }];
    return part;
  },
};
