import { invalid } from "../errors.ts";
import { type Handler, refuse, timestamp } from "../google.ts";
import { textAt } from "../project.ts";

/** Evaluates a filter: only comparisons joined by AND. */
function matches(filter: string, entry: { [key: string]: unknown }, labels: Record<string, string>): boolean {
  return filter
    .split(/\s+AND\s+/i)
    .filter((term) => term.trim() !== "")
    .every((term) => {
      const [, key = "", operator, value = ""] =
        /^([\w.]+|labels\."[^"]+")\s*(=|>=|>)\s*"([^"]*)"$/.exec(term.trim()) ?? [];
      if (key === "") return refuse(invalid(`Unparseable filter: syntax error in ${term}`));
      const label = /^labels\."(.+)"$/.exec(key)?.[1];
      const actual = label ? labels[label] : textAt(entry, key);
      if (operator === "=") return actual === value;
      return operator === ">" ? `${actual}` > value : `${actual}` >= value;
    });
}
export const logging: Record<string, Handler> = {
  "entries.list": ({ google, project, body }) => {
    const entries = google.logs
      .filter(({ at: when, resource }) => when <= google.now() && resource.labels.project_id === project.id)
      .map((log, index) => ({
        one: log,
        entry: {
          logName: `projects/${project.id}/logs/cloudbuild`,
          resource: log.resource,
          timestamp: timestamp(log.at),
          receiveTimestamp: timestamp(log.at),
          insertId: `i${google.logs.indexOf(log)}x${index}`,
          labels: log.labels,
          textPayload: log.text,
        },
      }))
      .filter(({ one: log, entry }) => matches(textAt(body, "filter"), entry, log.labels))
      .map(({ entry }) => entry);
    if (textAt(body, "orderBy") === "timestamp desc") entries.reverse();
    return { entries: entries.slice(0, Number(body.pageSize ?? 50)) };
  },
};
