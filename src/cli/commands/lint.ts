// `seqrun lint`: everything that seqrun noticed in a task file, all at once. Starts nothing and writes nothing.
import { makePlan } from '../../core/plan.ts';
import { strictly } from '../../core/strict.ts';
import { count } from '../../core/words.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandModule } from '../main.ts';
import { namedFileLines } from '../named-file-lines.ts';
import { planOptionsOf } from '../plan-options.ts';
import { diagnosticFailure, openTaskFile, withSource } from '../task-file.ts';
import { bold, dim } from '../text.ts';

/** 0 = no error (warnings are none, but with --strict); 65 = errors; 66 = no such spec. */
export const run: CommandModule['run'] = async (intention, { console, cwd }) => {
  const file = await openTaskFile(intention, cwd);
  if ('what' in file) {
    console.fail(file);
    return file.exit;
  }
  const { name, bytes, spec } = file;
  const ofPlan = makePlan(spec, planOptionsOf(intention.settings)).diagnostics;
  const diagnostics = withSource(strictly(intention.settings.strict, spec, [...spec.diagnostics, ...ofPlan]), bytes);
  const counts = (['error', 'warning', 'info'] as const).map(
    severity => [severity, diagnostics.filter(one => one.severity === severity).length] as const,
  );
  const errors = counts[0]![1];
  if (intention.settings.json) {
    console.json({ dialect: spec.dialect, because: spec.because, tasks: spec.tasks.length, diagnostics }, 2);
  } else {
    for (const diagnostic of diagnostics) console.report(diagnostic.severity, diagnosticFailure(diagnostic, name));
    const said = counts
      .filter(([, many]) => many > 0)
      .map(([severity, many]) => (severity === 'info' ? `${many} for information` : count(many, severity)));
    console.out(bold(name), `: ${count(spec.tasks.length, 'task')}, ${said.join(', ') || 'nothing to complain of'}`);
    if (spec.because !== null) console.out(dim(`read as ${spec.dialect}: ${spec.because}`));
    if (intention.settings.verbose) {
      for (const line of namedFileLines(file.places, intention, cwd)) console.out(...line);
    }
  }
  return errors > 0 ? EXIT.badInput : EXIT.done;
};
