import { type Form, firstOf, type Part } from "./form.ts";
import { parseJson } from "./json.ts";
import { get, scalar } from "./tree.ts";

/** A Node program: `npm start` is what a buildpack runs, or `node server.js` when there is no such script. */
export const packagejson: Form = {
  id: "package.json",
  kind: "hint",
  find: firstOf("package.json"),
  read(report, files) {
    const root = parseJson(report);
    // npm itself is strict about this file, and its faults are not about deploying.
    report.problems.length = 0;
    report.remarks.length = 0;
    if (root === null) return {};
    const part: Part = {};
    const description = scalar(get(root, "description"))?.trim();
    if (description) part.description = description.slice(0, 2000);
    const start = scalar(get(get(root, "scripts"), "start")) ?? "";
    // The `start` of a phone's app begins its development, and serves nobody.
    const phone = get(get(root, "dependencies"), "expo") ?? get(get(root, "dependencies"), "react-native");
    if ((start !== "" || files.list.includes("server.js")) && !phone) part.services = [{ name: "web" }];
    return part;
  },
};
