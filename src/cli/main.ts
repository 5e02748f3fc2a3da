#!/usr/bin/env node
/** The `segmentd` binary: the process's streams and signals around `runCli`. */
import { processIo } from './io.ts';
import { runCli } from './run-cli.ts';

// A list of processes would show the flags, and with them the password of --database-url.
process.title = 'segmentd';
// Node 21 and newer have a `navigator`. Without one pg makes a `Response` to learn where it runs, which loads the whole fetch of Node 20:
// 20 ms of CPU for every verb.
if (!('navigator' in globalThis)) {
  const [major = ''] = process.versions.node.split('.');
  Object.defineProperty(globalThis, 'navigator', { value: { userAgent: `Node.js/${major}` }, configurable: true });
}
const io = processIo();
const code = await runCli(process.argv.slice(2), io);
// After Ctrl-C nothing is waited for that is still under way; otherwise the streams are written to their end.
// Of a completion nothing is waited for either: a server that does not answer must not hold the shell.
if (io.signal.aborted || process.argv[2] === '__complete') process.exit(code);
process.exitCode = code;
