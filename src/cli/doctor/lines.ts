// The report of `seqrun doctor` for people: one aligned line per thing.
import type { Piece } from '../text.ts';
import { bold, dim } from '../text.ts';
import type { AgentReport, DoctorReport } from './report.ts';

/** What was found, without the findings. */
export const doctorLines = (report: DoctorReport): Piece[][] => {
  const { agents, backend, backend_because: because, tmux, git, files, spec, locks } = report;
  const width = Math.max(9, ...agents.map(({ name }) => name.length));
  const line = (name: string, text: string): Piece[] => [bold(name.padEnd(width)), ` ${text}`];
  const under = (text: string): Piece[] => [' '.repeat(width), dim(` ${text}`)];
  return [
    line('seqrun', `${report.seqrun}, node ${report.node.version}`),
    ...agents.flatMap(agent => [
      line(agent.name, agentLine(agent)),
      ...(agent.path === null || agent.mode === null
        ? []
        : [under(`mode ${agent.mode} (${agent.mode_from}): ${agent.mode_means}`)]),
    ]),
    line('backend', because ?? backend ?? 'none'),
    line(
      'tmux',
      tmux.path === null ? 'not found' : `${tmux.version ?? 'unknown'}, ${tmux.windows ? '' : 'no '}windows`,
    ),
    line('git', gitLine(git)),
    line('workdir', files.workdir),
    line('config', files.config ?? 'none'),
    line('state', `${files.state_home}${files.state_home_writable ? '' : ', not writable'}`),
    ...(spec === null
      ? []
      : [
          line(
            'spec',
            `${spec.folder}: ${spec.source === 'nothing' ? 'never run' : `${spec.done} of ${spec.units} units done`}`,
          ),
          ...(spec.last_end === null ? [] : [under(`last run: ${spec.last_end}`)]),
        ]),
    ...(locks.length === 0
      ? [line('locks', 'none held')]
      : locks.map(lock => line('lock', `of the ${lock.of}: process ${lock.pid} (${lock.holder})`))),
  ];
};

const agentLine = (agent: AgentReport): string => {
  if (agent.path === null) return 'not found';
  const measured = agent.compared === null || agent.compared === 'same' ? '' : ` (tried with ${agent.measured})`;
  const version = agent.measured === null ? '' : `${agent.version ?? 'no version'}${measured}, `;
  const login =
    agent.measured === null
      ? ''
      : agent.login_sign === null
        ? 'no sign of a login, '
        : `seems logged in (${agent.login_sign}), `;
  return `${version}${login}${agent.path}`;
};

const gitLine = ({ path, repository, changes }: DoctorReport['git']): string => {
  if (repository === null) return path === null ? 'not found' : 'no repository';
  const changed =
    changes === null ? '' : changes === 0 ? ', clean' : `, ${changes} changed ${changes === 1 ? 'file' : 'files'}`;
  return `${repository}${changed}`;
};
