// What the bundles hold of other people's packages, and the text of their licenses.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders of the packages with at least one byte in an output, from esbuild's metafiles; relative to the root, sorted by name. */
export const bundledPackages = metafiles => {
  const inputs = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(output => Object.entries(output.inputs));
  const folders = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0])
    .filter(folder => folder !== undefined);
  const named = [...new Set(folders)].map(folder => [folder.slice(folder.lastIndexOf('node_modules/') + 13), folder]);
  return named.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, folder]) => folder);
};

/** One package: what it is, and the text that has to go with it. Throws where nothing says under which terms it may be passed on. */
const licenseOf = async folder => {
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder)).filter(name => /^(licen[cs]e|notice|copying)([.-].*)?$/i.test(name)).sort();
  const texts = await Promise.all(files.map(name => readFile(join(folder, name), 'utf8')));
  if (texts.length === 0 || !about.license) throw new Error(`${about.name} is bundled and has no license file`);
  return {
    name: about.name,
    version: about.version,
    license: about.license,
    text: texts.map(text => text.trim()).join('\n\n'),
  };
};

/** The file that goes with the bundles. Packages with the same text share it. */
export const licensesText = async (root, folders) => {
  const packages = await Promise.all(folders.map(folder => licenseOf(join(root, folder))));
  const byText = new Map();
  for (const one of packages) byText.set(one.text, [...(byText.get(one.text) ?? []), one]);
  const parts = [...byText].map(([text, those]) => {
    const names = those.map(({ name, version, license }) => `${name} ${version} (${license})`);
    return `${names.join('\n')}\n\n${text}\n`;
  });
  return `The files of seqrun hold parts of these packages.\n\n${parts.map(part => `${'-'.repeat(78)}\n${part}`).join('\n')}`;
};
