// `seqrun plan`: what would run, in which order, what is left out and why. Starts nothing and writes nothing.
import { relative } from 'node:path';
import type { Leaf, Unit } from '../../core/plan-types.ts';
import type { Spec } from '../../core/task.ts';
import { count } from '../../core/words.ts';
import { kindsOfLines } from '../../spec/lines.ts';
import { asLastTime } from '../as-last-time.ts';
import { proofLines } from '../banner.ts';
import { EXIT } from '../exit-codes.ts';
import type { Intention } from '../intention.ts';
import type { CommandModule } from '../main.ts';
import { namedFileLines } from '../named-file-lines.ts';
import { isDone, type Mark, openPlan, viewOf } from '../open-plan.ts';
import { isSelectionError, selectionNotes } from '../selection.ts';
import { diagnosticFailure } from '../task-file.ts';
import { bold, cyan, dim, green, type Piece, red } from '../text.ts';

/** 0 = there is a plan; 64 = it holds no unit of that name; 65 = tasks.md has errors (the plan is printed all the same); 66 = no such spec. */
export const run: CommandModule['run'] = async (intention, io) => {
  const { console, cwd } = io;
  const whole = await openPlan(intention, io);
  if ('what' in whole) {
    console.fail(whole);
    return whole.exit;
  }
  const { places, name, bytes, spec, plan, diagnostics, state, done, marks } = whole;
  if (intention.settings.json) console.json(viewOf(whole), 2);
  else {
    const folder = relative(cwd, places.spec) || '.';
    const finished = plan.units.filter(unit => isDone(unit, done)).length;
    const played = [...marks.values()].filter(mark => mark === 'rehearsed').length;
    const rehearsed = played > 0 ? `, ${played} of them only rehearsed` : '';
    const left = plan.skipped.length > 0 ? `, ${count(plan.skipped.length, 'task')} left out` : '';
    console.out(
      bold(`Plan of ${folder}`),
      `: ${count(plan.units.length, 'unit')}, ${finished} done${rehearsed}${left}`,
    );
    const backend = intention.settings.backend ?? state?.run?.policy.backend ?? null;
    const workdir = relative(cwd, places.workdir) || '.';
    const mode = modeAsked(intention, backend);
    console.out(
      dim(
        `${backend === null ? '' : `backend ${backend}, `}${mode === null ? '' : `agent mode ${mode}, `}workdir ${workdir}`,
      ),
    );
    // As a run would take it: what was typed for the last one holds until something else is said.
    const meant = asLastTime(intention, state?.run ?? null);
    const { settings, origins } = 'exit' in meant ? intention : meant;
    for (const line of proofLines(plan.units, settings, origins)) console.out(dim(line));
    const orderLine = orderWords(plan.units, settings.order);
    if (orderLine !== null) console.out(dim(orderLine));
    if (spec.because !== null) console.out(dim(`read as ${spec.dialect}: ${spec.because}`));
    const lines = unitLines(plan.units, done, marks, settings.allowTaskCommands);
    if (lines.length > 0) console.out();
    for (const line of lines) console.out(...line);
    if (plan.skipped.length > 0) {
      console.out();
      console.out(bold('Left out'));
    }
    for (const { id, title, because } of plan.skipped) {
      const reason =
        because === 'optional' ? 'optional; --include-optional runs it' : 'not selected by --only, --from, --until';
      console.out('  ', cyan(id), ` ${title} `, dim(`(${reason})`));
    }
  }
  if (intention.settings.verbose && !intention.settings.json) {
    console.out();
    for (const line of namedFileLines(places, intention, cwd)) console.out(...line);
    console.out();
    console.out(bold('Every line, and what it was taken for'));
    for (const line of lineLines(bytes, spec)) console.out(...line);
  }
  for (const note of selectionNotes(plan, intention.settings)) console.say(note);
  for (const diagnostic of diagnostics) console.report(diagnostic.severity, diagnosticFailure(diagnostic, name));
  if (isSelectionError(diagnostics)) return EXIT.usage;
  return diagnostics.some(({ severity }) => severity === 'error') ? EXIT.badInput : EXIT.done;
};

/** The agent mode that somebody asked for, by the call or its settings; an agent's own variables are not looked at here. */
const modeAsked = ({ settings, origins }: Intention, backend: string | null): string | null =>
  origins['agent-mode'] === 'config'
    ? (settings.agentModes[backend ?? ''] ?? settings.agentMode)
    : (settings.agentMode ?? settings.agentModes[backend ?? ''] ?? null);

/** Why the order is as it is, where the file has priorities or they were asked for. */
const orderWords = (units: readonly Unit[], order: 'id' | 'priority'): string | null => {
  const said = units.filter(unit => unit.priority !== undefined).length;
  if (order === 'id')
    return said === 0 ? null : `order=id: ${count(said, 'unit')} with a priority, which --order priority goes by`;
  const none = said === 0 ? '; the file has none' : '';
  return `order=priority: the most urgent of each level first (1 to 5, unsaid 3), then the lowest id${none}`;
};

