/** Where the keys of contacts come from: pasted, or a column of a CSV file. Nothing is sent from here. */
import { useState } from 'preact/hooks';
import { useCatalogue } from '../client/catalogue-query.ts';
import { keysOfFile, keysOfText, readCsvHead, type CsvHead, type KeyList } from './key-list.ts';
import './key-picker.css';

interface PickedFile {
  readonly file: File;
  readonly head: CsvHead;
  readonly column: number;
  readonly hasHead: boolean;
}

export function KeyPicker({ onKeys }: { readonly onKeys: (keys: KeyList | undefined) => void }) {
  const [text, setText] = useState('');
  const [picked, setPicked] = useState<PickedFile>();
  const [problem, setProblem] = useState<string>();
  const isText = useCatalogue().data?.contacts.key_type === 'text';
  const choose = (next: PickedFile | undefined): void => {
    setPicked(next);
    onKeys(
      next && keysOfFile(next.file, { delimiter: next.head.delimiter, column: next.column, hasHead: next.hasHead }),
    );
  };
  const type = (typed: string): void => {
    setText(typed);
    setPicked(undefined);
    onKeys(typed.trim() === '' ? undefined : keysOfText(typed, isText));
  };
  const open = async (file: File | undefined): Promise<void> => {
    setProblem(undefined);
    if (!file) return;
    const head = await readCsvHead(file);
    const [first] = head.rows;
    if (!first) {
      choose(undefined);
      setProblem('The file is empty.');
      return;
    }
    setText('');
    choose({
      file,
      head,
      column: likelyColumn(first),
      hasHead: first.some((name) => /[a-z]/i.test(name)) && head.rows.length > 1,
    });
  };
  const [first = [], ...others] = picked?.head.rows ?? [];
  const example = picked ? ((picked.hasHead ? others[0] : first)?.[picked.column] ?? '') : '';
  return (
    <div class="key-picker">
      <label>
        Keys of contacts, one a line
        <textarea
          class="code"
          rows={6}
          spellcheck={false}
          value={text}
          onInput={({ currentTarget }) => type(currentTarget.value)}
        />
      </label>
      <label>
        Or a CSV file
        <input
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          onChange={({ currentTarget }) => void open(currentTarget.files?.[0])}
        />
      </label>
      {problem !== undefined && <p role="alert">{problem}</p>}
      {picked && (
        <>
          <label>
            Column with the keys
            <select
              value={picked.column}
              onChange={({ currentTarget }) => choose({ ...picked, column: Number(currentTarget.value) })}
            >
              {first.map((name, n) => (
                <option key={n} value={n}>
                  {picked.hasHead && name !== '' ? name : `Column ${n + 1}`}
                </option>
              ))}
            </select>
          </label>
          <label class="tick">
            <input
              type="checkbox"
              checked={picked.hasHead}
              onChange={({ currentTarget }) => choose({ ...picked, hasHead: currentTarget.checked })}
            />
            The first row holds names
          </label>
          <p class="quiet">
            First key: <bdi>{example === '' ? 'none' : example}</bdi>
          </p>
        </>
      )}
    </div>
  );
}

function likelyColumn(names: readonly string[]): number {
  const at = names.findIndex((name) => /^(id|key|contact[ _]?id|uuid)$/i.test(name.trim()));
  return Math.max(0, at);
}
