// Makes the room of a new dialect of task files: `node scripts/new-dialect.mjs my-tool "numbered boxes with @owner"`. Writes
// src/spec/dialects/<name>.ts, its name into names.ts and its line into index.ts; what is left to do is printed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src', 'spec', 'dialects');
const [name, about] = process.argv.slice(2);
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name ?? '') || !about || about.length > 90) {
  process.stderr.write(
    'expected a name in lower case and one line about it, at most 90 characters: node scripts/new-dialect.mjs my-tool "numbered boxes with @owner"\n',
  );
  process.exit(64);
}
const file = join(folder, `${name}.ts`);
if (existsSync(file)) {
  process.stderr.write(`${file} is there already\n`);
  process.exit(64);
}
const variable = name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const edit = (path, change) => {
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${path} does not look as this script knows it`);
  return () => writeFileSync(path, after);
};
/** In the order in which the others stand, which the linter wants. */
const addImport = text => {
  const lines = text.split('\n');
  const after = lines.findIndex(one => (/ from '\.\/(.*)\.ts';$/.exec(one)?.[1] ?? '') > name);
  if (after < 0) return text;
  lines.splice(after, 0, `import { ${variable} } from './${name}.ts';`);
  return lines.join('\n');
};
const edits = [
  edit(join(folder, 'names.ts'), text => text.replace(/ {2}'headings',\n/, `  '${name}',\n$&`)),
  edit(join(folder, 'index.ts'), text => addImport(text).replace(/ {2}headings,\n/, `  ${variable},\n$&`)),
];
writeFileSync(
  file,
  `// ${name}: ${about}.
import { countLines } from '../document.ts';
import { type Dialect, matchBy, readItems } from './dialect.ts';

export const ${variable}: Dialect = {
  name: '${name}',
  about: ${JSON.stringify(about).replaceAll("'", "\\'").replace(/^"|"$/g, "'")},
  // What only this dialect has; 10 points and more beat the dialects that look alike.
  score: document => matchBy(countLines(document, /@[a-z]+\\b/), 1, 10, 'lines with an @owner'),
  read: readItems(),
};
`,
);
for (const write of edits) write();
process.stdout.write(
  `${file}\nnext: put what shows the dialect into \`score\`, add a sample to test/spec/dialects.test.ts, then npm run check\n`,
);
