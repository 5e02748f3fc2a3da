/** The Dockerfile as Docker reads it: stages with their instructions, and what a container runs. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

export interface Stage {
  /** What it starts from. */
  readonly from: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export function stages(): readonly Stage[] {
  const found: { from: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of readFileSync(`${ROOT}/Dockerfile`, 'utf8').split('\n')) {
    const [, name, text = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (name === undefined) {
      if (line !== '' && !line.startsWith('#')) throw new Error(`not an instruction: ${line}`);
    } else if (name === 'FROM') {
      const [from = '', , stage] = text.split(' ');
      found.push({ from, name: stage, instructions: [] });
    } else found.at(-1)?.instructions.push({ name, text });
  }
  return found;
}

/** Texts of the instructions of the last stage with this name. */
export function last(name: string): readonly string[] {
  return (stages().at(-1)?.instructions ?? []).filter((one) => one.name === name).map(({ text }) => text);
}

/** Words of an instruction in exec form. */
export function words(text: string): readonly string[] {
  const list: unknown = JSON.parse(text.slice(text.indexOf('[')));
  return Array.isArray(list) ? list.map(String) : [];
}