/** In brackets: without colours it must not be read as a part of the title. */
const markPiece = (mark: Mark | undefined): Piece => {
  switch (mark) {
    case undefined:
      return '';
    case 'done':
      return green(' [done]');
    case 'rehearsed':
      return bold(' [done, but only rehearsed]');
    case 'next':
    case 'running':
      return bold(` [${mark}]`);
    case 'disputed':
      return red(' [done, but its box is open]');
    case 'skipped':
      return dim(' [skipped]');
    case 'failed':
    case 'halted':
    case 'blocked':
      return red(` [${mark}]`);
  }
};

const unitLines = (
  units: readonly Unit[],
  done: ReadonlySet<string>,
  marks: ReadonlyMap<string, Mark>,
  allowed: boolean,
): Piece[][] => {
  const width = `${units.length}`.length;
  return units.flatMap((unit, index) => {
    const order = `${index + 1}`.padStart(width + 2);
    // The brackets keep the place in the order and the unit's own number apart.
    const lines: Piece[][] = [
      [dim(`${order}.`), ' ', cyan(`[${unit.id}]`), ` ${unit.title}`, markPiece(marks.get(unit.id))],
    ];
    const facts = factsOf(unit, done);
    const indent = ' '.repeat(width + 4);
    if (facts !== '') lines.push([indent, dim(facts)]);
    for (const command of unit.verify ?? []) {
      lines.push([indent, dim('verify: '), command, allowed ? '' : dim(' (not run: needs --allow-task-commands)')]);
    }
    return lines;
  });
};

/** `3 subtasks (1 done): 2.1, 2.2, 2.3 · after 1 · by codex · optional left out: 2.4` */
const factsOf = (unit: Unit, done: ReadonlySet<string>): string => {
  const facts: string[] = [];
  const subtasks = unit.leaves.filter(leaf => leaf.id !== unit.id);
  if (subtasks.length > 0) {
    const finished = subtasks.filter(leaf => done.has(leaf.id)).length;
    const some = finished > 0 && finished < subtasks.length ? ` (${finished} done)` : '';
    facts.push(`${count(subtasks.length, 'subtask')}${some}: ${namesOf(subtasks)}`);
  }
  if (unit.dependsOnUnits.length > 0) facts.push(`after ${unit.dependsOnUnits.join(', ')}`);
  const behind = [...(unit.followsUnits ?? []), ...(unit.followsGroups ?? [])];
  if (behind.length > 0) facts.push(`behind ${behind.join(', ')}, as the text says`);
  if (unit.priority !== undefined) facts.push(`level ${unit.level}, priority ${unit.priority}`);
  if (unit.agent !== null) facts.push(`by ${unit.agent}`);
  if (unit.optionalLeft.length > 0) facts.push(`optional left out: ${unit.optionalLeft.join(', ')}`);
  facts.push(...proofFacts(unit));
  return facts.join(' · ');
};

/** What its text says of how it is proved: a wrong guess should be seen before anything runs. */
const proofFacts = ({ checkpoint, expects, mayStayRed, docs, noChange }: Unit): string[] => [
  ...(checkpoint ? ['checkpoint'] : []),
  ...(expects === 'red' ? ['its test is to fail'] : []),
  ...(mayStayRed ? ['writes tests: a gate may stay red'] : []),
  ...(expects === 'green' && !checkpoint ? ['its tests must pass'] : []),
  ...(docs ? ['documentation only'] : []),
  ...(noChange && !checkpoint && expects !== 'green' ? ['may need no change'] : []),
];

/** `  12 detail of 1.1  |   - look twice` */
const lineLines = (bytes: Uint8Array, spec: Spec): Piece[][] => {
  const lines = new TextDecoder().decode(bytes).split(/\r\n?|\n/);
  const width = `${lines.length}`.length;
  return kindsOfLines(bytes, spec).map(({ kind, of }, index) => {
    const what =
      kind === 'blank' || kind === 'prose'
        ? kind
        : kind === 'task'
          ? `task ${of}`
          : of === null
            ? kind
            : `${kind} of ${of}`;
    const place = `${index + 1}`.padStart(width + 2);
    const said = ` ${what.padEnd(18)} `;
    return [dim(place), kind === 'task' ? cyan(said) : dim(said), (lines[index] ?? '').replaceAll('\t', '    ')];
  });
};

const NAMES_MAX = 12;

const namesOf = (leaves: readonly Leaf[]): string => {
  const names = leaves.slice(0, NAMES_MAX).map(leaf => leaf.id);
  return leaves.length > NAMES_MAX ? `${names.join(', ')}, …` : names.join(', ');
};
