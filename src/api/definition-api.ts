/** `segmentd.definitions`: segments as files in git. `apply` makes the segments what the files say, `pull` the other way round. */
import type { Applied, ApplyOptions } from '../definition/apply.ts';
import type { Pulled } from '../definition/pull.ts';
import type { Connection } from './connection.ts';
import { APPLY, PULL } from './input-schema.ts';
import { checkInput, text } from './input.ts';

export class DefinitionApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Makes the segments what the files of a folder say: all of it, or nothing. With `dryRun` it returns the plan and writes nothing.
   * @throws {RefusedCondition} with the issues of all files
   * @throws {Failure} `conflict`
   */
  async apply(folder: string, options: ApplyOptions = {}): Promise<Applied> {
    checkInput(text, folder, 'The folder');
    checkInput(APPLY, options, 'The options of definitions.apply');
    const { applyFolder } = await import('../definition/apply.ts');
    await this.#connection.requirePublication();
    return this.#connection.withFitting((catalogue, pool) => applyFolder(pool, catalogue, folder, options));
  }

  /** Writes the current segments into a folder, one a file. @throws {RefusedCondition} @throws {Failure} `failed` */
  async pull(folder: string, options: { readonly prune?: boolean } = {}): Promise<Pulled> {
    checkInput(text, folder, 'The folder');
    checkInput(PULL, options, 'The options of definitions.pull');
    const { pullFolder } = await import('../definition/pull.ts');
    return pullFolder(await this.#connection.pool(), folder, options);
  }
}
