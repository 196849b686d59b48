import type { ManifestFormat, PartialApp, ServicePart } from "../format.ts";
import { splitArgs, splitPair } from "../shell.ts";

const dockerfileName = /^(?:[\w./-]{1,100}\/)?(?:Dockerfile(?:\.[\w-]+)?|[\w-]+\.Dockerfile)$/;

/** Port and health check of the image that a Dockerfile builds. Counts only if the app is built from this file. */
export const dockerfile: ManifestFormat = {
  id: "Dockerfile",
  kind: "hint",
  find: (list) => {
    const matches = list.filter((name) => dockerfileName.test(name) && name.split("/").length <= 3);
    return matches.toSorted((a, b) => a.split("/").length - b.split("/").length || (a < b ? -1 : 1)).slice(0, 8);
  },
  read(report) {
    const values = new Map<string, string>();
    let lastCommand = "";
    const service: ServicePart = { name: "web" };
    for (const { index: at, 0: line } of instructions(report.text)) {
      const [, word = "", operands = ""] = /^\s*([A-Za-z]+)\s+([\s\S]*)$/.exec(line) ?? [];
      const instruction = word.toUpperCase();
      if (instruction === "ARG" || instruction === "ENV") {
        for (const [name, value] of assignments(operands))
          if (value !== undefined) values.set(name, substitute(value, values));
      } else if (instruction === "FROM") {
        // Only the last stage counts.
        delete service.port;
        delete service.health;
        lastCommand = "";
      } else if (instruction === "EXPOSE") {
        const ports = operands.split(/\s+/).flatMap((word) => portOf(word, values) ?? []);
        if (service.port === undefined && ports.length > 0) service.port = ports[0] ?? null;
        else if (ports.length === 0) {
          const place = { at, end: at + line.length, path: "EXPOSE" };
          report.remark(place, "This is no port that can be known before the image is built.", "Write `EXPOSE 8080`.");
        }
      } else if (instruction === "CMD" || instruction === "ENTRYPOINT") {
        lastCommand += ` ${operands.replace(/["',[\]]+/g, " ").slice(0, 2000)}`;
      } else if (instruction === "HEALTHCHECK") {
        const [, path] =
          /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[^/\s"']+)?(\/[^\s"'|;)]*)/.exec(operands) ?? [];
        if (path && !path.includes("$")) service.health = { path };
      }
    }
    service.port ??= portEvidence(values.get("PORT"), lastCommand);
    if (service.port === undefined) delete service.port;
    const part: PartialApp = { services: [service] };
    return part;
  },
};

/** Returns the instructions, with continuation lines joined and without comments. */
function instructions(text: string): IterableIterator<RegExpExecArray> {
  return text.matchAll(/^[ \t]*[A-Za-z]+[ \t](?:[^\n\\]|\\\r?\n|\\[^\n])*/gm) as IterableIterator<RegExpExecArray>;
}

/** `A=1 B="2"` and the old `A 1`. */
function assignments(operands: string): [string, string | undefined][] {
  if (!operands.includes("=")) {
    const text = operands.trim();
    const blank = text.search(/\s/);
    const name = blank < 0 ? text : text.slice(0, blank);
    return /^[A-Za-z_]\w*$/.test(name) ? [[name, blank < 0 ? undefined : text.slice(blank).trim()]] : [];
  }
  return splitArgs(operands).flatMap((pair): [string, string | undefined][] => {
    const [name, value] = splitPair(pair) ?? [];
    return name !== undefined && /^[A-Za-z_]\w*$/.test(name) ? [[name, value]] : [];
  });
}

/** Replaces `$NAME`, `${NAME}` and `${NAME:-default}`. */
const substitute = (text: string, values: ReadonlyMap<string, string>): string =>
  text
    .slice(0, 10_000)
    .replace(/\$\{?([A-Za-z_]\w*)(?::-([^}]*))?\}?/g, (_, name, fallback) => values.get(name) ?? fallback ?? "");

const validPort = (text: string | undefined): number | undefined => {
  const number = Number(text);
  return /^\d{1,5}$/.test(text ?? "") && number > 0 && number < 65536 ? number : undefined;
};

/** Returns the port of an image that exposes none: `ENV PORT`, or an option of its command. */
function portEvidence(variable: string | undefined, command: string): number | undefined {
  const [, option] =
    /(?:--(?:http-)?port|-p|--listen|--bind|-b|--addr)[ =]+(?:[\w.]{0,60}:)?(\d{2,5})(?!\d)/.exec(command) ?? [];
  return validPort(variable) ?? validPort(option);
}

function portOf(word: string, values: ReadonlyMap<string, string>): number | undefined {
  const [, port, protocol = "tcp"] = /^(\d{1,5})(?:-\d{1,5})?(?:\/(tcp|udp))?$/i.exec(substitute(word, values)) ?? [];
  return protocol.toLowerCase() === "tcp" ? validPort(port) : undefined;
}
