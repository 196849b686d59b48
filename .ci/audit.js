// Asks the registry about the installed packages: known vulnerabilities and invalid signatures fail, a registry that
// does not answer does not. Usage: node .ci/audit.js
import { spawnSync } from "node:child_process";

/** Runs npm and returns its JSON output; null if there is none, such as while the registry cannot be reached. */
function npmJson(...args) {
  const options = ["--json", "--fetch-retries=0", "--fetch-timeout=20000", "--no-update-notifier"];
  const { stdout } = spawnSync("npm", [...args, ...options], { encoding: "utf8", timeout: 120_000 });
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
}

const skipped = (what, report) =>
  console.log(`${what} skipped: ${report?.message ?? report?.error?.summary ?? "no answer"}`);
const failures = [];

const audit = npmJson("audit", "--omit=dev");
if (!audit?.vulnerabilities) skipped("npm audit", audit);
else {
  const serious = Object.values(audit.vulnerabilities).filter(({ severity }) => /^(high|critical)$/.test(severity));
  for (const { name, severity, via } of serious) {
    const titles = via.map((cause) => cause.title ?? cause).join(", ");
    failures.push(`${name} has a ${severity} vulnerability: ${titles}`);
  }
  console.log(
    `npm audit: ${Object.keys(audit.vulnerabilities).length} known, ${serious.length} of them high or critical`,
  );
}

const signatures = npmJson("audit", "signatures");
if (!Array.isArray(signatures?.invalid)) skipped("npm audit signatures", signatures);
else {
  for (const { name, version } of signatures.invalid) failures.push(`${name}@${version} has an invalid signature`);
  console.log(`npm audit signatures: ${signatures.invalid.length} invalid`);
}

for (const failure of failures) console.error(failure);
if (failures.length > 0) console.error("Update what has a fix (npm update NAME), or replace it.");
process.exitCode = failures.length > 0 ? 1 : 0;
