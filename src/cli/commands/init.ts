// `seqrun init`: looks at a repository and writes a first settings file; with --skill, what tells coding agents how to call seqrun.
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { createFile, findExecutable, findTopLevel, packageFile, readSkill, specsIn } from '../../compose/init.ts';
import { readConfigFile } from '../config-file.ts';
import type { Failure } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { AGENT_CLIS } from '../flags.ts';
import { gatesFound } from '../init/gates-found.ts';
import { skillText } from '../init/skill-text.ts';
import { startingConfig } from '../init/starting-config.ts';
import type { Intention } from '../intention.ts';
import type { CommandModule, Io } from '../main.ts';
import { shellWord } from '../spec-words.ts';

/** YAML, since it can say why in comments. */
const settingsName = 'seqrun.config.yaml';
const schemaName = 'seqrun.schema.json';

/** Where agents look for skills in a project: Claude Code, OpenCode; Codex, OpenCode and others. */
const SKILL_FILES = ['.claude/skills/seqrun/SKILL.md', '.agents/skills/seqrun/SKILL.md'] as const;

/** 0 = written, or all there already; 64 = there are settings already; 73 = it cannot be written. Never writes over a file of the user's. */
export const run: CommandModule['run'] = async (intention, io) => {
  const { console, cwd } = io;
  const typed = intention.settings.workdir;
  const workdir = typed === null ? ((await findTopLevel(cwd)) ?? cwd) : resolve(cwd, typed);
  const withSkill = intention.command === 'init' && intention.skill;
  const refuse = (failure: Failure): number => {
    console.fail(failure);
    return failure.exit;
  };
  if (!existsSync(workdir)) return refuse(missingFolder(workdir));
  const there = readConfigFile(null, workdir);
  if (there !== null && !withSkill) return refuse('exit' in there ? there : settingsThere(there.path));
  const config = there === null ? await writeSettings(workdir, io) : null;
  if (config !== null && 'exit' in config) return refuse(config);
  const skills = withSkill ? await writeSkills(workdir, io) : [];
  if ('exit' in skills) return refuse(skills);
  if (intention.settings.json) {
    console.json(
      { workdir, config: config?.path ?? null, schema: config?.schema ?? null, found: config?.found ?? null, skills },
      2,
    );
    return EXIT.done;
  }
  const name = (path: string): string => relative(cwd, path) || path;
  if (config !== null) {
    console.out({ style: 'bold', text: `${name(config.path)} (new)` });
    for (const line of config.text.trimEnd().split('\n')) console.out(`  ${line}`);
    if (config.schema !== null) console.out(`${name(config.schema)} (for editors)`);
  } else console.say(`${name(pathOf(there!))} is there already and stays as it is`);
  for (const { path, state } of skills) console.out(`${name(path)} (${state})`);
  for (const line of nextLines(config?.found.specs ?? [], workdir, intention, cwd)) console.say(line);
  return EXIT.done;
};

const pathOf = (file: { path: string } | Failure): string => ('path' in file ? file.path : (file.where?.name ?? '?'));

interface Written {
  path: string;
  text: string;
  /** The schema that was written beside it, or null. */
  schema: string | null;
  found: { specs: string[]; agents: string[]; gates: ReturnType<typeof gatesFound> };
}

const writeSettings = async (workdir: string, { env, cwd }: Io): Promise<Written | Failure> => {
  const specs = await specsIn(workdir);
  const agents: string[] = [];
  for (const name of AGENT_CLIS) if ((await findExecutable(name, env.PATH, cwd)) !== null) agents.push(name);
  const gates = gatesFound(name => {
    try {
      return readFileSync(join(workdir, name), 'utf8');
    } catch {
      return null;
    }
  });
  const found = { specs, agents, gates };
  const schema = await schemaFor(workdir);
  const text = startingConfig({ ...found, schema: schema && `./${relative(workdir, schema.path)}` });
  const path = join(workdir, settingsName);
  const made = await createFile(path, text);
  if (made === 'made') return { path, text, schema: schema?.isCopy ? schema.path : null, found };
  return made === 'exists' ? settingsThere(path) : unwritable(path, made.reason);
};

/** What an editor checks the settings with: the installed package's where it lies in the workdir, else a copy in `.seqrun/`. */
const schemaFor = async (workdir: string): Promise<{ path: string; isCopy: boolean } | null> => {
  const own = packageFile('dist', schemaName);
  if (relative(workdir, own).startsWith('node_modules')) return { path: own, isCopy: false };
  // A build without it: editors complete nothing then; the settings hold all the same.
  if (!existsSync(own)) return null;
  try {
    const copy = join(workdir, '.seqrun', schemaName);
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(own, copy);
    return { path: copy, isCopy: true };
  } catch {
    return null;
  }
};

interface Skill {
  path: string;
  state: 'new' | 'as before';
}

const writeSkills = async (workdir: string, { env, cwd }: Io): Promise<Skill[] | Failure> => {
  const text = skillText(await readSkill(), await callOf(workdir, env, cwd));
  const skills: Skill[] = [];
  for (const file of SKILL_FILES) {
    const path = join(workdir, file);
    const made = await createFile(path, text);
    if (typeof made === 'object') return unwritable(path, made.reason);
    if (made === 'exists' && (await readFile(path, 'utf8').catch(() => null)) !== text)
      return skillThere(path, workdir);
    skills.push({ path, state: made === 'made' ? 'new' : 'as before' });
  }
  return skills;
};

/** How seqrun is called here, so that it works when an agent types it in the workdir. */
const callOf = async (workdir: string, env: Io['env'], cwd: string): Promise<string> => {
  if (existsSync(join(workdir, 'node_modules', '.bin', 'seqrun'))) return 'npx seqrun';
  if ((await findExecutable('seqrun', env.PATH, cwd)) !== null) return 'seqrun';
  return `node ${shellWord(packageFile('dist', 'seqrun.cjs'))}`;
};

const nextLines = (specs: readonly string[], workdir: string, intention: Intention, cwd: string): string[] => {
  const [first] = specs;
  if (first !== undefined) {
    const spec = relative(cwd, join(workdir, first)) || '.';
    return [`next: seqrun plan --spec ${shellWord(spec)}`, `then: seqrun --spec ${shellWord(spec)}`];
  }
  const skill = intention.command === 'init' && intention.skill ? [] : ['for coding agents: seqrun init --skill'];
  return ['next: seqrun config shows what holds', ...skill];
};

const missingFolder = (workdir: string): Failure => ({
  exit: EXIT.missingInput,
  what: 'the workdir does not exist',
  where: { name: workdir },
  expected: 'a folder',
  next: 'seqrun init --workdir .',
});

const settingsThere = (path: string): Failure => ({
  exit: EXIT.usage,
  what: 'there are settings already, and they are not overwritten',
  where: { name: path },
  expected: 'a folder without any',
  next: 'seqrun config shows what holds and where it comes from; seqrun init --skill adds the agent skill',
});

const skillThere = (path: string, workdir: string): Failure => ({
  exit: EXIT.usage,
  what: 'there is another skill of that name already, and it is not overwritten',
  where: { name: path },
  expected: 'none, or the one of this version of seqrun',
  next: `look at it, then: rm ${shellWord(relative(workdir, path))} && seqrun init --skill`,
});

const unwritable = (path: string, reason: string): Failure => ({
  exit: EXIT.unwritable,
  what: `${relative(dirname(path), path)} cannot be written: ${reason}`,
  where: { name: path },
  expected: 'a folder that this user may write',
  next: `ls -ld ${shellWord(dirname(path))}`,
});
