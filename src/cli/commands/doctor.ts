// `seqrun doctor`: what is installed here, and whether a run could start. Starts nothing but `--version` and git, writes nothing.
import { doctorLines } from '../doctor/lines.ts';
import { examine } from '../doctor/look.ts';
import type { CommandModule } from '../main.ts';

/** 0 = a run could start with some agent; else the code that it would end with: 69 no usable agent, 64 the settings, 66 no such spec … */
export const run: CommandModule['run'] = async (intention, io) => {
  const { console } = io;
  const report = await examine(intention, io, intention.command === 'doctor' && intention.named);
  if (intention.settings.json) {
    console.json(report, 2);
    return report.exit;
  }
  for (const line of doctorLines(report)) console.out(...line);
  for (const { severity, exit, what, where, next } of report.findings) {
    console.report(severity, {
      exit: exit ?? 0,
      what,
      where: where === null ? null : { name: where },
      expected: null,
      next,
    });
  }
  console.out(report.exit === 0 ? `a run could start, on ${report.backend}` : 'no run could start');
  return report.exit;
};
