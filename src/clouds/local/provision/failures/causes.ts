/** A known reason for the failure of a command, found in its output. */
export interface Cause {
  /** Completes a sentence such as "The build ended with code 1: …". */
  reason: string;
  next: string;
  /** The line it was found in; empty if only the exit code shows it. */
  line: string;
}

interface Rule {
  pattern: RegExp;
  reason: (match: RegExpExecArray) => string;
  next: string;
}

const freeDisk: Rule = {
  // errno(3) and Node.js's error codes.
  pattern: /\bENOSPC\b|no space left on device|disk quota exceeded/i,
  reason: () => "the disk is full",
  next: "Free some space on this machine, then try again.",
};

const memory: Rule = {
  // V8, Python, the JVM, and errno(3).
  pattern: /JavaScript heap out of memory|^MemoryError\b|OutOfMemoryError|\bENOMEM\b|cannot allocate memory/i,
  reason: () => "it ran out of memory",
  next: "Close other programs, or deploy to a cloud with more memory.",
};

const portInUse: Rule = {
  // Node.js, Go, and errno(3).
  pattern: /EADDRINUSE(?:\D*(?:[\d.]+:)?(\d+))?|(?:tcp \S*:(\d+): bind: )?address already in use/i,
  reason: ([, node, go]) =>
    `it tried to listen on ${node || go ? `port ${node || go}` : "a port"}, which another program uses`,
  next: "Let the app read its port from the variable PORT, then try again.",
};

const missingProgram: Rule = {
  // dash, bash, env and Node.js's child_process, in this order.
  pattern:
    /^(?:.*?sh: (?:\d+: |line \d+: )?)([\w@./+-]+): (?:command )?not found|env: [‘'"]?([\w.+-]+)[’'"]?: No such file|spawn ([\w@./+-]+) ENOENT/,
  reason: ([, shell, env, spawn]) => `the program ${shell ?? env ?? spawn} is not there`,
  next: "Install it on this machine, or add it to the app's dependencies, then try again.",
};

const packageMissing: Rule = {
  // npm (E404, ETARGET), pnpm, Yarn, pip, Bundler and Go, as of their releases in November 2026.
  pattern:
    /npm (?:error|ERR!) (?:404 +)?(?:Not Found - GET|.{0,80}is not in (?:this|the npm) registry|notarget No matching version)|ERR_PNPM_(?:FETCH_404|NO_MATCHING_VERSION)|error Couldn't find (?:package|any versions)|No matching distribution found for|Could not find gem |reading https?:\/\/\S+: 404 Not Found/,
  reason: () => "the package registry has no such package or version",
  next: "Correct the dependency in the repository, then try again.",
};

const registryRefused: Rule = {
  pattern: /npm (?:error|ERR!) code E(?:401|403|429|5\d\d)\b|ERR_PNPM_FETCH_(?:401|403|429|5\d\d)\b/,
  reason: () => "the package registry refused the request",
  next: "Check the settings of the registry on this machine (.npmrc), or try again later.",
};

const hostUnreachable: Rule = {
  // getaddrinfo(3), curl, git and Go.
  pattern:
    /\b(?:ENOTFOUND|EAI_AGAIN|ENETUNREACH|ENETDOWN|EHOSTUNREACH)\b|Could not resolve host|Temporary failure in name resolution|no such host|Could not reach host|NewConnectionError/,
  reason: () => "a host on the network could not be reached",
  next: "Check this machine's connection and proxy settings, then try again.",
};

/** pip logs this as a warning and then reports that it found no matching package. */
const pipUnreachable: Rule = { ...hostUnreachable, pattern: /NewConnectionError|Temporary failure in name resolution/ };

const connectionFailed: Rule = {
  pattern: /\b(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET)\b(?: ([\w.[\]:-]+:\d+))?|connection refused/i,
  reason: ([, address]) => (address ? `it could not connect to ${address}` : "a server refused the connection"),
  next: "See whether that server runs and whether the app has its right address, then try again.",
};

/** Searched in the whole output: they explain any error that a program reports. */
const outputRules = [freeDisk, memory, portInUse, pipUnreachable];

/** Searched only in the error itself, because a program may log them and go on. */
const errorRules = [missingProgram, packageMissing, registryRefused, hostUnreachable, connectionFailed];

/** Exit codes of a shell: 128 + SIGKILL, and a command that was not found. */
const exitCodes = { killed: 137, notFound: 127 };

/** Returns the known cause of a command's failure; null if neither its output nor its first error shows one. */
export function findCause(output: string[], error: string[], exitCode: number | null): Cause | null {
  const cause =
    matchRules(outputRules, output) ??
    (exitCode === exitCodes.notFound ? matchRules([missingProgram], output) : null) ??
    matchRules(errorRules, error);
  if (cause || exitCode !== exitCodes.killed) return cause;
  return { reason: "it was killed, as happens when this machine is out of memory", next: memory.next, line: "" };
}

function matchRules(rules: Rule[], lines: string[]): Cause | null {
  for (const { pattern, reason, next } of rules)
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match) return { reason: reason(match), next, line };
    }
  return null;
}
