/**
 * Examples of every verb, as a person types them. The keys are those of the sample shop, so each runs after `segmentd dev`.
 * A test parses all of them and runs those that only read. `help-text.ts` prints them.
 */

const SPAIN = `echo '{"==": [{"var": "country"}, "ES"]}'`;

/** By verb; those of a verb under another, such as `schedule add`, stand with the other. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  dev: ['segmentd dev', 'segmentd dev --for 20s --no-traffic'],
  rank: ['segmentd rank', 'segmentd rank monetary --wait'],
  init: ['segmentd init', 'segmentd init --contacts public.customers --print'],
  migrate: ['segmentd migrate'],
  install: ['segmentd install --dry-run', 'segmentd install --indexes'],
  uninstall: ['segmentd uninstall --print'],
  doctor: ['segmentd doctor', 'segmentd doctor --strict --json'],
  completion: [
    'segmentd completion bash >> ~/.bashrc',
    'segmentd completion zsh >> ~/.zshrc',
    'segmentd completion fish > ~/.config/fish/completions/segmentd.fish',
  ],

  create: [
    `${SPAIN} | segmentd create spain --condition -`,
    'segmentd create chosen --kind static --name "Chosen one by one"',
  ],
  edit: [
    `${SPAIN} | segmentd edit iberia --condition - --dry-run`,
    'segmentd edit iberia --name "Spain and Portugal" --tag country',
  ],
  preview: [`${SPAIN} | segmentd preview --condition -`, 'segmentd preview iberia --sample 3'],
  fields: ['segmentd fields', 'segmentd fields --for react-querybuilder > fields.json'],
  duplicate: ['segmentd duplicate iberia iberia_test'],
  restore: ['segmentd restore iberia', 'segmentd restore iberia --to 1 --wait'],
  delete: ['segmentd delete names'],
  pause: ['segmentd pause iberia'],
  resume: ['segmentd resume iberia'],
  archive: ['segmentd archive names'],
  apply: ['segmentd apply segments --dry-run', 'segmentd apply segments --prune'],
  pull: ['segmentd pull segments'],
  add: ['segmentd add chosen 1 2 3', 'segmentd add chosen --file keys.txt --note "of the fair"'],
  remove: ['segmentd remove chosen 2'],
  include: ['segmentd include iberia 7 --note "asked for it" --until 2027-01-01'],
  exclude: ['segmentd exclude iberia 7'],
  reset: ['segmentd reset iberia 7'],

  list: ['segmentd list', 'segmentd list --search country'],
  show: ['segmentd show iberia'],
  describe: ['segmentd describe iberia', `${SPAIN} | segmentd describe --condition -`],
  members: [
    'segmentd members iberia --limit 5',
    'segmentd members iberia --columns email,first_name,orders.count --limit 5',
  ],
  explain: ['segmentd explain iberia 1'],
  status: ['segmentd status', 'segmentd status iberia'],
  history: ['segmentd history iberia --days 7'],
  'as-of': ['segmentd as-of iberia "2026-11-30 12:00" --count'],
  overlap: ['segmentd overlap iberia vip'],
  'segments-of': ['segmentd segments-of 1'],
  overrides: ['segmentd overrides iberia'],
  versions: ['segmentd versions iberia', 'segmentd versions iberia 1 2'],
  'where-used': ['segmentd where-used vip'],
  sql: ['segmentd sql iberia', 'segmentd sql iberia --contact 1 2', 'segmentd sql iberia | psql "$DATABASE_URL"'],

  export: [
    'segmentd export iberia --columns contact_id,email,orders.count',
    'segmentd export iberia --format parquet --to iberia.parquet',
    'mkdir -p files && segmentd export iberia --delta mail --to files/',
  ],
  schedule: [
    'segmentd schedule add iberia --cron "0 6 * * *" --columns contact_id,email',
    'segmentd schedule list',
    'segmentd schedule edit 1 --cron "0 7 * * 1-5" --gzip',
    'segmentd schedule pause 1',
    'segmentd schedule resume 1',
    'segmentd schedule run 1 --wait',
    'segmentd schedule runs 1 --limit 5',
    'segmentd schedule remove 1',
  ],
  feed: ['segmentd feed --consumer mail --from start', 'segmentd feed --consumer mail --segment iberia vip --follow'],

  run: ['segmentd run', 'segmentd run --once', 'segmentd run --http 0.0.0.0:9464 --log-level warn'],
  serve: ['segmentd serve', 'segmentd serve --listen 8080 --role editor'],
  token: [
    'segmentd token add reporting --role viewer --days 90',
    'segmentd token list',
    'segmentd token remove reporting',
  ],
  audit: ['segmentd audit --segment spain', 'segmentd audit --actor ana@example.com --json'],
  wait: ['segmentd wait', 'segmentd wait iberia --timeout 10s'],
  rebuild: ['segmentd rebuild iberia --wait', 'segmentd rebuild --all'],
  verify: ['segmentd verify', 'segmentd verify iberia --repair'],
  forget: ['segmentd forget 7'],
  'grant-reader': ['segmentd grant-reader metabase --columns all --print'],
};
