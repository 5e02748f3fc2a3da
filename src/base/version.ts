/** What `package.json` says of this package. */
import { readFileSync } from 'node:fs';

interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

let manifest: Manifest | undefined;

export function packageManifest(): Manifest {
  manifest ??= JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest;
  return manifest;
}

export function packageVersion(): string {
  return packageManifest().version;
}
