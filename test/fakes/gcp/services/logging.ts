import { invalid } from "../errors.ts";
import { type Handler, refuse, stamp } from "../google.ts";
import { textAt } from "../project.ts";

/** The part of the filter language that is used: comparisons joined by AND. */
function matches(filter: string, entry: { [key: string]: unknown }, labels: Record<string, string>): boolean {
  return filter
    .split(/\s+AND\s+/i)
    .filter((one) => one.trim() !== "")
    .every((term) => {
      const [, key = "", operator, value = ""] =
        /^([\w.]+|labels\."[^"]+")\s*(=|>=|>)\s*"([^"]*)"$/.exec(term.trim()) ?? [];
      if (key === "") return refuse(invalid(`Unparseable filter: syntax error in ${term}`));
      const label = /^labels\."(.+)"$/.exec(key)?.[1];
      const found = label ? labels[label] : textAt(entry, key);
      if (operator === "=") return found === value;
      return operator === ">" ? `${found}` > value : `${found}` >= value;
    });
}
export const logging: Record<string, Handler> = {
  "entries.list": ({ google, project, body }) => {
    const entries = google.logs
      .filter(({ at: when, resource }) => when <= google.now() && resource.labels.project_id === project.id)
      .map((one, index) => ({
        one,
        entry: {
          logName: `projects/${project.id}/logs/cloudbuild`,
          resource: one.resource,
          timestamp: stamp(one.at),
          receiveTimestamp: stamp(one.at),
          insertId: `i${google.logs.indexOf(one)}x${index}`,
          labels: one.labels,
          textPayload: one.text,
        },
      }))
      .filter(({ one, entry }) => matches(textAt(body, "filter"), entry, one.labels))
      .map(({ entry }) => entry);
    if (textAt(body, "orderBy") === "timestamp desc") entries.reverse();
    return { entries: entries.slice(0, Number(body.pageSize ?? 50)) };
  },
};
