#!/usr/bin/env node
/** The `segmentd` binary: the process's streams and signals around `runCli`. */
import { processIo } from './io.ts';
import { runCli } from './run-cli.ts';

process.exitCode = await runCli(process.argv.slice(2), processIo());
