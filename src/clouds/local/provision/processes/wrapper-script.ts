import type { Process } from "./process-table.ts";

const wrapperName = "slipway";

/** The beginning of the script in every version, so that processes started by an older one are recognized. */
const firstLines = `HUP INT TERM
slipway_files=$1 slipway_most=$2 slipway_pause=$3`;

// The shell outlives the command to store its exit code, atomically. It catches SIGTERM instead of ignoring it, because
// the command would inherit an ignored signal.
//
// A daemon may run for weeks while no server runs, so the shell itself rotates the log and restarts the command. The
// log may be truncated because it is opened for appending; its last lines are kept in `.log.before`. The delay before a
// restart doubles up to five minutes; a minute without a crash resets it. The prefix of the variables keeps them apart
// from the app's own.
const script = `trap slipway_stop=1 ${firstLines}
slipway_restart=$4
shift 4
umask 077
echo "$$" >"$slipway_files.pid.part" && mv "$slipway_files.pid.part" "$slipway_files.pid"
(
  trap 'kill "$slipway_nap" 2>/dev/null; exit' TERM
  while kill -0 "$$" 2>/dev/null; do
    sleep "$slipway_pause" &
    slipway_nap=$!
    wait "$slipway_nap"
    [ "$(wc -c <"$slipway_files.log")" -gt "$slipway_most" ] || continue
    tail -c 100000 "$slipway_files.log" >"$slipway_files.log.part" && mv "$slipway_files.log.part" "$slipway_files.log.before"
    : >"$slipway_files.log"
  done
) &
slipway_watch=$!
slipway_delay=1 slipway_crashes=0
while :; do
  slipway_start=$(date +%s)
  "$@"
  slipway_code=$?
  [ -n "$slipway_restart" ] && [ -z "$slipway_stop" ] || break
  slipway_now=$(date +%s)
  [ "$((slipway_now - slipway_start))" -lt 60 ] || slipway_delay=1
  slipway_crashes=$((slipway_crashes + 1))
  echo "$slipway_crashes $slipway_code $slipway_now $slipway_delay" >"$slipway_files.crash.part" && mv "$slipway_files.crash.part" "$slipway_files.crash"
  sleep "$slipway_delay"
  [ -z "$slipway_stop" ] || break
  slipway_delay=$((slipway_delay * 2))
  [ "$slipway_delay" -le 300 ] || slipway_delay=300
done
kill "$slipway_watch" 2>/dev/null
echo "$slipway_code" >"$slipway_files.exit.part" && mv "$slipway_files.exit.part" "$slipway_files.exit"`;

interface Options {
  files: string;
  outputBytes: number;
  logSeconds: number;
  /** Whether to restart the command whenever it ends. */
  restart: boolean;
}

/** Returns the argv of the shell that runs a command, rotates its log and stores its exit code. */
export const wrap = ({ files, outputBytes, logSeconds, restart }: Options, argv: string[]): string[] => [
  "-c",
  script,
  wrapperName,
  files,
  `${outputBytes}`,
  `${logSeconds}`,
  restart ? "restart" : "",
  ...argv,
];

/** Whether a process is the wrapper of the command whose files start with this prefix. */
export function isWrapper({ args }: Process, filesPrefix: string): boolean {
  if (process.platform !== "linux") return args.join(" ").includes(` ${wrapperName} ${filesPrefix}`);
  const [, , code = "", name, files = ""] = args;
  return (
    code.includes(firstLines) && code.startsWith("trap ") && name === wrapperName && `${files} `.startsWith(filesPrefix)
  );
}
