import { type Note, note } from "../result.ts";
import { type Form, firstOf, type Part } from "./form.ts";

/** `name: command` lines. `release` is the job that runs before every version. */
export const procfile: Form = {
  id: "Procfile",
  find: firstOf("Procfile"),
  read(file, text) {
    const remarks: Note[] = [];
    const commands = new Map<string, string>();
    for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
      const line = raw.trim();
      if (line === "" || line.startsWith("#")) continue;
      const [, name, command] = /^([A-Za-z0-9_-]{1,100})\s*:\s*(\S.*)$/.exec(line) ?? [];
      if (name === undefined || command === undefined) {
        const fix = "Write `name: command`, or start the line with `#`.";
        const message = `This line is no process, and is ignored: \`${line.slice(0, 80)}\`.`;
        remarks.push(note(message, { file, line: index + 1, column: 1, fix }));
        continue;
      }
      if (commands.has(name)) {
        const message = `The process \`${name}\` is written twice; the last one counts.`;
        remarks.push(note(message, { file, line: index + 1, column: 1, path: name, fix: "Remove one of them." }));
      }
      commands.set(name, command);
    }
    const part: Part = { services: [] };
    for (const [name, command] of commands) {
      if (name === "release") part.jobs = [{ name, command, when: "release", schedule: null }];
      else part.services?.push({ name, command });
    }
    if (part.services?.length === 0) delete part.services;
    return { part, problems: [], remarks };
  },
};
